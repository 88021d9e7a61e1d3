//! Which values are secret, and how they stay out of everything that is printed.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::LintContext;
use crate::catalog::{self, Release, ValueType};
use crate::config::Setting;
use crate::finding::{Finding, Fix};
use crate::manifest::{Deployment, Word};
use crate::source::{FileId, SourceFile, Sources, Span};

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
    SECRET_WORDS.as_ref().is_none_or(|words| words.is_match(&key.to_ascii_lowercase()))
}

/// Words that make a key a secret's, in lower case; found in one pass, as every line is searched on
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
    // This kind of match lets it look at many bytes at a time.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok()
});

/// Where a text has such words.
fn secret_words(text: &str) -> Vec<Range<usize>> {
    match SECRET_WORDS.as_ref() {
        Some(words) => {
            words.find_iter(&text.to_ascii_lowercase()).map(|found| found.range()).collect()
        }
        None => (0..text.len()).map(|at| at..at).collect(),
    }
}

/// The settings whose values are secret by their keys' names, in the given order.
pub(super) fn secret_settings<'s, 'a>(
    settings: impl Iterator<Item = &'s Setting<'a>>,
) -> Vec<&'s Setting<'a>> {
    // All keys are searched at one go, as a search by itself for each takes far longer.
    let settings: Vec<&Setting<'a>> = settings.collect();
    let mut keys = String::new();
    let mut ends: Vec<usize> = Vec::with_capacity(settings.len());
    for setting in &settings {
        keys.push_str(&setting.key);
        keys.push('\n');
        ends.push(keys.len());
    }
    let words = secret_words(&keys);
    let mut found: Vec<usize> =
        words.iter().map(|word| ends.partition_point(|end| *end <= word.start)).collect();
    found.dedup();
    let found = found.into_iter().filter_map(|at| settings.get(at).copied());
    found.filter(|setting| !only_names_a_secret(&setting.key)).collect()
}

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
    // Few values have one, and all are asked on every keystroke.
    memchr::memchr(b'@', value.as_bytes())?;
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

/// Every secret within a text of any kind: passwords in URLs, `-Dpassword=x`, `password: x` in a
/// comment, and what follows `Bearer`.
fn secrets_in_text(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    if memchr::memchr(b'@', text.as_bytes()).is_some() {
        secrets.extend(passwords_in_urls(text));
        secrets.extend(text.match_indices("://").filter_map(|(at, _)| user_in_url(text, at)));
    }
    let words = secret_words(text).into_iter();
    secrets.extend(words.filter_map(|word| pair_around(text, word)));
    for space in memchr::memchr_iter(b' ', text.as_bytes()) {
        let before = text.get(..space).unwrap_or("");
        if ["Bearer", "bearer", "Basic"].iter().any(|scheme| before.ends_with(scheme)) {
            let start = space + 1;
            let length = text.get(start..).map_or(0, |rest| rest.find(ENDS).unwrap_or(rest.len()));
            secrets.push(start..start + length);
        }
    }
    secrets.retain(|secret| secret.start < secret.end);
    secrets.sort_unstable_by_key(|secret| (secret.start, secret.end));
    secrets.dedup();
    secrets
}

/// The user before the `@` of the URL whose `://` is at `at`, where it is a key of an object store,
/// or a token.
fn user_in_url(text: &str, at: usize) -> Option<Range<usize>> {
    const STORES: [&str; 6] = ["s3", "s3a", "s3n", "oss", "obs", "cosn"];
    let before = text.get(..at)?;
    let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    let start = at + "://".len();
    let authority = text.get(start..)?;
    let end = authority.find(['/', '?', ' ', ',', ';', '\n', '\r']).unwrap_or(authority.len());
    let user_info = authority.get(..authority.get(..end)?.rfind('@')?)?;
    let user = user_info.split(':').next().unwrap_or(user_info);
    let is_token = matches!(scheme, "http" | "https") && user.len() == user_info.len();
    (STORES.contains(&scheme) || is_token).then_some(start..start + user.len())
}

/// What ends a value within a text.
const ENDS: [char; 11] = [' ', '\t', '\n', '\r', '"', '\'', '&', ';', ',', ')', '}'];

/// The value behind the name that holds the secret word at `word`: `name=value`, `name: value`, or
/// a few words of prose between.
fn pair_around(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    const MAX_PROSE: usize = 24;
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let start = text.get(..word.start)?.trim_end_matches(is_part).len();
    let after = text.get(word.end..)?.trim_start_matches(is_part);
    let name = text.get(start..text.len() - after.len())?;
    if only_names_a_secret(name.trim_start_matches('-')) {
        return None;
    }
    let separator = after.find([':', '='])?;
    let between = after.get(..separator)?;
    let is_prose = |c: char| c.is_ascii_lowercase() || matches!(c, ' ' | '"' | '\'');
    let rest = after.get(separator + 1..)?;
    // A path or a class behind a colon is none.
    let is_pair = after.get(separator..=separator) == Some("=") || rest.starts_with([' ', '\t']);
    if between.len() > MAX_PROSE || !between.chars().all(is_prose) || !is_pair {
        return None;
    }
    let value = rest.trim_start_matches([' ', '\t', '"', '\'']);
    let start = text.len() - value.len();
    Some(start..start + value.find(ENDS).unwrap_or(value.len()))
}

