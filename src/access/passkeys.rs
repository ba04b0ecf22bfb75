//! Passkeys: WebAuthn credentials that verify their person, so that one of them is enough to
//! sign in. A passkey belongs to the name under which the hospital was reached when it was made;
//! browsers use it under no other, nor with a bare address.

use serde_json::Value as Json;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle16, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::error::AccessError;
use super::second_factor::{removed, shown, touched};
use crate::platform::ledger::{RecordError, Work};
use crate::store::{ReadTx, StoreError};
use crate::vocab::id::Kind;

/// Passkeys in addresses.
pub const PASSKEY: Kind = Kind::new("passkey", "pky");
/// Passkeys that one person may have.
pub const OF_PERSON_MAX: usize = 20;
/// Characters of a passkey's name.
pub const NAME_MAX: usize = 64;

/// The name under which the hospital is reached, for which passkeys are made.
#[derive(Debug, Clone)]
pub struct Site {
    name: String,
    id: RpId,
    /// Where a page of it may come from.
    origins: Vec<String>,
}

impl Site {
    /// The site that a browser asks for with `host`: a name, with or without a port. None for a
    /// bare address, with which no passkey works.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.trim().to_ascii_lowercase();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &host,
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !name.bytes().all(fine) || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let id = RpId::Domain(AsciiDomain::try_from(name.to_owned()).ok()?);
        let mut origins = vec![format!("https://{host}")];
        if name == "localhost" || name.ends_with(".localhost") {
            // The one name that browsers trust without TLS.
            origins.push(format!("http://{host}"));
        }
        Some(Self { name: name.to_owned(), id, origins })
    }
}

/// The making of a passkey that waits for its end.
#[derive(Debug)]
pub struct Making {
    site: Site,
    /// For whom.
    pub user_id: i64,
    state: RegistrationServerState<16>,
}

/// The use of a passkey that waits for its end.
#[derive(Debug)]
pub struct Using {
    site: Site,
    state: DiscoverableAuthenticationServerState,
}

/// A passkey that was made and is not kept yet.
#[derive(Debug, Clone)]
pub struct Made {
    site: String,
    credential: Vec<u8>,
    handle: Vec<u8>,
    fixed: Vec<u8>,
    changing: Vec<u8>,
}

/// A passkey as its person sees it.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// Which.
    pub id: i64,
    /// What they call it.
    pub name: String,
    /// The name of the site that it is for.
    pub site: String,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// When it was used last, microseconds.
    pub last_used_at: Option<i64>,
}

/// The passkeys of the user.
///
/// # Errors
/// What the store says.
pub fn of_user(tx: &ReadTx<'_>, user_id: i64) -> Result<Vec<Passkey>, StoreError> {
    let sql = "SELECT id, name, relying_party, created_at, last_used_at FROM passkey \
        WHERE user_id = ?1 ORDER BY id";
    tx.all(sql, &[user_id.into()], |row| {
        let (id, name, site) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Passkey { id, name, site, created_at: row.get(3)?, last_used_at: row.get(4)? })
    })
}

