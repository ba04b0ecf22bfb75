//! The query after the `?`: decoded in one way, every parameter known and there once.

use actix_web::{HttpRequest, web};

use super::Failure;
use crate::vocab::problem::{FieldError, Findings, ProblemKind};

/// The most parameters of a query. No list has half as many columns to be narrowed by.
pub const PARAMETERS_MAX: usize = 64;

/// The decoded query parameters, in order.
///
/// # Errors
/// A query string that cannot be decoded, or has more than [`PARAMETERS_MAX`] of them.
pub fn parameters(request: &HttpRequest) -> Result<Vec<(String, String)>, Failure> {
    let text = request.query_string();
    if PARAMETERS_MAX < text.split('&').count() {
        let detail = format!("Send at most {PARAMETERS_MAX} parameters after the ?.");
        return Err(Failure::new("web.query", ProblemKind::Malformed, detail));
    }
    let read = web::Query::<Vec<(String, String)>>::from_query(text).map(web::Query::into_inner);
    // The decoder puts this mark where the bytes are not UTF-8.
    let broken = |value: &String| value.contains('\u{FFFD}') && !text.contains("%EF%BF%BD");
    let read =
        read.ok().filter(|all| !all.iter().any(|(name, value)| broken(name) || broken(value)));
    read.ok_or_else(|| {
        let detail = "The query after the ? cannot be read. Encode it as UTF-8 with %.";
        Failure::new("web.query", ProblemKind::Malformed, detail)
    })
}

/// Refuses parameters that are not understood.
#[must_use]
pub fn bad_query(fields: Vec<FieldError>) -> Failure {
    let detail = "Some parameters after the ? are not understood.";
    Failure::new("web.query", ProblemKind::Malformed, detail).with_fields(fields)
}

/// The parameters of the query, each of which must be `allowed` and stand there once; what is
/// not is added to `findings`.
///
/// # Errors
/// A query string that cannot be decoded.
pub fn once_each(
    request: &HttpRequest,
    allowed: &[&str],
    findings: &mut Findings,
) -> Result<Vec<(String, String)>, Failure> {
    let sent = parameters(request)?;
    let mend = match allowed {
        [] => "This address takes no parameters: leave it out.".to_owned(),
        allowed => format!("Allowed here: {}.", allowed.join(", ")),
    };
    for (place, (name, _)) in sent.iter().enumerate() {
        findings.check(allowed.contains(&name.as_str()), name, &mend);
        let again = sent[..place].iter().any(|(other, _)| other == name);
        findings.check(!again, name, "Send this parameter once.");
    }
    Ok(sent.into_iter().filter(|(name, _)| allowed.contains(&name.as_str())).collect())
}

/// Refuses any parameter.
///
/// # Errors
/// There is one.
pub fn none(request: &HttpRequest) -> Result<(), Failure> {
    let mut findings = Findings::new();
    once_each(request, &[], &mut findings)?;
    findings.verdict().map_err(bad_query)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn one_parameter_more_than_there_may_be_is_refused_before_any_is_read() {
        let asked = |count: usize| {
            let query = vec!["a=1"; count].join("&");
            parameters(&TestRequest::with_uri(&format!("/?{query}")).to_http_request())
        };
        assert_eq!(asked(PARAMETERS_MAX).unwrap().len(), PARAMETERS_MAX);
        let refused = asked(PARAMETERS_MAX + 1).unwrap_err();
        assert_eq!(refused.kind(), ProblemKind::Malformed);
        assert!(refused.to_string().contains(&PARAMETERS_MAX.to_string()), "{refused}");
    }
}
