//! The embedded web UI: one page, and its files under an address that names their content.
//!
//! `/ui/<hash>/…` never changes and is kept by browsers for a year; the page itself is asked
//! for each time and costs a 304. After an upgrade the old hash is gone: 404, and the page
//! offers to reload. Files were compressed at build time, so serving one is a copy of bytes.
use std::borrow::Cow;

use actix_web::http::header::{
    self, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EntityTag, HeaderMap, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::web::{Answer, Failure};

include!(concat!(env!("OUT_DIR"), "/ui_build.rs"));

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

/// What a page may do: its own files, its own server, nothing inline, no string into code.
/// `frame-*` is open to itself because printing goes through a hidden frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; frame-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// What names this version of the UI.
pub(super) const fn hash() -> &'static str {
    HASH
}

/// Devices that no screen uses.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
    serial=(), display-capture=()";

/// Where the page keeps the language that somebody chose on this workstation.
const LANGUAGE_COOKIE: &str = "hf_language";

const FOREVER: &str = "public, max-age=31536000, immutable";

/// Mounts the files and, for everything that no other service took, the page or a 404.
///
/// Must come last: it sets the default service of the application.
pub fn mount(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/ui/{hash}/{path:.*}").get(file).head(file))
        .service(web::resource("/favicon.ico").get(icon))
        .default_service(web::to(page));
}

/// The address of one of the files.
pub(super) fn address(path: &str) -> String {
    format!("/ui/{HASH}/{path}")
}

/// One file of the UI, for ever.
async fn file(request: HttpRequest, at: web::Path<(String, String)>) -> Answer {
    let (hash, path) = at.into_inner();
    if hash != HASH || path.starts_with("index.") || path.ends_with(".gz") || path.ends_with(".br")
    {
        return Err(Failure::not_found());
    }
    let embedded = Files::get(&path).ok_or_else(Failure::not_found)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, FOREVER));
    Ok(send(&request, answer, &path, embedded))
}

/// Browsers ask for it whatever the page says.
async fn icon(request: HttpRequest) -> Answer {
    let embedded = Files::get("icon.svg").ok_or_else(Failure::not_found)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "public, max-age=86400"));
    Ok(send(&request, answer, "icon.svg", embedded))
}

/// The page for every address that its router knows; a problem or a plain page for others.
async fn page(request: HttpRequest) -> Answer {
    let path = request.path();
    if path.starts_with("/api/") || path == "/api" || path.starts_with("/ui/") {
        return Err(Failure::not_found());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "GET, HEAD"))
            .finish());
    }
    let is_known = ROUTES.iter().any(|route| fits(route, path));
    if !is_known && !asks_for_page(request.headers()) {
        return Ok(no_such_page());
    }
    let file = format!("index.{}.html", language(&request));
    let embedded = Files::get(&file).ok_or_else(Failure::not_found)?;
    // Its router says that there is no such page, in the language of the page.
    let mut answer = if is_known { HttpResponse::Ok() } else { HttpResponse::NotFound() };
    answer.insert_header((CACHE_CONTROL, if is_known { "no-cache" } else { "no-store" }));
    protect(&mut answer);
    let mut answer = send(&request, answer, &file, embedded);
    let vary = HeaderValue::from_static("Accept-Encoding, Accept-Language, Cookie");
    answer.headers_mut().insert(VARY, vary);
    Ok(answer)
}

/// The language that was chosen on this workstation, else the first that the browser prefers
/// and the page has, else the first of the page.
fn language(request: &HttpRequest) -> &'static str {
    let known = |code: &str| LANGUAGES.iter().find(|one| code.eq_ignore_ascii_case(one)).copied();
    let chosen = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| known(cookie.value()));
    let header = || request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok();
    chosen.or_else(|| preferred(header()?, known)).unwrap_or(LANGUAGES[0])
}

/// The best of what a header like `fr-CA, fr;q=0.9, en;q=0.5` asks for and `known` knows.
fn preferred(header: &str, known: impl Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
    let mut best = (None, 0.0);
    for offer in header.split(',') {
        let mut parts = offer.split(';').map(str::trim);
        let code = parts.next().and_then(|tag| tag.split('-').next()).and_then(&known);
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse);
        if let (Some(code), Ok(weight)) = (code, weight)
            && best.1 < weight
        {
            best = (Some(code), weight);
        }
    }
    best.0
}

