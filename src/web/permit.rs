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

/// What a session is good for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Everything that its holder may do.
    Open,
    /// Only being unlocked or ended: nobody is there.
    Locked,
    /// Only setting up a second factor: the hospital asks for one.
    Enrolling,
    /// Only choosing a password: somebody else has set the present one.
    NewPassword,
}

impl SessionState {
    /// What whoever comes with such a session hears.
    fn refusal(self) -> Option<Failure> {
        match self {
            Self::Open => None,
            Self::Locked => {
                let detail = "This session is locked, because nobody was there. Unlock it with \
                     your PIN, your password or a passkey.";
                Some(Failure::new("access.locked", ProblemKind::SignIn, detail))
            }
            Self::Enrolling => {
                let detail = "Your hospital asks you for a second factor. Set one up first: an \
                     app or a passkey.";
                let code = "access.second_factor_required";
                Some(Failure::new(code, ProblemKind::NotAllowed, detail))
            }
            Self::NewPassword => {
                let detail = "Somebody else has set your password. Choose one of your own first.";
                Some(Failure::new("access.password_temporary", ProblemKind::NotAllowed, detail))
            }
        }
    }
}

/// Where the kit asks who somebody is, and tells what it refused.
pub trait Gate: Send + Sync {
    /// Who holds the secret `token` of a session or for a program, which comes `from` this
    /// address if it comes from one; `None` if nobody does any more.
    ///
    /// # Errors
    /// Why it does not hold any more, or a failure to look it up; the request is refused then.
    fn hold(
        &self,
        token: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<(Actor, SessionState)>, Failure>;
    /// Who holds the secret `token` and may do with it what their role says.
    ///
    /// # Errors
    /// As [`hold`](Self::hold), and that the session is good for less.
    fn identify(&self, token: &str, from: Option<IpAddr>) -> Result<Option<Actor>, Failure> {
        let_in(self.hold(token, from)?)
    }
    /// The same as [`identify`](Self::identify), asked by what stays open: it is no sign of
    /// anybody being there.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    fn peek(&self, token: &str, from: Option<IpAddr>) -> Result<Option<Actor>, Failure> {
        self.identify(token, from)
    }
    /// Notes that `call` was refused for lack of `permission`.
    fn refused(&self, call: &Call, permission: &'static str);
    /// Waits, not for long, until what was noted before is durable.
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// The holder of an open session.
///
/// # Errors
/// The session is good for less.
pub fn let_in(held: Option<(Actor, SessionState)>) -> Result<Option<Actor>, Failure> {
    match held {
        Some((actor, state)) => state.refusal().map_or(Ok(Some(actor)), Err),
        None => Ok(None),
    }
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

/// Proof that the caller holds a session, whatever it is good for at the moment.
#[derive(Debug)]
pub struct Held {
    /// The call with its actor.
    pub call: Call,
    /// What the session is good for.
    pub state: SessionState,
}

impl Held {
    /// The same caller, if the session is not locked.
    ///
    /// # Errors
    /// `access.locked`.
    pub fn present(self) -> Result<Self, Failure> {
        self.unless(&[SessionState::Locked])
    }

    /// The same caller, if the session is not locked and the password is their own.
    ///
    /// # Errors
    /// `access.locked`, `access.password_temporary`.
    pub fn with_own_password(self) -> Result<Self, Failure> {
        self.unless(&[SessionState::Locked, SessionState::NewPassword])
    }

    fn unless(self, refused: &[SessionState]) -> Result<Self, Failure> {
        if refused.contains(&self.state) {
            return Err(self.state.refusal().unwrap_or_else(must_sign_in));
        }
        Ok(self)
    }
}

impl FromRequest for Held {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(held(request))
    }
}

fn held(request: &HttpRequest) -> Result<Held, Failure> {
    let look = || {
        let found = gate(request)?.hold(&token(request)?, origin::address(request))?;
        found.ok_or_else(must_sign_in)
    };
    let (actor, state) = counted(request, look(), |(actor, _)| actor)?;
    let call = Call::new(actor, envelope::request_id()).sent_from(origin::address(request));
    Ok(Held { call, state })
}

/// Counts the request as one of whom was `found`, or of a stranger.
fn counted<T>(
    request: &HttpRequest,
    found: Result<T, Failure>,
    actor: impl Fn(&T) -> &Actor,
) -> Result<T, Failure> {
    match &found {
        Ok(found) => limits::known(request, actor(found))?,
        Err(failure) if failure.kind() == ProblemKind::SignIn => limits::stranger(request)?,
        Err(_) => {}
    }
    found
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
    let detail = match call.actor.token() {
        Some(_) => format!(
            "This token does not include {permission}, or the role of its account does not. Make \
             a token that does, for an account that may."
        ),
        None => format!("Your role does not include {permission}. Ask your administrator."),
    };
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
    let actor = counted(request, identify(request), |actor| actor)?;
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
