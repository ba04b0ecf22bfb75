//! What the API's document says of notifications.

use serde_json::Value as Json;

use super::channel::{CHANNELS_MAX, LEVELS, NAME_MAX, SORTS, URL_MAX};
use super::digest::OFTEN;
use super::mail::{SECURITIES, TEXT_MAX};
use super::resource::{NOTIFICATION, NOTIFICATIONS};
use super::words::LANGUAGES;
use crate::access::directory::settings::PASSWORD_MAX;
use crate::access::trust::PEM_MAX;
use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::resource::describe::{Offered, Offers, id};
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "notifications";

/// Describes them.
pub fn describe(document: &mut Document) {
    document
        .tag(TAG, "What somebody who looks after the system has to know, and how they hear it.");
    let codes = ["notify.mail", "notify.refused", "notify.settings", "notify.channel"];
    document.codes(409, &codes);
    Offered::new(&NOTIFICATIONS, Offers::Reads).describe(document);
    mail(document);
    channels(document);
    own(document);
}

fn password() -> Json {
    let about = "The present password of whoever asks; programs of this machine have none";
    schema::described(schema::text(1, PASSWORD_MAX), about)
}

fn sent() -> Json {
    schema::data(schema::object(vec![("sent", schema::boolean(), true)]))
}

fn mail(document: &mut Document) {
    let fields = || {
        vec![
            ("enabled", schema::boolean(), false),
            ("host", schema::text(0, TEXT_MAX), false),
            ("port", schema::integer(0, 65_535), false),
            ("security", schema::words(&SECURITIES), false),
            ("username", schema::nullable(schema::text(0, TEXT_MAX)), false),
            ("from", schema::text(0, TEXT_MAX), false),
            ("ca_pem", schema::nullable(schema::text(0, PEM_MAX)), false),
        ]
    };
    let mut shown: Vec<_> = fields().into_iter().map(|field| (field.0, field.1, true)).collect();
    shown.push(("has_password", schema::boolean(), true));
    shown.push(("version", schema::integer(0, i64::MAX), true));
    let settings = document.schema("MailSettings", schema::object(shown));
    let get = Operation::new(TAG, "getMailSettings", "How mail goes out")
        .needs(READ)
        .answers(200, "The settings; the password is never shown", schema::data(settings.clone()))
        .tagged();
    document.add("get", "/api/v1/mail", get);
    let put = Operation::new(TAG, "setMailSettings", "Set how mail goes out")
        .needs(WRITE)
        .if_match()
        .takes(schema::body(vec![
            ("settings", schema::object(fields()), true),
            ("password", schema::text(1, PASSWORD_MAX), false),
            ("current_password", password(), false),
        ]))
        .answers(200, "The settings after the change", schema::data(settings))
        .refuses(&[404, 412, 428]);
    document.add("put", "/api/v1/mail", put);
    let test = Operation::new(TAG, "testMail", "Send a letter now and see what comes of it")
        .needs(WRITE)
        .takes(schema::body(vec![
            ("to", schema::text(3, TEXT_MAX), true),
            ("language", schema::words(&LANGUAGES), false),
        ]))
        .answers(200, "The mail server has taken it", sent())
        .refuses(&[409]);
    document.add("post", "/api/v1/mail/test", test);
}

