//! Which values are secret, and how they stay out of everything that is printed.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::LintContext;
use crate::catalog::{self, Release, ValueType};
use crate::finding::{Finding, Fix};
use crate::manifest::{Deployment, Word};
use crate::source::{FileId, LineIndex, SourceFile, Sources, Span};

/// Whether the value of a key is secret by the key's name.
///
/// What Flink masks in its own log, and more: access keys, credentials, passphrases. Keys whose
/// values name a secret, a file or a class and hold none are left out.
///
/// Source: `GlobalConfiguration.isSensitive`, Flink 1.10 to 2.3.
pub fn is_secret(key: &str) -> bool {
    has_secret_word(key) && !only_names_a_secret(key)
}

fn has_secret_word(key: &str) -> bool {
    SECRET_WORDS.as_ref().is_none_or(|words| words.is_match(key))
}

/// Words that make a key a secret's, in any case; found in one pass, as every line is searched on
/// every keystroke. `None` only if the words could not be compiled.
static SECRET_WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "apikey",
        "api-key",
        "api_key",
        "api.key",
        "accesskey",
        "access-key",
        "access_key",
        "access.key",
        "account.key",
        "auth-params",
        "auth.basic",
        "basic-auth",
        "basic.auth",
        "credential",
        "http-headers",
        "jaas.config",
        "password",
        "passwd",
        "passphrase",
        "private-key",
        "private_key",
        "secret",
        "service-key",
        "sas-token",
        "sas.token",
        "token",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
});

fn only_names_a_secret(key: &str) -> bool {
    const LAST_WORDS: [&str; 24] = [
        "alias",
        "class",
        "dir",
        "directory",
        "enable",
        "enabled",
        "factory",
        "file",
        "id",
        "interval",
        "location",
        "name",
        "path",
        "port",
        "provider",
        "providers",
        "renewal",
        "retries",
        "secretkeyref",
        "secrets",
        "services",
        "timeout",
        "type",
        "url",
    ];
    let last = key.rsplit(['.', '-', '_']).next().unwrap_or(key);
    // An access key id is half of a credential, and Flink's users call it `access-key`.
    let id_of_key = key.to_ascii_lowercase().contains("access") && last.eq_ignore_ascii_case("id");
    (LAST_WORDS.iter().any(|word| word.eq_ignore_ascii_case(last)) && !id_of_key)
        || key.contains("delegation")
        || catalog::option(key)
            .and_then(|option| option.at(Release::LATEST).or_else(|| option.entries.last()))
            .is_some_and(|entry| !matches!(entry.value_type, ValueType::String | ValueType::Map))
}

/// The password within a URL such as `s3://user:password@host/path`, as a range of `value`.
pub(super) fn password_in_url(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + "://".len();
    let authority = value.get(start..)?;
    let end = authority.find(['/', '?', ' ', ',', ';']).unwrap_or(authority.len());
    let user_info = authority.get(..authority.get(..end)?.rfind('@')?)?;
    let at = user_info.find(':')? + 1;
    (at < user_info.len()).then_some(start + at..start + user_info.len())
}

/// Every password within the URLs of a text.
fn passwords_in_urls(text: &str) -> Vec<Range<usize>> {
    let mut passwords = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..)
        && let Some(at) = rest.find("://")
    {
        // The next URL starts behind this one's `://`.
        let next = start + at + "://".len();
        let end = text.get(next..).and_then(|rest| rest.find("://"));
        let end = end.map_or(text.len(), |end| next + end);
        if let Some(password) = text.get(start..end).and_then(password_in_url) {
            passwords.push(start + password.start..start + password.end);
        }
        start = next;
    }
    passwords
}

/// The secrets among the words of a command: passwords in URLs, and the values of arguments whose
/// names say so, as in `--password x` and `--password=x`.
pub(super) fn secrets_of_words(words: &[Word], sources: &Sources) -> Vec<Span> {
    let mut secrets = Vec::new();
    let mut is_value = false;
    for word in words {
        let written = sources.text(word.span);
        let name = word.text.trim_start_matches('-');
        let is_name = word.text.starts_with('-') && !name.is_empty();
        let (name, attached) =
            name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
        if is_value && !is_name {
            secrets.push(word.span);
        } else if let Some(value) = attached.filter(|value| is_secret(name) && !value.is_empty()) {
            let end = written.len();
            secrets.push(word.span.slice(end.saturating_sub(value.len())..end));
        } else {
            let urls = passwords_in_urls(written);
            secrets.extend(urls.into_iter().map(|password| word.span.slice(password)));
        }
        is_value = is_name && attached.is_none() && is_secret(name);
    }
    secrets
}

