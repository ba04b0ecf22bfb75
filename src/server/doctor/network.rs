//! Who else is there: another process on the data, another program on the port.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::{Finding, Scene};
use crate::server::control;

/// The file that a running process holds locked, with its number inside.
const LOCK_FILE: &str = "healthflow.lock";

/// Another process has the data folder.
pub(super) fn other_process(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "process";
    if !scene.data().is_dir() {
        return None;
    }
    Some(match holder(scene.data()) {
        None => Finding::ok(NAME, "nobody uses the data folder"),
        Some(Some(process)) => {
            Finding::ok(NAME, format!("HealthFlow runs on the data folder as process {process}"))
        }
        Some(None) => Finding::warn(
            NAME,
            "somebody uses the data folder, and its number cannot be read",
            "If no HealthFlow should be running, look for one: ps -C healthflow",
        ),
    })
}

/// Who holds the data folder; the inner `None` is somebody unknown.
pub(super) fn holder(data: &Path) -> Option<Option<u32>> {
    let mut file = File::open(data.join(LOCK_FILE)).ok()?;
    // A shared lock is refused while somebody has it alone, and given back at once.
    match file.try_lock_shared() {
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => None,
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = file.read_to_string(&mut text);
            Some(read.ok().and_then(|_| text.trim().parse().ok()))
        }
    }
}

/// The port is free, or ours.
pub(super) fn port(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "port";
    let listen = scene.listen();
    if let Some(finding) = served(NAME, scene) {
        return Some(finding);
    }
    let finding = match TcpListener::bind(listen).map_err(|cause| (cause.kind(), cause)) {
        Ok(_) => Finding::ok(NAME, format!("{listen} is free")),
        Err((ErrorKind::AddrInUse, _)) => taken(NAME, scene),
        Err((ErrorKind::AddrNotAvailable, _)) => Finding::fail(
            NAME,
            format!("this machine has no address {}", listen.ip()),
            "Use an address of this machine, or 0.0.0.0 for all of them, in --listen.",
        ),
        Err((ErrorKind::PermissionDenied, _)) => Finding::fail(
            NAME,
            format!("this user may not serve on port {}", listen.port()),
            "Use a port from 1024 up, or let the service have CAP_NET_BIND_SERVICE.",
        ),
        Err((_, cause)) => Finding::fail(
            NAME,
            format!("{listen} cannot be served on: {cause}"),
            "Use another address and port in --listen.",
        ),
    };
    Some(finding)
}

/// Where the server of this data folder serves, which flags of its own may have said.
fn served(name: &str, scene: &Scene<'_>) -> Option<Finding> {
    holder(scene.data())?;
    if scene.inside.is_some() {
        return Some(Finding::ok(name, format!("{} is served by this process", scene.listen())));
    }
    let running = control::find(scene.data())?;
    let (listen, address) = (scene.listen(), running.serves.unwrap_or(running.address));
    let mut told = format!("{address} is served by HealthFlow, process {}", running.pid);
    if address.port() != listen.port() {
        told.push_str(&format!(" (by the settings that doctor sees it would be {listen})"));
    }
    Some(Finding::ok(name, told))
}

fn taken(name: &str, scene: &Scene<'_>) -> Finding {
    let listen = scene.listen();
    let other = "End that program, or use another port in --listen.";
    match listener(listen) {
        Some((process, program)) => {
            Finding::fail(name, format!("{listen} is held by {program}, process {process}"), other)
        }
        None => Finding::fail(
            name,
            format!("{listen} is held by a program that this user may not look at"),
            other,
        ),
    }
}

/// Whom the address lets in.
pub(super) fn exposure(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "network";
    let listen = scene.listen();
    Some(if listen.ip().to_canonical().is_loopback() {
        Finding::ok(NAME, "only this machine can reach HealthFlow")
    } else if scene.config.tls.is_on() {
        Finding::ok(NAME, format!("{listen} can be reached from the network, encrypted"))
    } else {
        Finding::warn(
            NAME,
            format!(
                "{listen} can be reached from the network, and TLS IS OFF: passwords and \
                     records can be read by everybody on it"
            ),
            "Take tls = off away, unless a proxy with TLS on a network of its own is in front.",
        )
    })
}

/// Number and name of the process that listens on the port.
#[cfg(target_os = "linux")]
fn listener(listen: SocketAddr) -> Option<(u32, String)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(std::fs::read_to_string);
    let inodes: Vec<String> = tables
        .into_iter()
        .flatten()
        .flat_map(|table| listening_inodes(&table, listen.port()))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let holds = |process: &Path| {
        let files = std::fs::read_dir(process.join("fd")).ok()?;
        let mut targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets.any(|target| inodes.iter().any(|inode| target == Path::new(inode))).then_some(())
    };
    std::fs::read_dir("/proc").ok()?.find_map(|entry| {
        let path = entry.ok()?.path();
        let process = path.file_name()?.to_str()?.parse().ok()?;
        holds(&path)?;
        let program = std::fs::read_to_string(path.join("comm")).ok()?;
        Some((process, program.trim().to_owned()))
    })
}

#[cfg(not(target_os = "linux"))]
fn listener(_: SocketAddr) -> Option<(u32, String)> {
    None
}

/// The inodes of the sockets that listen on `port`, from a table such as `/proc/net/tcp`: number,
/// local address, remote address, state (0A listens), five columns more, inode.
#[cfg(any(target_os = "linux", test))]
fn listening_inodes(table: &str, port: u16) -> Vec<u64> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let local = cells.get(1)?.rsplit_once(':')?.1;
        let ours = u16::from_str_radix(local, 16).ok()? == port && *cells.get(3)? == "0A";
        ours.then(|| cells.get(9)?.parse().ok()).flatten()
    };
    table.lines().skip(1).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_are_found_by_port() {
        let row = |local: &str, state: &str, inode: u32| {
            let queues = "00000000:00000000 00:00000000 00000000  1000        0";
            format!("   0: {local} 00000000:0000 {state} {queues} {inode} 1 0 100 0 0 10 0\n")
        };
        let table = "  sl  local_address rem_address   st tx_queue rx_queue …\n".to_owned()
            + &row("0100007F:211B", "0A", 4711)
            + &row("0100007F:211B", "01", 4712)
            + &row("0100007F:1F90", "0A", 4713);
        assert_eq!(listening_inodes(&table, 8475), [4711]);
        assert_eq!(listening_inodes("", 8475), [0; 0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_holder_of_a_port_is_named() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let (process, program) = listener(socket.local_addr().unwrap()).unwrap();
        assert_eq!(process, std::process::id());
        assert!(!program.is_empty());
    }

    #[test]
    fn the_holder_of_a_folder_is_named_while_it_holds_it() {
        let folder = std::env::temp_dir().join(format!("healthflow-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(holder(&folder), None);
        std::fs::write(folder.join(LOCK_FILE), "4711").unwrap();
        assert_eq!(holder(&folder), None);
        let file = File::options().write(true).open(folder.join(LOCK_FILE)).unwrap();
        file.try_lock().unwrap();
        assert_eq!(holder(&folder), Some(Some(4711)));
        drop(file);
        assert_eq!(holder(&folder), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