/// Whether an address has the form of a route: `/p/:id/edit` fits `/p/pat_1/edit`.
fn fits(route: &str, path: &str) -> bool {
    let mut have = path.split('/').skip(1);
    let fits = route.split('/').skip(1).all(|want| {
        have.next().is_some_and(|part| part == want || (want.starts_with(':') && !part.is_empty()))
    });
    fits && have.next().is_none()
}

/// Whether somebody looks at it in a browser.
fn asks_for_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Says it in words that need no script and no style, to whoever is no browser.
fn no_such_page() -> HttpResponse {
    let mut answer = HttpResponse::NotFound();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    protect(&mut answer);
    answer.content_type("text/html; charset=utf-8").body(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <title>No such page – HealthFlow</title>\
         <h1>There is no such page</h1>\
         <p>The address may be old or mistyped. <a href=\"/\">Go to HealthFlow</a></p></html>",
    )
}

fn protect(answer: &mut HttpResponseBuilder) {
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::PERMISSIONS_POLICY, PERMISSIONS),
        (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    for header in headers {
        answer.insert_header(header);
    }
}

/// Sends a file in the smallest form that the browser takes; 304 when it has it already.
fn send(
    request: &HttpRequest,
    mut answer: HttpResponseBuilder,
    path: &str,
    raw: EmbeddedFile,
) -> HttpResponse {
    let digest = raw.metadata.sha256_hash();
    let sum: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let (coding, embedded) = smallest(request.headers(), path)
        .map_or((None, raw), |(coding, packed)| (Some(coding), packed));
    // Each coding is a representation of its own, so each has its own strong tag.
    let tag = EntityTag::new_strong(format!("{sum}{}", coding.unwrap_or_default()));
    answer.insert_header((ETAG, tag.to_string()));
    answer.insert_header((VARY, "Accept-Encoding"));
    if has_already(request.headers(), &tag) {
        return answer.status(StatusCode::NOT_MODIFIED).finish();
    }
    answer.insert_header((CONTENT_TYPE, kind_of(path)));
    if let Some(coding) = coding {
        answer.insert_header((CONTENT_ENCODING, coding));
    } else {
        // Says to the compressing middleware that this form was chosen on purpose.
        answer.insert_header((CONTENT_ENCODING, "identity"));
    }
    match embedded.data {
        Cow::Borrowed(bytes) => answer.body(web::Bytes::from_static(bytes)),
        Cow::Owned(bytes) => answer.body(bytes),
    }
}

/// The compressed copy that the request accepts, brotli before gzip.
fn smallest(headers: &HeaderMap, path: &str) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(coding, ending)| {
        let taken = accepted.split(',').any(|offer| takes(offer, coding));
        taken.then(|| Files::get(&format!("{path}.{ending}"))).flatten().map(|file| (coding, file))
    })
}

/// Whether one item of Accept-Encoding takes a coding; `br;q=0` forbids it.
fn takes(offer: &str, coding: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    named && weight.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| 0.0 < q))
}