/// Every secret in the texts of a configuration, in order: values of secret keys, also in
/// comments and in lines that Flink drops, and passwords in URLs.
pub fn mask(ctx: &LintContext<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    // The effective settings of the file are among those that were loaded.
    let others = ctx.config.settings().iter().filter(|it| it.value_span.file != ctx.file);
    for setting in ctx.loaded.settings.iter().chain(others) {
        if is_secret(&setting.key) {
            spans.push(setting.value_span);
        }
    }
    for (file, source) in ctx.sources.iter() {
        let is_overlay = ctx.deployment().is_some_and(|it| it.file() == Some(file));
        if file == ctx.file || is_overlay {
            secrets_by_line(file, source, &mut spans);
        }
    }
    for setting in ctx.config.settings() {
        if setting.value_span.file != ctx.file
            && let Some(password) = password_in_url(&setting.value.text())
        {
            spans.push(setting.value_span.slice(password));
        }
    }
    if let Some(command) = ctx.deployment().and_then(Deployment::job) {
        spans.extend(secrets_of_words(&command.words, ctx.sources));
    }
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn secrets_by_line(file: FileId, source: &SourceFile, spans: &mut Vec<Span>) {
    let text = source.text();
    // Only lines with such a word, or with a URL, can hold a secret.
    let mut hits: Vec<usize> = match SECRET_WORDS.as_ref() {
        Some(words) => words.find_iter(text).map(|found| found.start()).collect(),
        None => (0..text.len()).collect(),
    };
    hits.extend(memchr::memmem::find_iter(text.as_bytes(), "://"));
    hits.sort_unstable();
    let mut done = 0;
    for hit in hits {
        if hit < done {
            continue; // On the line of the one before.
        }
        let before = text.get(..hit).unwrap_or("");
        let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let rest = text.get(start..).unwrap_or("");
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let secrets = match secret_of_line(line) {
            Some(secret) => vec![secret],
            None => passwords_in_urls(line),
        };
        for secret in secrets {
            spans.push(Span::new(file, start + secret.start..start + secret.end));
        }
        done = start + line.len() + 1;
    }
}

/// The secret of a line of `key: value` or `key=value`, commented out or not.
fn secret_of_line(line: &str) -> Option<Range<usize>> {
    let decoration = [' ', '\t', '#', '-', '"', '\'', '\u{feff}'];
    let body = line.trim_start_matches(decoration);
    let at = body.find([':', '='])?;
    let key = body.get(..at)?.trim_end_matches(['"', '\'', ' ']);
    if key.contains(' ') || !is_secret(key) {
        return None;
    }
    let after = body.get(at + 1..)?;
    let value = after.trim_start();
    let end = value.find(" #").unwrap_or(value.len());
    let value = value.get(..end)?.trim_end();
    let start = line.len() - after.trim_start().len();
    (!value.is_empty()).then_some(start..start + value.len())
}

/// The value of a setting, masked where it is a secret.
pub fn mask_value(key: &str, value: &str) -> String {
    if is_secret(key) && !value.is_empty() {
        return MASK.to_owned();
    }
    let masked = mask_property(&format!("={value}"));
    masked.get(1..).unwrap_or(MASK).to_owned()
}

/// The argument of `-D` with a secret value masked.
pub fn mask_property(property: &str) -> String {
    match property.split_once('=') {
        Some((key, value)) if is_secret(key) && !value.is_empty() => format!("{key}={MASK}"),
        Some((key, value)) => match password_in_url(value) {
            Some(password) => {
                let (before, after) = (value.get(..password.start), value.get(password.end..));
                format!("{key}={}{MASK}{}", before.unwrap_or(""), after.unwrap_or(""))
            }
            None => property.to_owned(),
        },
        None => property.to_owned(),
    }
}

const MASK: &str = "******";

/// Takes secrets out of what findings say about the lines that hold them.
pub(super) fn scrub(ctx: &LintContext<'_>, findings: &mut [Finding]) {
    if findings.is_empty() {
        return;
    }
    let secrets = mask(ctx);
    if secrets.is_empty() {
        return;
    }
    let lines = LineIndex::new(ctx.file_text());
    for finding in findings {
        let labels = finding.primary.iter().chain(&finding.related);
        let mut nearby: Vec<&str> = Vec::new();
        for label in labels {
            let (first, end) = lines_of(ctx, &lines, label.span);
            let from = secrets.partition_point(|secret| secret_before(*secret, first));
            let on_these_lines = secrets
                .iter()
                .skip(from)
                .take_while(|secret| secret.file == label.span.file && secret.start < end);
            // A label over more secrets than this quotes none of them.
            nearby.extend(on_these_lines.take(16).map(|secret| ctx.sources.text(*secret)));
        }
        for secret in nearby {
            scrub_finding(finding, secret);
        }
    }
}

fn secret_before(secret: Span, first: Span) -> bool {
    (secret.file, secret.end) <= (first.file, first.start)
}

/// The start of a span's first line, and the end of its last one.
fn lines_of(ctx: &LintContext<'_>, lines: &LineIndex, span: Span) -> (Span, u32) {
    if span.file != ctx.file {
        return (Span { start: 0, ..span }, u32::MAX);
    }
    let start = lines.line_start(lines.line_index(span.start)).unwrap_or(0);
    let next = lines.line_start(lines.line_index(span.end) + 1).unwrap_or(u32::MAX);
    (Span { start, ..span }, next)
}

fn scrub_finding(finding: &mut Finding, secret: &str) {
    let labels = finding.primary.iter_mut().chain(&mut finding.related);
    for text in labels.map(|label| &mut label.text) {
        scrub_text(text, secret);
    }
    scrub_text(&mut finding.message, secret);
    finding.help.iter_mut().for_each(|text| scrub_text(text, secret));
    finding.flink_message.iter_mut().for_each(|text| scrub_text(text, secret));
    // An edit cannot be masked and still be applied.
    let tells = |fix: &Fix| fix.edits.iter().any(|edit| edit.text.contains(secret));
    if finding.fix.as_ref().is_some_and(tells) {
        finding.fix = None;
    }
}

fn scrub_text(text: &mut String, secret: &str) {
    /// A shorter secret is part of too many words; it is masked only where it is quoted.
    const SHORT: usize = 4;
    let escaped = secret.escape_debug().to_string();
    for form in [secret, &escaped] {
        if form.len() >= SHORT {
            if text.contains(form) {
                *text = text.replace(form, MASK);
            }
        } else {
            for quote in ['"', '\'', '`'] {
                let quoted = format!("{quote}{form}{quote}");
                if text.contains(&quoted) {
                    *text = text.replace(&quoted, &format!("{quote}{MASK}{quote}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets() {
        for key in [
            "s3.secret-key",
            "s3.access-key",
            "fs.oss.accessKeySecret",
            "fs.oss.accessKeyId",
            "fs.azure.account.key.name.blob.core.windows.net",
            "security.ssl.rest.keystore-password",
            "metrics.reporter.dd.apikey",
            "python.metric.auth.basic.user",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "kubernetes.secrets",
            "kubernetes.env.secretKeyRef",
            "security.delegation.tokens.enabled",
            "kubernetes.container.image.pull-secrets",
            "fs.s3a.aws.credentials.provider",
            "taskmanager.numberOfTaskSlots",
            "state.checkpoints.dir",
            "kubernetes.jobmanager.service-account",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn secrets_of_lines() {
        let secret = |line: &'static str| secret_of_line(line).map(|range| &line[range]);
        assert_eq!(secret("s3.secret-key: abc#def"), Some("abc#def"));
        assert_eq!(secret("#  s3.secret-key=abc # comment"), Some("abc"));
        assert_eq!(secret("  \"password\": 'x y'"), Some("'x y'"));
        assert_eq!(secret("s3.secret-key: "), None);
        assert_eq!(secret("# a word on the secret: none"), None);
        assert_eq!(mask_property("s3.secret-key=abc"), "s3.secret-key=******");
        assert_eq!(mask_property("a=oss://id:key@bucket/x"), "a=oss://id:******@bucket/x");
        assert_eq!(mask_property("a=hdfs://host:8020/x"), "a=hdfs://host:8020/x");
    }

    proptest::proptest! {
        #[test]
        fn every_line_is_read(line in ".*") {
            for range in secret_of_line(&line).into_iter().chain(password_in_url(&line)) {
                proptest::prop_assert!(line.get(range).is_some());
            }
        }
    }
}