/// The words of a text that look made up: letters and digits mixed.
fn made_up_words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '[' | ']' | '`'))
        .filter(|word| is_made_up(word))
        .map(|word| {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            start..start + word.len()
        })
}

fn is_made_up(word: &str) -> bool {
    /// Shorter ones are part of too many others.
    const SHORT: usize = 6;
    word.len() >= SHORT
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_alphabetic())
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
pub fn mask<'c>(ctx: &'c LintContext<'_>) -> &'c [Span] {
    ctx.secrets()
}

/// What [`mask`] gives, found out.
pub(super) fn find_secrets(ctx: &LintContext<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    // The effective settings of a configuration file are among those that were loaded.
    let is_manifest = ctx.own_deployment().is_some();
    let others = ctx.config.settings().iter().chain(ctx.config.overridden());
    let others = others.filter(|it| is_manifest || it.value_span.file != ctx.file);
    let secret = secret_settings(ctx.loaded.settings.iter().chain(others));
    spans.extend(secret.into_iter().map(|setting| setting.value_span));
    for (file, source) in ctx.sources.iter() {
        let is_overlay = ctx.deployment().is_some_and(|it| it.file() == Some(file));
        if file == ctx.file || is_overlay {
            secrets_by_line(file, source, &mut spans);
        }
    }
    for setting in ctx.config.settings() {
        if setting.value_span.file != ctx.file
            && setting.value.text().len() == setting.value_span.range().len()
        {
            let secrets = secrets_in_text(&setting.value.text());
            spans.extend(secrets.into_iter().map(|secret| setting.value_span.slice(secret)));
        }
    }
    if let Some(command) = ctx.deployment().and_then(Deployment::job) {
        spans.extend(secrets_of_words(&command.words, ctx.sources));
    }
    spans.retain(|span| span.start < span.end);
    repeated(ctx, &mut spans);
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// Adds the places where a secret is written once more.
fn repeated(ctx: &LintContext<'_>, spans: &mut Vec<Span>) {
    /// The text is searched once for each.
    const MAX_TEXTS: usize = 64;
    let texts = texts_of(ctx.sources, spans);
    for (file, source) in ctx.sources.iter() {
        for text in texts.iter().filter(|text| is_made_up(text)).take(MAX_TEXTS) {
            let places = memchr::memmem::find_iter(source.text().as_bytes(), text);
            spans.extend(places.map(|at| Span::new(file, at..at + text.len())));
        }
    }
}

/// What the spans hold, as a whole and word by word, since a scalar may be folded.
fn texts_of(sources: &Sources, spans: &[Span]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for span in spans {
        let text = sources.text(*span).trim_matches(['"', '\'', ' ', '\t']);
        texts.push(text.to_owned());
        texts.extend(made_up_words(text).filter_map(|word| text.get(word)).map(str::to_owned));
    }
    texts.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    texts.dedup();
    texts
}

/// The secrets of a configuration, to be taken out of whatever is said about it.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The longest first, as one may be part of another.
    texts: Vec<String>,
}

impl Secrets {
    /// Those of one configuration.
    pub fn of(ctx: &LintContext<'_>) -> Self {
        let mut texts = texts_of(ctx.sources, mask(ctx));
        texts.retain(|text| is_made_up(text));
        Self { texts }
    }

    /// The value of a setting without them.
    pub fn mask_value(&self, key: &str, value: &str) -> String {
        let mut masked = mask_value(key, value);
        for text in &self.texts {
            if masked.contains(text.as_str()) {
                masked = masked.replace(text.as_str(), MASK);
            }
        }
        masked
    }
}

fn secrets_by_line(file: FileId, source: &SourceFile, spans: &mut Vec<Span>) {
    let text = source.text();
    // Only lines with such a word, or with somebody's name in a URL, can hold a secret.
    let mut hits: Vec<usize> = secret_words(text).into_iter().map(|word| word.start).collect();
    for mark in ["@", "Bearer ", "bearer ", "Basic "] {
        hits.extend(memchr::memmem::find_iter(text.as_bytes(), mark));
    }
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
        let mut secrets = secrets_in_text(line);
        if let Some(secret) = secret_of_line(line) {
            // What stood here before is often beside it, or above.
            let comment = line.get(secret.end..).and_then(|rest| rest.find('#'));
            if let Some(comment) = comment.map(|at| secret.end + at) {
                let words = made_up_words(line.get(comment..).unwrap_or(""));
                secrets.extend(words.map(|word| comment + word.start..comment + word.end));
            }
            let above = before.get(..start).unwrap_or("").trim_end_matches(['\n', '\r']);
            let above_start = above.rfind(['\n', '\r']).map_or(0, |end| end + 1);
            let above = above.get(above_start..).unwrap_or("");
            if above.trim_start().starts_with('#') {
                let words = made_up_words(above).filter(|word| {
                    above.get(word.clone()).is_some_and(|word| !word.contains(['/', ':', '=']))
                });
                let words = words.map(|word| above_start + word.start..above_start + word.end);
                spans.extend(words.map(|word| Span::new(file, word)));
            }
            secrets.push(secret);
        }
        secrets.extend(secrets_of_arguments(line));
        for secret in secrets {
            spans.push(Span::new(file, start + secret.start..start + secret.end));
        }
        done = start + line.len() + 1;
        if let Some(secret) = value_of_next_line(line, text.get(done..).unwrap_or("")) {
            spans.push(Span::new(file, done + secret.start..done + secret.end));
        }
    }
}

