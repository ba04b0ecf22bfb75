//! The provider as it describes itself, and what it signs: where people are sent, how a code
//! becomes a proof, and whether the proof holds.

use std::time::{Duration, SystemTime};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::http::Http;
use super::pending::Begun;
use super::settings::{Settings, is_safe};

/// Signatures that are believed: public keys only. A proof without one, or signed with a shared
/// secret, is none.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// How far the clocks of the two machines may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(120);
/// How old a proof may be: it was asked for a moment ago.
const ISSUED_WITHIN: Duration = Duration::from_secs(600);

/// Claims beside those that the standard names.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Further {
    #[serde(flatten)]
    all: Map<String, Json>,
}

impl AdditionalClaims for Further {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Further,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Relying = Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a sign-in at the provider came to nothing; the text is for the log and for
/// administrators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It does not answer, or not with what it should.
    #[error("The OpenID provider does not answer as it should: {0}")]
    Silent(String),
    /// It is signed with a key that was not known when its keys were read last.
    #[error("The proof is signed with a key that the OpenID provider does not show")]
    UnknownKey,
    /// What it gave is no proof.
    #[error("What came back from the OpenID provider is no proof: {0}")]
    NoProof(String),
}

/// What a provider says in `amr` of somebody who has shown more than one factor.
const MFA: &str = "mfa";

/// The claims of somebody whose proof holds.
#[derive(Debug, Clone)]
pub struct Claims {
    /// What stays the same of them: the issuer and their number there.
    pub external_id: String,
    /// Whether the proof itself says that they have shown more than one factor (`mfa` of
    /// RFC 8176).
    pub is_mfa: bool,
    all: Map<String, Json>,
}

impl Claims {
    /// The text of the claim `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
    }

    /// The texts of the claim `name`: a list, or one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.all.get(name) {
            Some(Json::Array(items)) => {
                items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            }
            Some(Json::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    relying: Relying,
    http: Http,
    issuer: String,
    client_id: String,
}