/// Begins to make a passkey of `site` for the user: what waits, and what the browser is told.
///
/// # Errors
/// They have too many; what the store says.
pub fn begin_making(
    tx: &ReadTx<'_>,
    site: Site,
    (user_id, username, display_name): (i64, &str, &str),
) -> Result<(Making, Json), AccessError> {
    let sql = "SELECT credential_id, user_handle FROM passkey WHERE user_id = ?1 ORDER BY id";
    let known = tx.all(sql, &[user_id.into()], |row| {
        Ok::<_, StoreError>((row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    if OF_PERSON_MAX <= known.len() {
        return Err(AccessError::TooManyPasskeys);
    }
    let kept = known.first().and_then(|(_, handle)| <[u8; 16]>::try_from(&handle[..]).ok());
    let handle = kept.and_then(|handle| UserHandle16::decode(handle).ok()).unwrap_or_default();
    let others = known
        .into_iter()
        .filter_map(|(id, _)| {
            let id = CredentialId::<Vec<u8>>::decode(id).ok()?;
            let transports = AuthTransports::decode(0).ok()?;
            Some(PublicKeyCredentialDescriptor { id, transports })
        })
        .collect();
    let name = Username::try_from(username);
    let user = PublicKeyCredentialUserEntity {
        name: name.map_err(|cause| AccessError::Hashing(cause.to_string()))?,
        id: &handle,
        // A name that its rules do not take is left out: the user name says enough.
        display_name: Nickname::try_from(display_name).ok(),
    };
    let mut options = PublicKeyCredentialCreationOptions::passkey(&site.id, user, others);
    // To be enforced it would shut out keys that do not know it; that their person is verified
    // is demanded of every answer anyway.
    options.extensions.cred_protect = CredProtect::None;
    let (state, told) =
        options.start_ceremony().map_err(|cause| AccessError::Hashing(cause.to_string()))?;
    let told = serde_json::to_value(&told).unwrap_or_default();
    Ok((Making { site, user_id, state }, told))
}

/// What the browser has made, checked.
///
/// # Errors
/// The field `credential`.
pub fn end_making(making: Making, answer: &Json) -> Result<Made, AccessError> {
    let wrong = |cause: &dyn std::fmt::Display| {
        tracing::info!("A new passkey was refused: {cause}");
        let mend = "The browser's answer does not hold. Begin again, or use another device.";
        AccessError::from(RecordError::field("credential", mend))
    };
    let answer = serde_json::to_vec(answer).unwrap_or_default();
    let answer = Registration::from_json_relaxed(&answer).map_err(|cause| wrong(&cause))?;
    let origins: Vec<&str> = making.site.origins.iter().map(String::as_str).collect();
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..Default::default()
    };
    let made = making.state.verify(&making.site.id, &answer, &options);
    let made = made.map_err(|cause| wrong(&cause))?;
    let fixed = made.static_state().encode().map_err(|never| wrong(&never))?;
    let changing = made.dynamic_state().encode().map_err(|never| wrong(&never))?;
    Ok(Made {
        site: making.site.name,
        credential: made.id().as_ref().to_vec(),
        handle: made.user_id().as_ref().to_vec(),
        fixed,
        changing: changing.to_vec(),
    })
}

/// Keeps the passkey for the user under `name`; its identity. Their other sessions end.
///
/// # Errors
/// Somebody has it already; they have too many; what the store says.
pub fn keep(
    work: &Work<'_>,
    user_id: i64,
    name: &str,
    made: &Made,
    session: Option<i64>,
) -> Result<i64, AccessError> {
    let sql = "SELECT 1 FROM passkey WHERE credential_id = ?1";
    if work.tx().opt(sql, &[made.credential.clone().into()], |_| Ok(()))?.is_some() {
        let message = "This passkey opens an account already. Use another device.".to_owned();
        return Err(RecordError::Taken { field: "credential".to_owned(), message }.into());
    }
    if OF_PERSON_MAX <= of_user(work.tx(), user_id)?.len() {
        return Err(AccessError::TooManyPasskeys);
    }
    let id = work.new_id();
    let sql = "INSERT INTO passkey (id, user_id, name, relying_party, credential_id, \
        user_handle, static_state, dynamic_state, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let params = [
        id.into(),
        user_id.into(),
        name.into(),
        made.site.as_str().into(),
        made.credential.clone().into(),
        made.handle.clone().into(),
        made.fixed.clone().into(),
        made.changing.clone().into(),
        work.now().into(),
    ];
    work.tx().execute(sql, &params)?;
    touched(work, user_id, "passkey_added");
    shown(work, user_id, "passkey", session)?;
    Ok(id)
}

/// Calls the user's passkey `id` by another name.
///
/// # Errors
/// It is not theirs; what the store says.
pub fn rename(work: &Work<'_>, user_id: i64, id: i64, name: &str) -> Result<(), AccessError> {
    let sql = "UPDATE passkey SET name = ?3 WHERE id = ?1 AND user_id = ?2";
    if work.tx().execute(sql, &[id.into(), user_id.into(), name.into()])? == 0 {
        return Err(AccessError::NoSuchFactor);
    }
    touched(work, user_id, "passkey_named");
    Ok(())
}

/// Takes the user's passkey `id` away. Their other sessions end.
///
/// # Errors
/// It is not theirs; what the store says.
pub fn remove(
    work: &Work<'_>,
    user_id: i64,
    id: i64,
    session: Option<i64>,
) -> Result<(), AccessError> {
    let sql = "DELETE FROM passkey WHERE id = ?1 AND user_id = ?2";
    if work.tx().execute(sql, &[id.into(), user_id.into()])? == 0 {
        return Err(AccessError::NoSuchFactor);
    }
    touched(work, user_id, "passkey_removed");
    removed(work, user_id, session)
}

/// Begins the use of a passkey of `site`, whosever it is.
///
/// # Errors
/// None that its fixed options leave open.
pub fn begin_using(site: Site) -> Result<(Using, Json), AccessError> {
    let options = DiscoverableCredentialRequestOptions::passkey(&site.id);
    let (state, told) =
        options.start_ceremony().map_err(|cause| AccessError::Hashing(cause.to_string()))?;
    let told = serde_json::to_value(&told).unwrap_or_default();
    Ok((Using { site, state }, told))
}

/// The answer of a browser that used a passkey, not checked yet.
#[derive(Debug)]
pub struct Shown(DiscoverableAuthentication16);

impl Shown {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// [`AccessError::WrongPasskey`].
    pub fn read(answer: &Json) -> Result<Self, AccessError> {
        let answer = serde_json::to_vec(answer).unwrap_or_default();
        DiscoverableAuthentication16::from_json_relaxed(&answer)
            .map(Self)
            .map_err(|_| AccessError::WrongPasskey)
    }
}

/// A passkey that is kept, as its use is checked.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Which.
    pub id: i64,
    /// Whose.
    pub user_id: i64,
    /// The name of the account.
    pub username: String,
    site: String,
    handle: Vec<u8>,
    fixed: Vec<u8>,
    changing: Vec<u8>,
}

/// The passkey that was `shown`, if it is one of an account in use.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, shown: &Shown) -> Result<Option<Kept>, StoreError> {
    let sql = "SELECT passkey.id, user_id, username, relying_party, user_handle, static_state, \
        dynamic_state FROM passkey JOIN app_user ON app_user.id = passkey.user_id \
        WHERE credential_id = ?1 AND active = 1";
    let credential = shown.0.raw_id().as_ref().to_vec();
    tx.opt(sql, &[credential.into()], |row| {
        Ok(Kept {
            id: row.get(0)?,
            user_id: row.get(1)?,
            username: row.get(2)?,
            site: row.get(3)?,
            handle: row.get(4)?,
            fixed: row.get(5)?,
            changing: row.get(6)?,
        })
    })
}

