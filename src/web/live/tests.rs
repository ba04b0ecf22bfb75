//! What the hub promises to clients, without sockets.

use std::collections::HashSet;

use super::hub::{BURST_MAX, NoSeat, Seat};
use super::line::{QUEUE_MAX, Taken};
use super::{Bounds, Doubt, Hub, Notice};
use crate::vocab::actor::Actor;

fn actor(session: i64) -> Actor {
    Actor::user(7, "Dr Osei", "clinician", None, Some(session), Vec::new())
}

fn hub() -> Hub {
    Hub::new(Bounds { clients: 3, of_session: 2, topics: 4 })
}

fn follow(seat: &Seat, topics: &[&str]) -> Result<i64, usize> {
    seat.follow(&topics.iter().map(|topic| (*topic).to_owned()).collect::<Vec<_>>())
}

fn notice(seq: i64, topics: &[&str]) -> Notice {
    let topics = topics.iter().map(|topic| (*topic).into()).collect();
    let (id, event) = (format!("con_{seq}"), "amended".to_owned());
    let patient = None;
    Notice { seq, topics, permission: "records.read", patient, kind: "condition", id, event }
}

fn publish(hub: &Hub, notices: &[Notice]) {
    hub.publish(notices, &HashSet::new(), notices.last().map_or(0, |last| last.seq));
}

/// What waits for the client, as `topic seq`.
fn waiting(seat: &Seat) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        match seat.line.take() {
            Taken::Parcel(parcel) => {
                let text = String::from_utf8_lossy(&parcel.frame).into_owned();
                let json: serde_json::Value =
                    serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
                all.push(match json.get("event") {
                    Some(event) => format!("{} {}", event["topic"], event["seq"]).replace('"', ""),
                    None => json.to_string().replace('"', ""),
                });
            }
            Taken::Nothing => return all,
            Taken::Resync => all.push("resync".to_owned()),
            Taken::TooSlow => all.push("too slow".to_owned()),
        }
    }
}

#[test]
fn a_client_gets_what_it_follows_and_nothing_else() {
    let hub = hub();
    let seat = hub.enter(&actor(1)).unwrap();
    let other = hub.enter(&actor(1)).unwrap();
    publish(&hub, &[notice(1, &["conditions"])]);
    assert_eq!(follow(&seat, &["conditions"]), Ok(1), "what came before is behind this number");
    follow(&other, &["patients"]).unwrap();
    publish(&hub, &[notice(2, &["conditions"]), notice(3, &["allergies"])]);
    assert_eq!(waiting(&seat), ["conditions 2"]);
    seat.leave(&["conditions".to_owned(), "never followed".to_owned()]);
    publish(&hub, &[notice(4, &["conditions"])]);
    assert!(waiting(&seat).is_empty() && waiting(&other).is_empty());
    assert_eq!(hub.head(), 4);
}

#[test]
fn of_two_messages_about_one_event_only_the_last_moves_the_place_to_resume_from() {
    let hub = hub();
    let (both, one) = (hub.enter(&actor(1)).unwrap(), hub.enter(&actor(2)).unwrap());
    follow(&both, &["conditions", "patient:a"]).unwrap();
    follow(&one, &["conditions"]).unwrap();
    publish(&hub, &[notice(9, &["conditions", "patient:a"])]);
    assert_eq!(waiting(&both), ["conditions 8", "patient:a 9"]);
    assert_eq!(waiting(&one), ["conditions 9"]);
}

#[test]
fn a_burst_is_one_order_to_fetch_anew_before_everything_else() {
    let hub = hub();
    let seat = hub.enter(&actor(1)).unwrap();
    follow(&seat, &["patients", "patient:a"]).unwrap();
    publish(&hub, &[notice(1, &["patients"])]);
    let most = i64::try_from(BURST_MAX).unwrap();
    let mut many: Vec<Notice> = (2..=most + 2).map(|seq| notice(seq, &["patients"])).collect();
    many[0].topics.push("patient:a".into());
    publish(&hub, &many);
    assert_eq!(waiting(&seat), ["patients 1", "{resync:{seq:1,topics:[patients]}}", "patient:a 2"]);
}

#[test]
fn a_queue_that_is_full_becomes_one_order_to_fetch_anew() {
    let hub = hub();
    let seat = hub.enter(&actor(1)).unwrap();
    follow(&seat, &["patients"]).unwrap();
    let most = i64::try_from(QUEUE_MAX).unwrap();
    for seq in 1..=most {
        publish(&hub, &[notice(seq, &["patients"])]);
    }
    assert_eq!(waiting(&seat).len(), QUEUE_MAX);
    for seq in 1..=2 * most {
        publish(&hub, &[notice(seq, &["patients"])]);
    }
    assert_eq!(waiting(&seat), ["resync"]);
    publish(&hub, &[notice(3 * most, &["patients"])]);
    assert_eq!(waiting(&seat), [format!("patients {}", 3 * most)]);
}

#[test]
fn seats_and_topics_are_bounded_and_free_again_when_left() {
    let hub = hub();
    let first = hub.enter(&actor(1)).unwrap();
    let second = hub.enter(&actor(1)).unwrap();
    assert_eq!(hub.enter(&actor(1)).unwrap_err(), NoSeat::Full, "two of one session");
    let _third = hub.enter(&actor(2)).unwrap();
    assert_eq!(hub.enter(&actor(3)).unwrap_err(), NoSeat::Full, "three in all");
    drop(second);
    assert!(hub.enter(&actor(3)).is_ok());
    assert_eq!(follow(&first, &["a", "b", "c", "d", "a"]), Ok(0));
    assert_eq!(follow(&first, &["e"]), Err(4));
    assert_eq!(first.topics().len(), 4);
    first.leave(&["a".to_owned()]);
    assert_eq!(follow(&first, &["e"]), Ok(0));
    hub.close();
    assert_eq!(hub.enter(&actor(4)).unwrap_err(), NoSeat::Closing);
    assert_eq!(hub.connected(), 2);
}

#[test]
fn those_whose_account_or_session_changed_are_looked_at_again() {
    let hub = hub();
    let (first, second) = (hub.enter(&actor(1)).unwrap(), hub.enter(&actor(2)).unwrap());
    hub.publish(&[], &HashSet::from([Doubt::Session(2), Doubt::User(8)]), 1);
    assert_eq!((first.line.take_doubt(), second.line.take_doubt()), (false, true));
    hub.publish(&[], &HashSet::from([Doubt::User(7)]), 2);
    assert_eq!((first.line.take_doubt(), second.line.take_doubt()), (true, true));
    assert!(!first.line.take_doubt(), "once");
}