fn has_already(headers: &HeaderMap, tag: &EntityTag) -> bool {
    let Some(tags) = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let tag = tag.to_string();
    tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::dev::ServiceResponse;
    use actix_web::{App, test};

    use super::*;

    async fn get(uri: &str, headers: &[(&str, &str)]) -> ServiceResponse {
        let app = test::init_service(App::new().configure(mount)).await;
        let mut request = test::TestRequest::get().uri(uri);
        for header in headers {
            request = request.insert_header(*header);
        }
        test::call_service(&app, request.to_request()).await
    }

    fn header(answer: &ServiceResponse, name: &str) -> String {
        let value = answer.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    fn main_js() -> String {
        format!("/ui/{HASH}/app/main.js")
    }

    #[actix_web::test]
    async fn the_page_answers_every_route_with_the_strict_policy() {
        for route in ["/", "/setup", "/sign-in", "/patients/new", "/p/pat_1", "/p/pat_1/edit"] {
            let answer = get(route, &[]).await;
            assert_eq!(answer.status(), 200, "{route}");
            assert_eq!(header(&answer, "cache-control"), "no-cache");
            let policy = header(&answer, "content-security-policy");
            assert!(policy.contains("script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
            assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
            assert!(header(&answer, "permissions-policy").contains("camera=()"));
            assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin");
        }
    }

    #[actix_web::test]
    async fn the_page_names_its_files_and_has_nothing_inline() {
        let answer = get("/", &[]).await;
        let html = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
        assert!(html.contains(&main_js()), "{html}");
        assert!(html.contains(&format!("modulepreload\" href=\"/ui/{HASH}/vendor/preact.js")));
        assert!(html.contains(&format!("stylesheet\" href=\"/ui/{HASH}/css/tokens.css")));
        assert!(!html.contains("{{") && !html.contains("<style") && !html.contains("onload"));
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[actix_web::test]
    async fn the_page_comes_in_the_chosen_language_else_in_the_browsers() {
        type Sent = &'static [(&'static str, &'static str)];
        let cases: [(Sent, &str, &str); 7] = [
            (&[], "en", "ltr"),
            (&[("accept-language", "fr-CA,fr;q=0.9,en;q=0.8")], "fr", "ltr"),
            (&[("accept-language", "de-DE, ar-EG;q=0.7, en;q=0.3")], "ar", "rtl"),
            (&[("accept-language", "en;q=0.2, fr;q=0.9")], "fr", "ltr"),
            (&[("accept-language", "de, nl"), ("cookie", "hf_language=xx")], "en", "ltr"),
            (&[("accept-language", "fr"), ("cookie", "hf_language=ar")], "ar", "rtl"),
            (&[("accept-language", ";;q=x, fr;q=zero")], "en", "ltr"),
        ];
        for (headers, code, direction) in cases {
            let answer = get("/patients", headers).await;
            assert_eq!(header(&answer, "vary"), "Accept-Encoding, Accept-Language, Cookie");
            let html = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
            let start = format!("<html lang=\"{code}\" dir=\"{direction}\">");
            assert!(html.contains(&start), "{headers:?}: {html}");
            assert!(html.contains(&format!("i18n/{code}.json")), "{headers:?}: {html}");
            assert_eq!(html.matches("as=\"fetch\"").count(), 4, "only the chosen language");
        }
    }

    #[actix_web::test]
    async fn unknown_addresses_are_pages_or_problems() {
        let answer = get("/no/such/page", &[]).await;
        assert_eq!(answer.status(), 404);
        let seen = get("/settings", &[("accept", "text/html"), ("accept-language", "fr")]).await;
        assert_eq!(seen.status(), 404, "a browser gets the page, which says it in its language");
        let body = test::read_body(seen).await;
        assert!(String::from_utf8_lossy(&body).contains("<html lang=\"fr\""), "{body:?}");
        assert!(header(&answer, "content-type").starts_with("text/html"));
        for path in ["/api/v1/nothing", "/ui/0000000000000000/app/main.js"] {
            let failure = get(path, &[]).await;
            assert_eq!(failure.status(), 404, "{path}");
            assert_eq!(header(&failure, "content-type"), "application/problem+json");
        }
        for hidden in
            ["index.en.html", "index.html", "app/main.js.br", "app/missing.js", "dev/package.json"]
        {
            let answer = get(&format!("/ui/{HASH}/{hidden}"), &[]).await;
            assert_eq!(answer.status(), 404, "{hidden}");
        }
    }

    #[actix_web::test]
    async fn files_come_for_ever_in_the_smallest_accepted_form() {
        let plain = test::read_body(get(&main_js(), &[]).await).await;
        for (offer, coding) in
            [("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("br;q=0, gzip", "gzip")]
        {
            let answer = get(&main_js(), &[("accept-encoding", offer)]).await;
            assert_eq!(header(&answer, "content-encoding"), coding);
            assert_eq!(header(&answer, "cache-control"), FOREVER);
            assert_eq!(header(&answer, "vary"), "Accept-Encoding");
            assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
            assert!(test::read_body(answer).await.len() < plain.len());
        }
    }

    #[actix_web::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let offer = ("accept-encoding", "br");
        for uri in ["/".to_owned(), main_js()] {
            let tag = header(&get(&uri, &[offer]).await, "etag");
            let again = get(&uri, &[offer, ("if-none-match", &tag)]).await;
            assert_eq!(again.status(), 304, "{uri}");
            let other_form = get(&uri, &[("if-none-match", &tag)]).await;
            assert_eq!(other_form.status(), 200, "{uri}");
        }
    }

    #[core::prelude::v1::test]
    fn routes_fit_whole_addresses_only() {
        assert!(fits("/", "/"));
        assert!(fits("/p/:id", "/p/pat_1"));
        assert!(!fits("/p/:id", "/p/"));
        assert!(!fits("/p/:id", "/p/pat_1/edit"));
        assert!(!fits("/patients", "/patients/"));
    }
}