type Fixed = StaticState<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>;

/// Whether `shown` answers `using` with the passkey `kept`: its state after that if it does.
#[must_use]
pub fn end_using(using: Using, shown: &Shown, kept: &Kept) -> Option<Vec<u8>> {
    if using.site.name != kept.site {
        return None;
    }
    let handle = UserHandle16::decode(<[u8; 16]>::try_from(&kept.handle[..]).ok()?).ok()?;
    let fixed = Fixed::decode(&kept.fixed).ok()?;
    let changing = DynamicState::decode(<[u8; 7]>::try_from(&kept.changing[..]).ok()?).ok()?;
    let id = shown.0.raw_id();
    let mut known = AuthenticatedCredential::new(id, &handle, fixed, changing).ok()?;
    let origins: Vec<&str> = using.site.origins.iter().map(String::as_str).collect();
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..Default::default()
    };
    match using.state.verify(&using.site.id, &shown.0, &mut known, &options) {
        Ok(_) => known.dynamic_state().encode().ok().map(|state| state.to_vec()),
        Err(cause) => {
            tracing::info!(user.id = kept.user_id, "A passkey was refused: {cause}");
            None
        }
    }
}

/// Notes that the passkey was used and is in the state `changing` now.
///
/// # Errors
/// It was taken away or used elsewhere meanwhile; what the store says.
pub fn note_use(work: &Work<'_>, kept: &Kept, changing: &[u8]) -> Result<(), AccessError> {
    let sql = "UPDATE passkey SET dynamic_state = ?3, last_used_at = ?4 \
        WHERE id = ?1 AND dynamic_state = ?2 \
        AND user_id IN (SELECT id FROM app_user WHERE active = 1)";
    let before = kept.changing.clone().into();
    let params = [kept.id.into(), before, changing.into(), work.now().into()];
    if work.tx().execute(sql, &params)? == 0 {
        return Err(AccessError::WrongPasskey);
    }
    Ok(())
}
