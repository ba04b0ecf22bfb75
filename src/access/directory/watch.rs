//! Looks from time to time whether those of the directory who are signed in are still there:
//! whoever is gone, locked or in none of the groups any more is signed out, and whose groups give
//! another role has that role. When nobody answers, nothing is done: a directory that is down is
//! no reason to send a ward away from its work.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::accounts::{self, Account, Comer, Origin};
use super::ldap::{Line, Trouble};
use super::link::{self, DirectoryLink, Ready};
use super::mapping::Rule;
use super::person::{self, Found, Person};
use crate::access::error::AccessError;
use crate::access::sessions;
use crate::platform::ledger::Desk;
use crate::vocab::actor::Call;

/// How often.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// People who are looked up in one round; the others come first in the next.
const PEOPLE_MAX: i64 = 500;
/// The longest that a round may take.
const ROUND_MAX: Duration = Duration::from_secs(300);

/// The thread that looks; ends when it is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(desk: &Desk, link: &DirectoryLink) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let (desk, link) = (desk.clone(), link.clone());
        let thread = std::thread::Builder::new()
            .name("directory-watch".to_owned())
            .spawn(move || run(&desk, &link, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Not waited for: a round that asks a silent directory ends by itself and changes nothing
        // more, because the store is closed.
        drop(self.thread.take());
    }
}

fn run(desk: &Desk, link: &DirectoryLink, stopped: &Receiver<()>) {
    let mut after = 0;
    loop {
        match stopped.recv_timeout(EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        match look(desk, link, after) {
            Ok(round) => after = round.last,
            Err(cause) => tracing::warn!("Accounts of the directory were not looked up: {cause}"),
        }
    }
}

/// What a round came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Where the next one goes on; 0 if it begins anew.
    pub last: i64,
    /// People who were looked up.
    pub seen: usize,
    /// Those who were signed out.
    pub ended: usize,
}

/// Looks up those who are signed in, beginning after the account `after`.
///
/// # Errors
/// The directory does not answer; what the store says.
pub fn look(desk: &Desk, link: &DirectoryLink, after: i64) -> Result<Round, AccessError> {
    let Some(ready) = link.current() else { return Ok(Round::default()) };
    let now = desk.now();
    let people = desk
        .store()
        .read(desk.screen_deadline(), |tx| accounts::signed_in(tx, (after, PEOPLE_MAX), now))?;
    let mut round = Round::default();
    if people.is_empty() {
        return Ok(round);
    }
    let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(2).build();
    let runtime = runtime.map_err(AccessError::errands)?;
    let full = i64::try_from(people.len()) == Ok(PEOPLE_MAX);
    round.last = people.last().copied().filter(|_| full).unwrap_or(0);
    let asked = runtime.block_on(async {
        let work = ask_all(desk, link, &ready, &people);
        let late = || Trouble::Silent("The directory".to_owned());
        timeout(ROUND_MAX, work).await.map_err(|_| late())?
    });
    runtime.shutdown_background();
    link.note(desk, asked.as_ref().err());
    let verdicts = asked.map_err(|_| AccessError::DirectorySilent)?;
    round.seen = verdicts.len();
    for (account, verdict) in verdicts {
        round.ended += usize::from(carry_out(desk, account, verdict)?);
    }
    Ok(round)
}

/// What the directory says of an account.
enum Verdict {
    /// They may work on, as this.
    Stays(Box<Person>, Rule),
    /// They may not.
    Goes,
}

async fn ask_all(
    desk: &Desk,
    link: &DirectoryLink,
    ready: &Ready,
    people: &[i64],
) -> Result<Vec<(Account, Verdict)>, Trouble> {
    let mut line = link.open(ready).await?;
    let mut verdicts = Vec::new();
    for id in people {
        let account = desk.store().read(desk.screen_deadline(), |tx| accounts::by_id(tx, *id));
        let account = account.map_err(|cause| Trouble::Strange(cause.to_string()))?;
        let Some(account) = account else { continue };
        let verdict = ask(&mut line, ready, &account).await?;
        verdicts.push((account, verdict));
    }
    Ok(verdicts)
}

async fn ask(line: &mut Line, ready: &Ready, account: &Account) -> Result<Verdict, Trouble> {
    // Handed over and not yet known there: the session is from before.
    let Some(id) = &account.external_id else { return Ok(Verdict::Goes) };
    match person::by_id(line, &ready.settings, id).await? {
        Found::One(person) if !person.disabled => {
            let rule = link::role(line, &ready.settings, &person).await?;
            Ok(rule.map_or(Verdict::Goes, |rule| Verdict::Stays(person, rule)))
        }
        _ => Ok(Verdict::Goes),
    }
}

/// Does what was said of `account`; whether it was signed out.
fn carry_out(desk: &Desk, account: Account, verdict: Verdict) -> Result<bool, AccessError> {
    let call = Call::new(accounts::acting_for(Origin::Directory), "directory-watch");
    match verdict {
        Verdict::Stays(person, rule) => {
            let comer = comer(*person, rule);
            desk.write_blocking(&call, "directory.refresh", move |work| {
                // As it is now: somebody may have changed it since.
                match accounts::by_id(work.tx(), account.id)? {
                    Some(now) => accounts::refresh(work, &now, &comer),
                    None => Ok(()),
                }
            })?;
            Ok(false)
        }
        Verdict::Goes => {
            let id = account.id;
            desk.write_blocking(&call, "directory.sign_out", move |work| {
                sessions::end_others(work, id, None).map_err(AccessError::from)
            })?;
            Ok(true)
        }
    }
}

/// `person` as they come here.
#[must_use]
pub fn comer(person: Person, rule: Rule) -> Comer {
    let Person { external_id, username, display_name, .. } = person;
    Comer { origin: Origin::Directory, external_id, username, display_name, rule }
}