fn channels(document: &mut Document) {
    let here = "/api/v1/notification-channels";
    let key = || schema::described(schema::text(1, 40), "By what it is known");
    let secret = schema::nullable(schema::text(1, 100));
    let secret = schema::described(secret, "What webhooks are signed with; shown once, when made");
    let channel = schema::object(vec![
        ("key", key(), true),
        ("name", schema::text(1, NAME_MAX), true),
        ("sort", schema::words(&SORTS), true),
        ("level", schema::words(&LEVELS), true),
        ("language", schema::words(&LANGUAGES), true),
        ("host", schema::any_text(), true),
        ("signing_secret", secret, true),
    ]);
    let all = schema::object(vec![
        ("channels", schema::list(channel, Some(CHANNELS_MAX)), true),
        ("version", schema::integer(0, i64::MAX), true),
    ]);
    let all = document.schema("NotificationChannels", all);
    let get = Operation::new(TAG, "getChannels", "The chats and programs that are told")
        .needs(READ)
        .answers(200, "The channels; where they lead is not shown", schema::data(all.clone()))
        .tagged();
    document.add("get", here, get);
    let url = schema::described(schema::text(1, URL_MAX), "Left out to keep the one that is kept");
    let typed = schema::object(vec![
        ("key", schema::described(key(), "Left out for a new one"), false),
        ("name", schema::text(1, NAME_MAX), true),
        ("sort", schema::words(&SORTS), true),
        ("level", schema::words(&LEVELS), true),
        ("language", schema::words(&LANGUAGES), true),
        ("url", url, false),
    ]);
    let put = Operation::new(TAG, "setChannels", "Set the chats and programs that are told")
        .detail(
            "A webhook gets `{type, hospital, notifications}` by POST, signed as Standard Webhooks \
             1.0 says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). Answer with 2xx \
             within ten seconds; anything else is tried again for two days. The same message may \
             come twice, with the same `webhook-id`.",
        )
        .needs(WRITE)
        .if_match()
        .takes(schema::body(vec![
            ("channels", schema::list(typed, Some(CHANNELS_MAX)), true),
            ("current_password", password(), false),
        ]))
        .answers(200, "The channels after the change", schema::data(all))
        .refuses(&[404, 409, 412, 428]);
    document.add("put", here, put);
    let test = Operation::new(TAG, "testChannel", "Send a message now and see what comes of it")
        .needs(WRITE)
        .takes(schema::body(vec![("key", key(), true)]))
        .answers(200, "The other end has taken it", sent())
        .refuses(&[409]);
    document.add("post", "/api/v1/notification-channels/test", test);
}

fn own(document: &mut Document) {
    let here = "/api/v1/users/current/notifications";
    let time = || schema::nullable(schema::text(5, 5));
    let mut fields = vec![
        ("email", schema::nullable(schema::text(0, TEXT_MAX)), false),
        ("level", schema::words(&LEVELS), true),
        ("quiet_from", schema::described(time(), "Hours and minutes, hospital's time"), false),
        ("quiet_until", schema::described(time(), "Hours and minutes, hospital's time"), false),
        ("language", schema::words(&LANGUAGES), true),
        ("digest", schema::words(&OFTEN), true),
    ];
    let body = schema::body(fields.clone());
    for field in &mut fields {
        field.2 = true;
    }
    fields.extend([
        ("seen_at", schema::time(), true),
        ("unseen", schema::described(schema::integer(0, 100), "Counted up to 100"), true),
        ("mail_is_set", schema::described(schema::boolean(), "Whether mail goes out"), true),
        ("version", schema::integer(0, i64::MAX), true),
    ]);
    let own = document.schema("OwnNotifications", schema::object(fields));
    let get = Operation::new(TAG, "getOwnNotifications", "How whoever asks wants to be told")
        .needs(READ)
        .answers(200, "That, and how many are new to them", schema::data(own.clone()))
        .tagged();
    document.add("get", here, get);
    let put = Operation::new(TAG, "setOwnNotifications", "Say how you want to be told")
        .needs(READ)
        .if_match()
        .takes(body)
        .answers(200, "It after the change", schema::data(own.clone()))
        .refuses(&[404, 412, 428]);
    document.add("put", here, put);
    let seen = Operation::new(TAG, "sawNotifications", "Note what you have seen")
        .needs(READ)
        .takes(schema::body(vec![("until", schema::time(), true)]))
        .answers(200, "It after that", schema::data(own));
    document.add("post", &format!("{here}/seen"), seen);
    let ordered = schema::object(vec![("id", id(NOTIFICATION), true)]);
    let test = Operation::new(TAG, "testOwnNotifications", "Send yourself a message")
        .needs(READ)
        .answers(202, "It is on its way", schema::data(ordered))
        .refuses(&[409]);
    document.add("post", &format!("{here}/test"), test);
}
