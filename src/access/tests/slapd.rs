//! A real directory for a test: OpenLDAP's slapd on two loopback ports, in a folder of its own,
//! with a certificate of an authority of its own. It takes no password without TLS.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// The password of everybody in it.
pub(super) const PASSWORD: &str = "six quiet blue whales";
/// The account that looks people up, and its password.
pub(super) const READER: &str = "cn=reader,dc=hospital,dc=example";
pub(super) const READER_PASSWORD: &str = "reads and nothing else";
const ROOT: &str = "cn=root,dc=hospital,dc=example";
const ROOT_PASSWORD: &str = "root of the test";

/// The directory while the test lives.
#[derive(Debug)]
pub(super) struct Slapd {
    child: Child,
    folder: PathBuf,
    /// The port for StartTLS.
    pub(super) port: u16,
    /// The port with TLS from the beginning.
    pub(super) tls_port: u16,
    /// The certificate of its authority.
    pub(super) ca: String,
}

/// A port on which nobody listens.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// An authority, and a certificate and key of it for this machine.
pub(super) fn authority() -> (String, String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&own, &issuer).unwrap();
    (ca, certificate.pem(), own.serialize_pem())
}

fn tool(name: &str) -> Command {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = places.iter().map(|place| PathBuf::from(place).join(name));
    let found = found.into_iter().find(|path| path.exists());
    let found = found.unwrap_or_else(|| {
        panic!("{name} is missing: apt-get install slapd ldap-utils, or run .ci/run")
    });
    Command::new(found)
}

fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("healthflow-slapd-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(path.join("db")).unwrap();
    path
}

fn person(uid: &str, name: &str) -> String {
    format!(
        "dn: uid={uid},ou=people,dc=hospital,dc=example\nobjectClass: inetOrgPerson\nuid: {uid}\n\
         cn: {name}\nsn: {name}\ndisplayName: {name}\nuserPassword: {PASSWORD}\n\n"
    )
}

fn group(name: &str, place: &str, member: &str) -> String {
    format!(
        "dn: cn={name},ou={place},dc=hospital,dc=example\nobjectClass: groupOfNames\n\
         cn: {name}\nmember: {member},dc=hospital,dc=example\n\n"
    )
}

/// Ama is of IT; Kofi is a nurse, and nurses are ward staff; Eve is of another IT elsewhere; Zoe
/// is in no group.
fn people() -> String {
    let mut ldif = "dn: dc=hospital,dc=example\nobjectClass: dcObject\n\
        objectClass: organization\ndc: hospital\no: Hospital\n\n"
        .to_owned();
    for unit in ["people", "groups", "students"] {
        ldif += &format!(
            "dn: ou={unit},dc=hospital,dc=example\nobjectClass: organizationalUnit\nou: {unit}\n\n"
        );
    }
    ldif += &format!(
        "dn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n\
         cn: reader\nuserPassword: {READER_PASSWORD}\n\n"
    );
    for (uid, name) in
        [("ama", "Ama Mensah"), ("kofi", "Kofi Boateng"), ("eve", "Eve Adu"), ("zoe", "Zoe Owusu")]
    {
        ldif += &person(uid, name);
    }
    ldif += &group("it", "groups", "uid=ama,ou=people");
    ldif += &group("nurses", "groups", "uid=kofi,ou=people");
    ldif += &group("ward staff", "groups", "cn=nurses,ou=groups");
    ldif += &group("it", "students", "uid=eve,ou=people");
    ldif
}

impl Slapd {
    /// Starts it with [`people`] in it.
    pub(super) fn start() -> Self {
        let folder = folder();
        let at = |name: &str| folder.join(name).display().to_string();
        let (ca, certificate, key) = authority();
        for (name, text) in [("ca.pem", &ca), ("own.pem", &certificate), ("own.key", &key)] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let config = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
             include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\n\
             moduleload back_mdb\nmoduleload ppolicy\npidfile {pid}\n\
             TLSCACertificateFile {ca}\nTLSCertificateFile {own}\nTLSCertificateKeyFile {key}\n\
             security simple_bind=128\n\
             database mdb\nsuffix dc=hospital,dc=example\nrootdn {ROOT}\n\
             rootpw \"{ROOT_PASSWORD}\"\ndirectory {db}\nmaxsize 16777216\noverlay ppolicy\n\
             access to attrs=userPassword by anonymous auth by * none\n\
             access to * by dn.exact={READER} read by * none\n",
            pid = at("pid"),
            ca = at("ca.pem"),
            own = at("own.pem"),
            key = at("own.key"),
            db = at("db"),
        );
        std::fs::write(folder.join("slapd.conf"), config).unwrap();
        std::fs::write(folder.join("people.ldif"), people()).unwrap();
        let filled = tool("slapadd")
            .args(["-f", &at("slapd.conf"), "-l", &at("people.ldif")])
            .output()
            .unwrap();
        assert!(filled.status.success(), "{filled:?}");
        let (port, tls_port) = (free_port(), free_port());
        let urls = format!("ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}");
        let child = tool("slapd")
            .args(["-d", "0", "-f", &at("slapd.conf"), "-h", &urls])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let slapd = Self { child, folder, port, tls_port, ca };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, tls_port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "slapd does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        slapd
    }

    /// Changes the directory as LDIF says.
    pub(super) fn change(&self, ldif: &str) {
        let mut child = tool("ldapmodify")
            .args(["-x", "-ZZ", "-H", &format!("ldap://127.0.0.1:{}", self.port)])
            .args(["-D", ROOT, "-w", ROOT_PASSWORD, "-e", "relax"])
            .env("LDAPTLS_CACERT", self.folder.join("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(ldif.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    /// Changes one attribute of the person `uid`.
    pub(super) fn change_person(&self, uid: &str, change: &str) {
        let dn = format!("uid={uid},ou=people,dc=hospital,dc=example");
        self.change(&format!("dn: {dn}\nchangetype: modify\n{change}\n"));
    }

    /// Takes the person away and brings back somebody of the same name.
    pub(super) fn replace_person(&self, uid: &str) {
        let dn = format!("uid={uid},ou=people,dc=hospital,dc=example");
        self.change(&format!("dn: {dn}\nchangetype: delete\n"));
        let again = person(uid, "Somebody Else");
        self.change(&again.replacen('\n', "\nchangetype: add\n", 1));
    }

    /// Puts the person `uid` into the group `cn`, or takes them out.
    pub(super) fn member(&self, cn: &str, uid: &str, in_it: bool) {
        let act = if in_it { "add" } else { "delete" };
        self.change(&format!(
            "dn: cn={cn},ou=groups,dc=hospital,dc=example\nchangetype: modify\n{act}: member\n\
             member: uid={uid},ou=people,dc=hospital,dc=example\n"
        ));
    }

    /// Ends it, as a directory that is down.
    pub(super) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
