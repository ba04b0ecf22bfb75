//! Request bodies: bounded, JSON only, no unknown fields, and errors that name the field
//! without repeating what was sent (it may be a patient's).

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::Failure;
use crate::vocab::problem::{FieldError, ProblemKind};

/// The most bytes that a JSON body may have; in the application's data.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// A JSON body read into `T`, which should refuse unknown fields.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let gathered = gather(request.clone(), payload.take());
        Box::pin(async move { parse(&gathered.await?).map(Body) })
    }
}

async fn gather(request: HttpRequest, mut payload: Payload) -> Result<Bytes, Failure> {
    let limit = request.app_data::<Data<BodyLimit>>().map_or(1 << 20, |limit| limit.0);
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
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| broken())?;
        if limit < bytes.len() + chunk.len() {
            let detail = format!("The body is larger than the {limit} bytes that are accepted.");
            return Err(Failure::new("web.body_too_large", ProblemKind::TooLarge, detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn broken() -> Failure {
    let detail = "The body ended before it was complete. Send the request again.";
    Failure::new("web.body_incomplete", ProblemKind::Malformed, detail)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    if std::str::from_utf8(bytes).is_err() {
        let detail = "The body is not UTF-8 text. Send it in UTF-8.";
        return Err(Failure::new("web.not_utf8", ProblemKind::Malformed, detail));
    }
    object_only(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    reader.end().map_err(|error| explain("", &error))?;
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
        Ok(_) => {
            Err(Failure::new("web.body", ProblemKind::Invalid, "The body is not as described.")
                .with_fields(vec![FieldError::new("body", "Send an object with fields.")]))
        }
    }
}

/// Says where and what was expected. serde's own text repeats the value, so only the part
/// from "expected" on is told.
fn explain(path: &str, error: &serde_json::Error) -> Failure {
    use serde_json::error::Category;
    match error.classify() {
        Category::Data => {
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            let message = if text.starts_with("unknown field") {
                let allowed = text.split("expected ").nth(1).unwrap_or("none");
                format!("This field is not known. Allowed here: {allowed}.")
            } else if text.starts_with("missing field") {
                let mut capital = text.to_owned();
                capital.replace_range(..1, "M");
                format!("{capital}.")
            } else {
                let expected = text.rsplit("expected ").next().unwrap_or("another type");
                format!("Expected {expected}.")
            };
            let field = if path == "." { "body" } else { path };
            Failure::new("web.body", ProblemKind::Invalid, "The body is not as described.")
                .with_fields(vec![FieldError::new(field, message)])
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
            ("{}", "Missing field `name`."),
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
