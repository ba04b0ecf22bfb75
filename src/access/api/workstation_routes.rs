//! A workstation over HTTP: who has signed in at it, locking, and coming back quickly.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::place::{self, Place};
use super::sign_in;
use super::{Access, called_by, elsewhere, network_of, step_up};
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::pins::{self, FAILURES_MAX};
use crate::access::sessions::{self, Opened};
use crate::access::slowing::Try;
use crate::access::users::{self, Credentials, USER};
use crate::access::workstations::{self, Person, Workstation};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::StoreError;
use crate::vocab::actor::Call;
use crate::vocab::clock::instant;
use crate::vocab::problem::Findings;
use crate::web::permit::demand_person;
use crate::web::{Answer, Failure, Held, Signed, Small, query, site};

/// Mounts the workstation, the lock and the PIN.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/workstations/current").route(web::get().to(get_people)))
        .service(web::resource("/api/v1/sessions/quick").route(web::post().to(post_quick)))
        .service(web::resource("/api/v1/sessions/current/lock").route(web::post().to(post_lock)))
        .service(
            web::resource("/api/v1/sessions/current/activity").route(web::post().to(post_activity)),
        )
        .service(
            web::resource("/api/v1/users/current/pin")
                .route(web::post().to(post_pin))
                .route(web::delete().to(delete_pin)),
        );
}

