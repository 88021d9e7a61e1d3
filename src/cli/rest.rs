//! Asking a cluster's REST API: read-only, bounded in time and size, and silent about passwords.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io, thread};

use clap::Args;
use serde::de::DeserializeOwned;
use ureq::config::RedirectAuthHeaders;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::render::printable;
use crate::workspace::read_all;

/// How to reach a cluster, beside its address.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options for a cluster")]
pub(super) struct ConnectArguments {
    /// The user for basic authentication; the password is read from the environment variable
    /// SLOTWISE_PASSWORD unless --password-file says otherwise
    #[arg(long, value_name = "NAME")]
    user: Option<String>,

    /// A file whose first line is the password
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,

    /// Certificates, in PEM, to trust instead of the public ones
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// How long an answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

/// Why a cluster could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {message}")]
pub(super) struct RestError {
    /// Without a password.
    pub(super) url: String,
    /// What was found, and what is expected.
    pub(super) message: String,
    /// The HTTP status, if there was an answer that was not asked for.
    pub(super) status: Option<u16>,
}

/// A cluster's REST API.
pub(super) struct Client {
    agent: ureq::Agent,
    /// Without a user and without a slash at its end.
    base: String,
    authorization: Option<String>,
    timeout: Duration,
    /// The first pause before a request is sent again.
    retry_pause: Duration,
}

/// A cluster of 1000 subtasks answers with less than a hundredth of it.
const BODY_BYTES_MAX: u64 = 32 << 20;
/// Once may be a hiccup, twice a restart of a proxy; more is no accident.
const ATTEMPT_COUNT: u32 = 3;
/// A JobManager that is not the leader may point to the one that is; a ring is none of that.
const REDIRECT_COUNT_MAX: u32 = 4;

impl Client {
    /// A client for the cluster at `url`; nothing is sent yet.
    ///
    /// # Errors
    /// An address that is none, and files that cannot be read.
    pub(super) fn new(url: &str, arguments: &ConnectArguments) -> Result<Self, RestError> {
        let address = Address::parse(url)?;
        let fail = |message| RestError { url: address.base.clone(), message, status: None };
        let mut tls = TlsConfig::builder();
        if let Some(path) = &arguments.ca_file {
            tls = tls.root_certs(certificates(path).map_err(fail)?);
        }
        let timeout = Duration::from_secs(arguments.timeout);
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(Duration::from_secs(5))))
            .max_redirects(REDIRECT_COUNT_MAX)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .http_status_as_error(false)
            .user_agent(concat!("slotwise/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            // A cluster is no place of the web; a proxy for that cannot reach it.
            .proxy(None)
            .tls_config(tls.build())
            .build();
        let credentials = match &arguments.user {
            Some(user) => Some((user.clone(), password(arguments).map_err(fail)?)),
            None => address.credentials,
        };
        let authorization = credentials.map(|(user, password)| {
            format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
        });
        Ok(Self {
            agent: config.new_agent(),
            base: address.base,
            authorization,
            timeout,
            retry_pause: Duration::from_millis(500),
        })
    }

    /// The cluster's address as it may be shown.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The answer to `GET path`, asked again if the network or the server stumbles.
    ///
    /// # Errors
    /// [`RestError`] if there is no answer, or not the expected one.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RestError> {
        let mut pause = self.retry_pause;
        let mut attempt = 1;
        loop {
            match self.try_get(path) {
                Ok(answer) => return Ok(answer),
                Err((error, Again::Yes)) if attempt < ATTEMPT_COUNT => {
                    drop(error);
                    thread::sleep(pause);
                    pause *= 2;
                    attempt += 1;
                }
                Err((mut error, again)) => {
                    if again == Again::Yes {
                        error.message.push_str(&format!(" ({attempt} attempts)"));
                    }
                    return Err(error);
                }
            }
        }
    }

    fn try_get<T: DeserializeOwned>(&self, path: &str) -> Result<T, (RestError, Again)> {
        let url = format!("{}{path}", self.base);
        let shown = url.split('?').next().unwrap_or(&url).to_owned();
        let error = |message: String, status| RestError { url: shown.clone(), message, status };
        let mut request = self.agent.get(&url);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call().map_err(|failure| {
            let (message, again) = self.describe(&failure);
            (error(message, None), again)
        })?;
        let status = response.status().as_u16();
        if status != 200 {
            let again = if matches!(status, 500 | 502..=504) { Again::Yes } else { Again::No };
            return Err((error(of_status(status), Some(status)), again));
        }
        let body = response.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_vec();
        let body = body.map_err(|failure| {
            let (message, again) = self.describe(&failure);
            (error(message, None), again)
        })?;
        serde_json::from_slice(&body).map_err(|failure| {
            let start = String::from_utf8_lossy(body.get(..60).unwrap_or(&body)).into_owned();
            let message = format!(
                "expected an answer of Flink's REST API, found {:?}: {failure}; is this the JobManager's address?",
                printable(&start)
            );
            (error(message, None), Again::No)
        })
    }

