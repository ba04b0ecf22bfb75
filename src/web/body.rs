//! Request bodies: bounded, JSON only, no unknown fields, and errors that name the field
//! without repeating what was sent (it may be a patient's).

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::envelope::Bounds;
use super::gathered::{Held, Sender};
use super::{Failure, origin, permit, strict};
use crate::vocab::network::network;
use crate::vocab::problem::{FieldError, ProblemKind};

/// The most bytes that a JSON body may have; in the application's data.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// The most bytes of a body that somebody may send before anybody knows who it is: a name and a
/// password, a few times over.
pub const SMALL_MAX: usize = 8 << 10;

/// A JSON body read into `T`, which should refuse unknown fields.
///
/// A handler takes its [`Permit`](super::Permit) or [`Signed`](super::Signed) before it, so that
/// nothing is gathered for somebody who may not; a test in `tests/tidy` refuses any other. Both are
/// asked again when the body is there: who could stop in the middle would else write after the
/// account was disabled.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// The same of at most [`SMALL_MAX`] bytes, for what strangers may send.
#[derive(Debug)]
pub struct Small<T>(pub T);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<Data<BodyLimit>>().map_or(1 << 20, |limit| limit.0);
        let bounds = request.app_data::<Data<Bounds>>();
        let held = bounds.map(|bounds| {
            Held::none(&bounds.gathered, sender(request), bounds.gathered_max, limit)
        });
        let read = read(request.clone(), payload.take(), limit, held);
        Box::pin(async move { read.await.map(Self) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Small<T> {
    type Error = Failure;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // Not counted with the others: strangers must not use up what is for those signed in.
        let read = read(request.clone(), payload.take(), SMALL_MAX, None);
        Box::pin(async move { read.await.map(Self) })
    }
}

fn sender(request: &HttpRequest) -> Sender {
    let nobody = || Sender::Network(network(origin::address(request)));
    permit::user_let_in(request).map_or_else(nobody, Sender::User)
}

async fn read<T: DeserializeOwned + 'static>(
    request: HttpRequest,
    payload: Payload,
    limit: usize,
    mut held: Option<Held>,
) -> Result<T, Failure> {
    let bytes = gather(&request, payload, limit, held.as_mut()).await?;
    permit::still(&request)?;
    parse(&bytes)
}

async fn gather(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
    mut held: Option<&mut Held>,
) -> Result<Bytes, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::new(
            "web.content_type",
            ProblemKind::Unsupported,
            "Send the body as JSON with the header Content-Type: application/json.",
        ));
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Failure::new(
            "web.content_encoding",
            ProblemKind::Unsupported,
            "Send the body uncompressed, without the header Content-Encoding.",
        ));
    }
    let too_large = || {
        let detail = format!("The body is larger than the {limit} bytes that are accepted.");
        Failure::new("web.body_too_large", ProblemKind::TooLarge, detail)
    };
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    if declared.and_then(|it| it.parse::<usize>().ok()).is_some_and(|it| limit < it) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| broken())?;
        if limit < bytes.len() + chunk.len() {
            return Err(too_large());
        }
        if let Some(held) = &mut held {
            held.add(chunk.len())?;
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn broken() -> Failure {
    let detail = "The body ended before it was complete. Send the request again.";
    Failure::new("web.body_incomplete", ProblemKind::Malformed, detail)
}

fn parse<T: DeserializeOwned + 'static>(bytes: &[u8]) -> Result<T, Failure> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let detail = "The body is not UTF-8 text. Send it in UTF-8.";
        return Err(Failure::new("web.not_utf8", ProblemKind::Malformed, detail));
    };
    object_only(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    reader.end().map_err(|error| explain("", &error))?;
    let respelled = strict::check(text).map_err(|refused| wrong(refused.field, refused.mend))?;
    if let Some(fields) = (&mut value as &mut dyn Any).downcast_mut::<Map<String, Json>>() {
        strict::restore(fields, &respelled);
    }
    Ok(value)
}

/// A list could pass for an object whose fields it holds in order; only objects name them.
fn object_only(bytes: &[u8]) -> Result<(), Failure> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first.is_none_or(|first| *first == b'{') {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Err(error) => Err(explain("", &error)),
        Ok(_) => Err(wrong("body", "Send an object with fields.")),
    }
}

fn wrong(field: impl Into<String>, mend: impl Into<String>) -> Failure {
    Failure::new("web.body", ProblemKind::Invalid, "The body is not as described.")
        .with_fields(vec![FieldError::new(field, mend)])
}

/// Says where and what was expected. serde's own text repeats the value, so only the part
/// from "expected" on is told.
fn explain(path: &str, error: &serde_json::Error) -> Failure {
    use serde_json::error::Category;
    match error.classify() {
        Category::Data => {
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            let missing =
                text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            if let Some(name) = missing {
                let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
                return wrong(field, "Send this field.");
            }
            let message = if text.starts_with("unknown field") {
                let allowed = text.split("expected ").nth(1).unwrap_or("none");
                format!("This field is not known. Allowed here: {allowed}.")
            } else {
                let expected = text.rsplit("expected ").next().unwrap_or("another type");
                format!("Expected {expected}.")
            };
            let field = if path == "." { "body" } else { path };
            wrong(field, message)
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let (line, column) = (error.line(), error.column());
            let detail =
                format!("The body is not JSON: it breaks at line {line}, column {column}.");
            Failure::new("web.json", ProblemKind::Malformed, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Person {
        #[expect(dead_code, reason = "only its type matters")]
        name: String,
    }

    #[test]
    fn a_refused_body_names_the_field_and_never_the_value() {
        let cases = [
            (r#"{"name":"x","nmae":"Moreau"}"#, "not known"),
            (r#"{"name":4711}"#, "Expected a string."),
            ("{}", "FieldError { field: \"name\""),
            (r#"["Moreau"]"#, "Send an object"),
            ("4711", "Send an object"),
        ];
        for (json, expected) in cases {
            let failure = parse::<Person>(json.as_bytes()).unwrap_err();
            let told = format!("{failure:?}");
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("Moreau") && !told.contains("4711"), "{told}");
        }
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        for json in ["{", "", "[1", "{\"name\":\"a\"} x"] {
            let failure = parse::<Person>(json.as_bytes()).unwrap_err();
            assert!(failure.to_string().contains("line 1"), "{failure}");
        }
        let failure = parse::<Person>(b"{\"name\":\"\xff\"}").unwrap_err();
        assert!(failure.to_string().contains("UTF-8"), "{failure}");
    }
}
