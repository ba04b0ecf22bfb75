//! What the settings about encryption add up to.

use super::*;
use crate::config::tls::TlsSource;

fn config(flags: &[(Key, &str)]) -> Result<Config, ConfigError> {
    let mut given = sources(Path::new("/srv"));
    given.flags.values = flags.iter().map(|(key, text)| (*key, OsString::from(text))).collect();
    Config::from_sources(&given)
}

#[test]
fn the_network_is_encrypted_and_this_machine_is_not_until_told() {
    let (files, word) = ([(Key::TlsCertificate, "c.pem"), (Key::TlsKey, "k.pem")], Key::Tls);
    for (listen, more, expected) in [
        ("127.0.0.1:1", &[][..], "off"),
        ("[::1]:1", &[], "off"),
        ("[::ffff:127.0.0.1]:1", &[], "off"),
        ("localhost:1", &[], "off"),
        ("0.0.0.0:1", &[], "on"),
        ("[::]:1", &[], "on"),
        ("10.0.0.5:1", &[], "on"),
        ("127.0.0.1:1", &[(word, "on")], "on"),
        ("0.0.0.0:1", &[(word, "off")], "off"),
        ("127.0.0.1:1", &files, "files"),
        ("0.0.0.0:1", &files, "files"),
    ] {
        let flags = [&[(Key::Listen, listen)], more].concat();
        let config = config(&flags).unwrap();
        assert_eq!(config.tls.source.word(), expected, "{flags:?}");
        assert_eq!(
            config.settings()[Key::Tls as usize].value,
            if more.contains(&(word, "off")) { "off" } else { expected }
        );
    }
    let with_files = config(&files).unwrap();
    let expected = TlsSource::Files { certificate: "/srv/c.pem".into(), key: "/srv/k.pem".into() };
    assert_eq!(with_files.tls.source, expected);
}

#[test]
fn one_file_without_the_other_is_refused_with_its_key() {
    for (flags, told) in [
        (&[(Key::TlsCertificate, "c.pem")][..], "tls_key (default): The key of the certificate"),
        (&[(Key::TlsKey, "k.pem")], "tls_certificate (default): The certificate of the key"),
        (&[(Key::Tls, "files")], "tls_certificate (default): tls is files, and no certificate"),
        (
            &[(Key::Tls, "yes")],
            "tls (flag --tls): \"yes\" is not allowed. Use auto, on, off or files.",
        ),
        (&[(Key::HostNames, "10.0.0.5")], "host_names (flag --host-names): \"10.0.0.5\" is not"),
    ] {
        let refused = config(flags).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
    let files = [(Key::TlsCertificate, "c.pem"), (Key::TlsKey, "k.pem")];
    let off = config(&[&files[..], &[(Key::Tls, "off")]].concat()).unwrap();
    assert!(off.warnings.concat().contains("not used"), "{:?}", off.warnings);
}

#[test]
fn encrypted_connections_are_counted_with_what_they_take() {
    let plain = config(&[]).unwrap().sizing;
    let encrypted = config(&[(Key::Tls, "on")]).unwrap().sizing;
    assert!(plain.connection_bytes < encrypted.connection_bytes);
    assert!(encrypted.connections_max < plain.connections_max);
}

#[test]
fn browsers_are_bound_for_long_only_where_nothing_else_is_hurt() {
    for (listen, days, foreign, own) in [
        ("0.0.0.0:443", "auto", 365, 1),
        ("0.0.0.0:8475", "auto", 1, 1),
        ("0.0.0.0:8475", "0", 0, 0),
        ("0.0.0.0:8475", "30", 30, 30),
    ] {
        let config = config(&[(Key::Listen, listen), (Key::TlsHstsDays, days)]).unwrap();
        let told = (config.tls.hsts_days(true), config.tls.hsts_days(false));
        assert_eq!(told, (foreign, own), "{listen} {days}");
    }
}
