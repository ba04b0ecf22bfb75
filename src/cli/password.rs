//! Passwords and keys that the command line is given.

use std::io::{BufRead, IsTerminal, Write};

use super::failure::Failure;

/// One line from standard input: an argument would be seen by everybody on the machine. A person
/// at a terminal is asked for it, and it is not shown.
pub(super) fn read_password(asked: bool) -> Result<String, Failure> {
    if !asked && !std::io::stdin().is_terminal() {
        let detail = "Give the password on standard input with --password-stdin, like: \
             printf '%s' \"$PASSWORD\" | healthflow user add … --password-stdin";
        return Err(Failure::new("cli.password", detail));
    }
    let failed = |cause| Failure::new("cli.password", format!("No password came: {cause}."));
    read_hidden("Password: ").map_err(failed)
}

/// One line from standard input; who sits at a terminal is asked with `words` and does not see
/// what is typed.
pub(super) fn read_hidden(words: &str) -> std::io::Result<String> {
    let input = std::io::stdin();
    let mut line = String::new();
    if input.is_terminal() {
        // Standard output is for the result.
        let mut asked = std::io::stderr();
        write!(asked, "{words}").and_then(|()| asked.flush())?;
        let hidden = Hidden::begin();
        let read = input.lock().read_line(&mut line);
        drop(hidden);
        writeln!(asked)?;
        read?;
    } else {
        input.lock().read_line(&mut line)?;
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal does not show what is typed for as long as this lives, where it can be told so.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Hidden {
    #[cfg(unix)]
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(before) = &before {
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            // A terminal that cannot is shown to whoever sits there, as ever.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &quiet);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn begin() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}