/// The secrets among the arguments of a command in a line, whatever quotes and commas are around
/// them: `--password x`, `["--password", "x"]`, `-Dkey=x`.
fn secrets_of_arguments(line: &str) -> Vec<Range<usize>> {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']');
    let mut secrets = Vec::new();
    let mut is_value = false;
    for word in line.split(is_around).filter(|word| !word.is_empty()) {
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        let name = word.strip_prefix("-D").unwrap_or(word).trim_start_matches('-');
        let is_name = word.starts_with('-');
        match name.split_once('=') {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                secrets.push(start + word.len() - value.len()..start + word.len());
                is_value = false;
            }
            Some(_) => is_value = false,
            None if is_value && !is_name => {
                secrets.push(start..start + word.len());
                is_value = false;
            }
            None => is_value = is_name && is_secret(name),
        }
    }
    secrets
}

/// The value below `name: SOME_SECRET`, as Kubernetes writes variables, within what follows.
fn value_of_next_line(line: &str, rest: &str) -> Option<Range<usize>> {
    let name = line.trim_start_matches([' ', '-', '"']).strip_prefix("name")?;
    let name = name.trim_start_matches(['"', ':', ' ']).trim_end_matches(['"', '\'', ',', ' ']);
    if !is_secret(name) {
        return None;
    }
    let next = rest.split(['\n', '\r']).next()?;
    let value = next.trim_start_matches([' ', '"']).strip_prefix("value")?;
    let value = value.trim_start_matches(['"', ':', ' ']);
    let start = next.len() - value.len();
    let value = value.trim_end();
    (!value.is_empty()).then_some(start..start + value.len())
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
    let mut masked = String::with_capacity(value.len());
    let mut done = 0;
    for secret in secrets_in_text(value) {
        if secret.start >= done {
            masked.push_str(value.get(done..secret.start).unwrap_or(""));
            masked.push_str(MASK);
            done = secret.end;
        }
    }
    masked.push_str(value.get(done..).unwrap_or(""));
    masked
}

/// The argument of `-D` with a secret value masked.
pub fn mask_property(property: &str) -> String {
    match property.split_once('=') {
        Some((key, value)) => format!("{key}={}", mask_value(key, value)),
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
    let everywhere = Secrets::of(ctx).texts;
    let everywhere: Vec<&str> = everywhere.iter().take(64).map(String::as_str).collect();
    let forms = everywhere.iter().flat_map(|secret| [(*secret).to_owned(), escaped(secret)]);
    let any_form = AhoCorasick::new(forms).ok();
    for finding in findings {
        let labels = finding.primary.iter().chain(&finding.related);
        let mut nearby: Vec<&str> = Vec::new();
        for label in labels {
            let (first, end) = lines_of(ctx, label.span);
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
        // Most findings tell none, which one look at each of their texts shows.
        if any_form.as_ref().is_none_or(|forms| texts(finding).any(|text| forms.is_match(text))) {
            for secret in &everywhere {
                scrub_finding(finding, secret);
            }
        }
    }
}

/// Everything that a finding says.
fn texts(finding: &Finding) -> impl Iterator<Item = &str> {
    let labels = finding.primary.iter().chain(&finding.related).map(|label| &label.text);
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.text);
    let others = finding.help.iter().chain(&finding.flink_message);
    std::iter::once(&finding.message).chain(labels).chain(others).chain(edits).map(String::as_str)
}

fn escaped(secret: &str) -> String {
    secret.escape_debug().to_string()
}

fn secret_before(secret: Span, first: Span) -> bool {
    (secret.file, secret.end) <= (first.file, first.start)
}

/// The start of a span's first line, and the end of its last one.
fn lines_of(ctx: &LintContext<'_>, span: Span) -> (Span, u32) {
    if span.file != ctx.file {
        return (Span { start: 0, ..span }, u32::MAX);
    }
    let (text, range) = (ctx.file_text().as_bytes(), span.range());
    let before = text.get(..range.start).unwrap_or_default();
    let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
    let rest = text.get(range.end..).unwrap_or_default();
    let end = memchr::memchr2(b'\n', b'\r', rest).map_or(text.len(), |end| range.end + end);
    let lines = Span::new(span.file, start..end);
    (lines, lines.end)
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
    for form in [secret, &escaped(secret)] {
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
        assert_eq!(mask_property("a=oss://id:key@bucket/x"), "a=oss://******:******@bucket/x");
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