    fn describe(&self, failure: &ureq::Error) -> (String, Again) {
        let timeout = self.timeout.as_secs();
        match failure {
            ureq::Error::Timeout(_) => {
                (format!("no answer within {timeout} s; --timeout waits longer"), Again::Yes)
            }
            ureq::Error::TooManyRedirects => (
                format!(
                    "redirected more than {REDIRECT_COUNT_MAX} times: is this the JobManager's address?"
                ),
                Again::No,
            ),
            ureq::Error::BodyExceedsLimit(_) => (
                format!(
                    "the answer is larger than {} MiB, which none of Flink's is",
                    BODY_BYTES_MAX >> 20
                ),
                Again::No,
            ),
            ureq::Error::HostNotFound => ("no such host".to_owned(), Again::No),
            ureq::Error::Rustls(failure) => {
                (format!("TLS: {failure}; --ca-file names certificates to trust"), Again::No)
            }
            // What is wrong with a certificate comes in this dress.
            ureq::Error::Io(failure) if failure.kind() == ErrorKind::InvalidData => {
                (format!("TLS: {failure}; --ca-file names certificates to trust"), Again::No)
            }
            ureq::Error::Protocol(failure) => {
                (format!("expected HTTP, found something else: {failure}"), Again::No)
            }
            ureq::Error::Io(failure) => (failure.to_string(), Again::Yes),
            other => (other.to_string(), Again::Yes),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Yes,
    No,
}

fn of_status(status: u16) -> String {
    match status {
        401 => "the cluster asks who you are (HTTP 401): give --user, and the password in SLOTWISE_PASSWORD".to_owned(),
        403 => "the cluster refuses this user (HTTP 403)".to_owned(),
        404 => "not found (HTTP 404)".to_owned(),
        status => format!("expected HTTP 200, found {status}"),
    }
}

fn password(arguments: &ConnectArguments) -> Result<String, String> {
    match &arguments.password_file {
        Some(path) => {
            let text = read_secret(path)
                .map_err(|error| format!("--password-file {}: {error}", path.display()))?;
            Ok(text.lines().next().unwrap_or("").to_owned())
        }
        None => std::env::var("SLOTWISE_PASSWORD").map_err(|_| {
            "--user needs a password, in SLOTWISE_PASSWORD or --password-file".to_owned()
        }),
    }
}

/// No password and no file of certificates is longer; a pipe may hold one, so they need not be files.
const SECRET_BYTES_MAX: u64 = 4 << 20;

fn read_secret(path: &Path) -> io::Result<String> {
    let bytes = read_all(fs::File::open(path)?, SECRET_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("expected UTF-8, found other bytes"))
}

fn certificates(path: &Path) -> Result<RootCerts, String> {
    let name = path.display();
    let pem = fs::File::open(path)
        .and_then(|file| read_all(file, SECRET_BYTES_MAX))
        .map_err(|error| format!("--ca-file {name}: {error}"))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(format!("--ca-file {name}: expected certificates in PEM, found none"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// An address in its parts.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    base: String,
    credentials: Option<(String, String)>,
}

impl Address {
    fn parse(url: &str) -> Result<Self, RestError> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (user_info, host) = match authority.rsplit_once('@') {
            Some((user_info, host)) => (Some(user_info), host),
            None => (None, authority),
        };
        let shown = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
        let fail = |message: &str| {
            let shown = if shown.is_empty() { "the address".to_owned() } else { shown.clone() };
            Err(RestError { url: shown, message: message.to_owned(), status: None })
        };
        if !matches!(scheme, "http" | "https") {
            return fail(
                "expected an address such as http://jobmanager:8081, with http:// or https://",
            );
        }
        if host.is_empty() || path.contains(['?', '#']) {
            return fail("expected an address such as http://jobmanager:8081, without a query");
        }
        let is_fine = |c: char| c.is_ascii_graphic();
        if !host.chars().chain(path.chars()).all(is_fine) {
            return fail("expected an address without spaces and other such characters");
        }
        let credentials = user_info.map(|text| {
            let (user, password) = text.split_once(':').unwrap_or((text, ""));
            (percent_decode(user), percent_decode(password))
        });
        Ok(Self { base: format!("{shown}{}", path.trim_end_matches('/')), credentials })
    }
}

/// `%41` is `A`; what is no such code stays.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A part of a path or a query, with all but letters and digits as codes.
pub(super) fn percent_encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// RFC 4648's base 64.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = DIGITS.get((group >> (18 - 6 * place) & 63) as usize);
            let is_padding = place > chunk.len();
            out.push(if is_padding { '=' } else { digit.map_or('=', |digit| char::from(*digit)) });
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Instant;

    use super::*;

    /// Serves each connection by `answer`, which gets the request's head, until dropped.
    pub(in crate::cli) struct Server {
        pub(in crate::cli) url: String,
        port: u16,
        thread: Option<thread::JoinHandle<()>>,
    }

    impl Server {
        pub(in crate::cli) fn start(
            mut answer: impl FnMut(&str, &mut TcpStream) + Send + 'static,
        ) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let thread = thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let head = read_head(&mut stream);
                    if head.starts_with("QUIT") {
                        return;
                    }
                    answer(&head, &mut stream);
                }
            });
            Self { url: format!("http://127.0.0.1:{port}"), port, thread: Some(thread) }
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let _ = stream.write_all(b"QUIT\r\n\r\n");
            }
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
        }
    }

    fn read_head(stream: &mut TcpStream) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
            head.push(byte[0]);
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    pub(in crate::cli) fn respond(stream: &mut TcpStream, status: u16, more: &str, body: &[u8]) {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n"
        );
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(body);
    }

    pub(in crate::cli) fn client(url: &str) -> Client {
        waiting_client(url, 1)
    }

    fn waiting_client(url: &str, timeout: u64) -> Client {
        let arguments =
            ConnectArguments { user: None, password_file: None, ca_file: None, timeout };
        let mut client = Client::new(url, &arguments).unwrap();
        client.retry_pause = Duration::from_millis(1);
        client
    }

    fn error(answer: impl FnMut(&str, &mut TcpStream) + Send + 'static) -> String {
        let server = Server::start(answer);
        let error = client(&server.url).get::<serde_json::Value>("/config").unwrap_err();
        error.to_string().replace(&server.url, "URL")
    }

    #[test]
    fn hostile_servers_give_clear_errors() {
        insta::assert_snapshot!(
            error(|_, stream| respond(stream, 200, "", b"<html>no</html>")),
            @r#"URL/config: expected an answer of Flink's REST API, found "<html>no</html>": expected value at line 1 column 1; is this the JobManager's address?"#
        );
        insta::assert_snapshot!(
            error(|_, stream| respond(stream, 401, "", b"")),
            @"URL/config: the cluster asks who you are (HTTP 401): give --user, and the password in SLOTWISE_PASSWORD"
        );
        insta::assert_snapshot!(error(|_, stream| respond(stream, 418, "", b"")), @"URL/config: expected HTTP 200, found 418");
        insta::assert_snapshot!(
            error(|_, stream| respond(stream, 503, "", b"")),
            @"URL/config: expected HTTP 200, found 503 (3 attempts)"
        );
        insta::assert_snapshot!(
            error(|_, stream| respond(stream, 302, "Location: /config\r\n", b"")),
            @"URL/config: redirected more than 4 times: is this the JobManager's address?"
        );
        let garbage = error(|_, stream| {
            let _ = stream.write_all(b"\x00\x01SSH-2.0-not-http\r\n\r\n");
        });
        assert!(
            garbage.starts_with("URL/config: expected HTTP, found something else: "),
            "{garbage}"
        );
    }

    #[test]
    fn slow_servers_are_left_in_time() {
        let start = Instant::now();
        let error = error(move |_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n");
            // One byte now and then would keep a timeout of each read from ever passing.
            let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
            while stream.write_all(b" ").is_ok() && start.elapsed() < Duration::from_secs(20) {
                let mut byte = [0];
                if stream.read(&mut byte).is_ok_and(|count| count == 0) {
                    break;
                }
            }
        });
        assert_eq!(error, "URL/config: no answer within 1 s; --timeout waits longer (3 attempts)");
    }

    #[test]
    fn huge_answers_are_not_read_to_the_end() {
        let server = Server::start(|_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b' '; 65536]).is_ok() {}
        });
        // So much takes a busy machine its time.
        let error = waiting_client(&server.url, 60).get::<u32>("/config").unwrap_err();
        let error = error.to_string().replace(&server.url, "URL");
        assert_eq!(error, "URL/config: the answer is larger than 32 MiB, which none of Flink's is");
    }

    #[test]
    fn a_hiccup_is_forgiven() {
        let mut count = 0;
        let server = Server::start(move |_, stream| {
            count += 1;
            respond(stream, if count < 3 { 503 } else { 200 }, "", b"[1]");
        });
        assert_eq!(client(&server.url).get::<Vec<u32>>("/jobs"), Ok(vec![1]));
    }

    #[test]
    fn passwords_are_sent_and_never_shown() {
        let server = Server::start(|head, stream| {
            let is_known = head.contains("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
            respond(stream, if is_known { 500 } else { 401 }, "", b"");
        });
        // RFC 7617's own example.
        let url = server.url.replace("http://", "http://Aladdin:open%20sesame@");
        let error = client(&url).get::<u32>("/config").unwrap_err().to_string();
        assert_eq!(
            error.replace(&server.url, "URL"),
            "URL/config: expected HTTP 200, found 500 (3 attempts)"
        );
        for url in [
            "ftp://me:secret@host/",
            "me:secret@host:8081",
            "http://me:secret@/",
            "http://me:secret@host/?x",
            "",
            "http://me:secret@a b",
        ] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