/// Who may come back quickly: those with a PIN, who have allowed it by that, and whoever has
/// locked the page that asks.
async fn get_people(request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    let people = people_at(&request, &desk)?.map(|(_, people)| people).unwrap_or_default();
    let own = site::session_in_cookie(&request).map(|token| sessions::token_hash(&token));
    let shown = |person: &Person| {
        let current = own.as_ref() == Some(&person.token_hash);
        (person.has_pin || current).then(|| {
            json!({
                "user_id": USER.show(person.user_id),
                "display_name": person.display_name,
                "since": instant(person.since).to_string(),
                "pin": person.has_pin && person.pin_works,
                "current": current,
                "origin": person.origin,
            })
        })
    };
    let people: Vec<Json> = people.iter().filter_map(shown).collect();
    let body = json!({"data": {"people": people}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

fn people_at(
    request: &HttpRequest,
    desk: &Desk,
) -> Result<Option<(Workstation, Vec<Person>)>, StoreError> {
    let Some(workstation) = place::workstation(request) else { return Ok(None) };
    let now = desk.now();
    let people = desk
        .store()
        .read(desk.screen_deadline(), |tx| workstations::people(tx, &workstation, now))?;
    Ok(Some((workstation, people)))
}

/// Locks the session of the page that asks. Locked already is as good.
async fn post_lock(held: Held, desk: Data<Desk>) -> Answer {
    demand_person(&held.call)?;
    let Some(id) = held.call.actor.session() else {
        return Err(AccessError::NoWorkstation.into());
    };
    desk.write(&held.call, "sessions.lock", move |work| workstations::lock(work, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Somebody is at the page, though it has asked for nothing: that it was let in is noted.
async fn post_activity(signed: Signed) -> Answer {
    demand_person(&signed.call)?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quick {
    user_id: String,
    #[serde(default)]
    pin: Option<String>,
    #[serde(default)]
    password: Option<String>,
}

/// What somebody shows to come back.
enum Said {
    Pin(String),
    Password(String),
}

/// Somebody comes back to where they have signed in during this shift.
async fn post_quick(
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<Quick>,
) -> Answer {
    let said = match (body.pin, body.password) {
        (Some(pin), None) => Said::Pin(pin),
        (None, Some(password)) => Said::Password(password),
        _ => return Err(RecordError::field("pin", "Send either a PIN or a password.").into()),
    };
    let wanted = USER.parse(&body.user_id);
    // What a foreign page has made the browser send comes with its cookies too.
    site::demand_own_page(&request, true)?;
    let here = if place::is_page(&request) { people_at(&request, &desk)? } else { None };
    let (workstation, people) = here.ok_or(AccessError::NotHereAnyMore)?;
    let person = people.into_iter().find(|person| Some(person.user_id) == wanted);
    let person = person.ok_or(AccessError::NotHereAnyMore)?;
    let network = network_of(&request);
    let (user, pin, usual) = desk.store().read(desk.screen_deadline(), |tx| {
        let (user, pin) = (users::find(tx, person.user_id)?, pins::find(tx, person.user_id)?);
        let usual = sessions::is_usual(tx, person.user_id, network)?;
        Ok::<_, StoreError>((user, pin, usual))
    })?;
    let user = user.ok_or(AccessError::NotHereAnyMore)?;
    let guest = Guest { network, usual };
    let call = called_by(user.comer(Some(person.session)), &request);
    let tried = match access.slowing.enter(elsewhere::counted(&user), guest, desk.now()) {
        Ok(tried) => tried,
        Err(slowed) => {
            return Err(step_up::told_to_wait(&desk, &call, Some(user.id), slowed).await.into());
        }
    };
    let asked = Asked { desk: &desk, access: &access, call: &call, guest, user: &user };
    match said {
        Said::Pin(typed) => asked.pin(tried, person.session, typed, pin).await?,
        Said::Password(typed) => asked.password(tried, typed).await?,
    }
    let token = sessions::new_token()?;
    let place = Place::of(&request)?;
    let opened = desk
        .write(&call, "sessions.unlock", move |work| {
            step_up::still(work, &user).map_err(|_| AccessError::NotHereAnyMore)?;
            let of = (person.session, user.id);
            let expires_at = workstations::come_back(work, &workstation, of, &token)?;
            let held = sessions::find(work.tx(), &token, work.now())?;
            let held = held.ok_or(AccessError::NotHereAnyMore)?;
            Ok::<_, AccessError>(Opened { token: token.clone(), expires_at, actor: held.actor })
        })
        .await?;
    sign_in::signed_in(&request, &desk, &opened, &place)
}

/// Whoever wants to come back.
struct Asked<'a> {
    desk: &'a Data<Desk>,
    access: &'a Data<Access>,
    call: &'a Call,
    guest: Guest,
    user: &'a Credentials,
}

impl Asked<'_> {
    async fn pin(
        &self,
        tried: Try<'_>,
        session: i64,
        typed: String,
        hash: Option<String>,
    ) -> Result<(), Failure> {
        let Some(hash) = hash else { return Err(AccessError::PinUsedUp.into()) };
        let counted = self
            .desk
            .write(self.call, "sessions.pin", move |work| workstations::count_try(work, session))
            .await?;
        let fits = typed.len() <= pins::LENGTH_MAX;
        let looked = match fits {
            true => self.access.passwords.verify(self.guest, typed, Some(hash)).await,
            false => Ok(false),
        };
        let is_right = match looked {
            Ok(is_right) => is_right,
            Err(busy) => {
                // It was not looked at, so it is no try.
                let undo = move |work: &Work<'_>| workstations::take_try_back(work, session);
                self.desk.write(self.call, "sessions.pin", undo).await?;
                return Err(busy.into());
            }
        };
        if is_right {
            tried.succeeded();
            return Ok(());
        }
        self.wrong(tried, "sessions.pin").await;
        Err(match counted < FAILURES_MAX {
            true => AccessError::WrongPin.into(),
            false => AccessError::PinUsedUp.into(),
        })
    }

    async fn password(&self, tried: Try<'_>, typed: String) -> Result<(), Failure> {
        let (desk, access, whose) = (self.desk, self.access, (self.guest, self.user));
        if elsewhere::is_password(desk, access, self.call, whose, typed).await? {
            tried.succeeded();
            return Ok(());
        }
        self.wrong(tried, "sessions.unlock").await;
        Err(AccessError::WrongCredentials.into())
    }

    async fn wrong(&self, tried: Try<'_>, act: &str) {
        tried.failed(self.desk.now());
        self.desk.note_failed_sign_in(self.call, Some(self.user.id), act).await;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPin {
    current_password: String,
    pin: String,
}

async fn post_pin(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Small(body): Small<NewPin>,
) -> Answer {
    let mut findings = Findings::new();
    pins::check(&mut findings, &body.pin);
    findings.verdict().map_err(RecordError::from)?;
    let current = (body.current_password, "users.own_pin_set");
    let confirmed = step_up::confirm(&request, &desk, &access, &signed.call, current).await?;
    let (user, guest) = (confirmed.user, confirmed.guest);
    let hash = access.passwords.hash(guest, body.pin).await?;
    desk.write(&signed.call, "users.own_pin_set", move |work| {
        step_up::still(work, &user)?;
        pins::set(work, user.id, &hash)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn delete_pin(signed: Signed, desk: Data<Desk>) -> Answer {
    let id = step_up::own_person(&signed.call)?;
    desk.write(&signed.call, "users.own_pin_remove", move |work| pins::remove(work, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