impl Provider {
    /// Reads the provider's description and its keys.
    ///
    /// # Errors
    /// [`Trouble::Silent`]
    pub fn discover(settings: &Settings, secret: &str) -> Result<Self, Trouble> {
        let silent = |cause: &dyn std::error::Error| Trouble::Silent(in_words(cause));
        let http = Http::new(settings.ca_pem.as_deref()).map_err(|cause| silent(&cause))?;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|cause| silent(&cause))?;
        let ask = |request: HttpRequest| http.ask(request);
        let about =
            CoreProviderMetadata::discover(&issuer, &ask).map_err(|cause| silent(&cause))?;
        // Browsers are sent there, so it is looked at before anybody is.
        let door = about.authorization_endpoint().as_str();
        if !is_safe_without_query(door) {
            return Err(Trouble::Silent(format!("{door} is no address to send people to")));
        }
        let redirect = RedirectUrl::new(settings.redirect_url()).map_err(|cause| silent(&cause))?;
        let post_only = about.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let secret = ClientSecret::new(secret.to_owned());
        let client_id = ClientId::new(settings.client_id.clone());
        let mut relying = Client::from_provider_metadata(about, client_id, Some(secret))
            .set_redirect_uri(redirect);
        if post_only {
            relying = relying.set_auth_type(AuthType::RequestBody);
        }
        let (issuer, client_id) = (settings.issuer.clone(), settings.client_id.clone());
        Ok(Self { relying, http, issuer, client_id })
    }

    /// Where somebody is sent who begins to sign in.
    #[must_use]
    pub fn door(&self, settings: &Settings, begun: &Begun) -> String {
        let (state, nonce) = (begun.state.clone(), begun.nonce.clone());
        let verifier = PkceCodeVerifier::new(begun.verifier.clone());
        let scopes = settings.scopes.iter().filter(|scope| *scope != "openid");
        let (url, ..) = self
            .relying
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        url.into()
    }

    /// Fetches the proof for the `code` that somebody came back with.
    ///
    /// # Errors
    /// The provider does not answer, or gives no proof.
    pub fn fetch(&self, begun: &Begun, code: String) -> Result<Proof, Trouble> {
        let asked = self.relying.exchange_code(AuthorizationCode::new(code));
        let asked = asked.map_err(|cause| Trouble::Silent(cause.to_string()))?;
        let verifier = PkceCodeVerifier::new(begun.verifier.clone());
        let ask = |request: HttpRequest| self.http.ask(request);
        let answer = asked.set_pkce_verifier(verifier).request(&ask);
        let tokens = answer.map_err(|cause| match cause {
            openidconnect::RequestTokenError::Request(cause) => Trouble::Silent(in_words(&cause)),
            // The answer itself may hold a secret, so it is not told.
            openidconnect::RequestTokenError::Parse(..) => {
                Trouble::NoProof("its answer cannot be read".to_owned())
            }
            other => Trouble::NoProof(in_words(&other)),
        })?;
        Ok(Proof(tokens))
    }

    /// The claims of `proof`, if it holds at `now` (microseconds) for the sign-in that `begun`
    /// was. Those of `wanted` that it lacks are asked for.
    ///
    /// # Errors
    /// It does not hold, and why; [`Trouble::UnknownKey`] if the keys should be read again.
    pub fn check(
        &self,
        proof: &Proof,
        begun: &Begun,
        (wanted, now): (&[&str], i64),
    ) -> Result<Claims, Trouble> {
        let no_proof = |why: String| Trouble::NoProof(why);
        let token = proof.0.id_token();
        let token = token.ok_or_else(|| no_proof("there is no ID token".to_owned()))?;
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(now).unwrap_or(0));
        let verifier = self
            .relying
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || (now - CLOCKS_APART).into())
            .set_issue_time_verifier_fn(move |issued| {
                let issued: SystemTime = issued.into();
                let earliest = now - ISSUED_WITHIN - CLOCKS_APART;
                let fits = (earliest..=now + CLOCKS_APART).contains(&issued);
                fits.then_some(()).ok_or_else(|| "it was not issued just now".to_owned())
            });
        let claims = token.claims(&verifier, &Nonce::new(begun.nonce.clone()));
        let claims = claims.map_err(|cause| match cause {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ) => Trouble::UnknownKey,
            other => no_proof(in_words(&other)),
        })?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.client_id) {
            return Err(no_proof("it was given to another client".to_owned()));
        }
        if let Some(said) = claims.access_token_hash() {
            let alg = token.signing_alg().map_err(|cause| no_proof(cause.to_string()))?;
            let key = token.signing_key(&verifier).map_err(|cause| no_proof(cause.to_string()))?;
            let hash = AccessTokenHash::from_token(proof.0.access_token(), alg, key);
            if hash.map_err(|cause| no_proof(cause.to_string()))? != *said {
                return Err(no_proof("the access token belongs to another".to_owned()));
            }
        }
        let shown = claims.auth_method_refs().into_iter().flatten();
        let is_mfa = shown.into_iter().any(|way| way.as_str() == MFA);
        let mut all = object(serde_json::to_value(claims));
        if wanted.iter().any(|name| !all.contains_key(*name)) {
            let further = self.further(proof, claims.subject().clone())?;
            for (name, value) in further {
                all.entry(name).or_insert(value);
            }
        }
        let external_id = format!("{} {}", self.issuer, claims.subject().as_str());
        Ok(Claims { external_id, is_mfa, all })
    }

    /// What the provider says of the same person when it is asked.
    fn further(
        &self,
        proof: &Proof,
        subject: openidconnect::SubjectIdentifier,
    ) -> Result<Map<String, Json>, Trouble> {
        let token = proof.0.access_token().clone();
        // Without an address for it there is nothing to ask.
        let Ok(asked) = self.relying.user_info(token, Some(subject)) else {
            return Ok(Map::new());
        };
        let ask = |request: HttpRequest| self.http.ask(request);
        let said = asked.request::<Further, CoreGenderClaim, _>(&ask);
        let said = said.map_err(|cause| Trouble::NoProof(in_words(&cause)))?;
        Ok(object(serde_json::to_value(said)))
    }
}

/// What the provider gave for a code; not yet believed.
#[derive(Debug)]
pub struct Proof(Tokens);

fn object(value: Result<Json, serde_json::Error>) -> Map<String, Json> {
    match value {
        Ok(Json::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The address without what stands after `?`, which a provider may have there.
fn is_safe_without_query(address: &str) -> bool {
    is_safe(address.split('?').next().unwrap_or_default())
}

/// What a chain of errors says, bounded and on one line.
fn in_words(cause: &dyn std::error::Error) -> String {
    let (mut text, mut next) = (cause.to_string(), cause.source());
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text.chars().filter(|it| !it.is_control()).take(400).collect()
}
