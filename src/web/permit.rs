//! Permission is a parameter: a handler that takes a [`Permit`] cannot run without it.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::{Failure, envelope, limits, origin, site};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::problem::ProblemKind;

/// The header that our own page sends and a foreign page cannot.
pub const CLIENT_HEADER: &str = "x-healthflow-client";

/// Where the kit asks who somebody is, and tells what it refused.
pub trait Gate: Send + Sync {
    /// Who holds the secret `token` of a session or for a program, which comes `from` this
    /// address if it comes from one; `None` if nobody does any more.
    ///
    /// # Errors
    /// Why it does not hold any more, or a failure to look it up; the request is refused then.
    fn identify(&self, token: &str, from: Option<IpAddr>) -> Result<Option<Actor>, Failure>;
    /// Notes that `call` was refused for lack of `permission`.
    fn refused(&self, call: &Call, permission: &'static str);
    /// Waits, not for long, until what was noted before is durable.
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// A permission as a type, so that handlers can name it in their parameters.
pub trait Permission: 'static {
    /// The code that roles list, e.g. `patients.write`.
    const CODE: &'static str;
}

/// Proof that the caller is signed in.
#[derive(Debug)]
pub struct Signed {
    /// The call with its actor.
    pub call: Call,
}

/// Proof that the caller is signed in and holds the permission `P`.
#[derive(Debug)]
pub struct Permit<P> {
    /// The call with its actor.
    pub call: Call,
    held: PhantomData<P>,
}

impl FromRequest for Signed {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed(request))
    }
}

impl<P: Permission> FromRequest for Permit<P> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permit = signed(request).and_then(|signed| {
            demand(request, &signed.call, P::CODE)?;
            Ok(Self { call: signed.call, held: PhantomData })
        });
        ready(permit)
    }
}

/// Refuses unless `call` holds `permission`, and has the refusal noted.
///
/// # Errors
/// `access.not_allowed`.
pub fn demand(request: &HttpRequest, call: &Call, permission: &'static str) -> Result<(), Failure> {
    if call.actor.may(permission) {
        return Ok(());
    }
    gate(request)?.refused(call, permission);
    let detail = format!("Your role does not include {permission}. Ask your administrator.");
    Err(Failure::new("access.not_allowed", ProblemKind::NotAllowed, detail))
}

/// Refuses a program that comes with a token: whoever has found one must not get further by it
/// than its scopes, nor keep out the person for whom it acts.
///
/// # Errors
/// `access.person_only`.
pub fn demand_person(call: &Call) -> Result<(), Failure> {
    if call.actor.token().is_none() {
        return Ok(());
    }
    let detail = "A token cannot do this. Sign in with a name and a password.";
    Err(Failure::new("access.person_only", ProblemKind::NotAllowed, detail))
}

pub(super) fn gate(request: &HttpRequest) -> Result<&Arc<dyn Gate>, Failure> {
    let gate = request.app_data::<Data<Arc<dyn Gate>>>();
    gate.map(|gate| gate.get_ref()).ok_or_else(|| {
        Failure::new("web.no_gate", ProblemKind::Fault, "the application has no gate")
    })
}

pub(super) fn signed(request: &HttpRequest) -> Result<Signed, Failure> {
    let actor = match identify(request) {
        Err(failure) if failure.kind() == ProblemKind::SignIn => {
            limits::stranger(request)?;
            return Err(failure);
        }
        outcome => outcome?,
    };
    limits::known(request, &actor)?;
    request.extensions_mut().insert(LetIn(actor.clone()));
    let call = Call::new(actor, envelope::request_id()).sent_from(origin::address(request));
    Ok(Signed { call })
}

fn identify(request: &HttpRequest) -> Result<Actor, Failure> {
    gate(request)?.identify(&token(request)?, origin::address(request))?.ok_or_else(must_sign_in)
}

/// Who was let in at the head of a request.
struct LetIn(Actor);

/// The account of whoever was let in at the head of `request`.
pub(super) fn user_let_in(request: &HttpRequest) -> Option<i64> {
    request.extensions().get::<LetIn>().and_then(|let_in| let_in.0.user_id())
}

/// Refuses if whoever was let in at the head of `request` has been signed out, disabled or given
/// another role since. To be asked when what takes long, a body or a file, is there.
///
/// # Errors
/// `access.sign_in`, `access.not_allowed`, a failure to look it up.
pub fn still(request: &HttpRequest) -> Result<(), Failure> {
    let then = request.extensions().get::<LetIn>().map(|let_in| let_in.0.clone());
    let Some(then) = then else { return Ok(()) };
    let now = identify(request)?;
    let same = now.user_id() == then.user_id()
        && now.token() == then.token()
        && now.facility() == then.facility()
        && now.reach() == then.reach()
        && now.permissions() == then.permissions();
    if same {
        return Ok(());
    }
    let detail = "Your role was changed while this was being sent. Nothing was done: look whether \
         you may still do it, and send it again.";
    Err(Failure::new("access.not_allowed", ProblemKind::NotAllowed, detail))
}

fn must_sign_in() -> Failure {
    let detail = "Sign in first: you are not signed in, or your session has ended.";
    Failure::new("access.sign_in", ProblemKind::SignIn, detail)
}

pub(super) fn token(request: &HttpRequest) -> Result<String, Failure> {
    if let Some(bearer) = request.headers().get(header::AUTHORIZATION) {
        let token = bearer.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
        return token.map(|token| token.trim().to_owned()).ok_or_else(must_sign_in);
    }
    let session = site::session_in_cookie(request).ok_or_else(must_sign_in)?;
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !harmless && !request.headers().contains_key(CLIENT_HEADER) {
        // A page of another origin can make a browser send the cookie but not this header.
        let detail =
            "Send the header X-HealthFlow-Client, or a bearer token instead of the cookie.";
        return Err(Failure::new("web.csrf", ProblemKind::NotAllowed, detail));
    }
    site::demand_own_page(request, !harmless)?;
    Ok(session)
}
