//! The protocol's values as ours.

use std::path::PathBuf;

use gen_lsp_types as lsp;
use serde_json::Value;

/// The path of a `file:` URI; `None` for any other.
pub(super) fn path(uri: &lsp::Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let start = rest.find('/')?; // After the host, which is empty or `localhost`.
    let path = decode(rest.get(start..)?);
    // `file:///c:/conf` is a path of Windows.
    let drive = path.as_bytes().get(2) == Some(&b':')
        && path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    Some(PathBuf::from(if drive { path.get(1..)?.to_owned() } else { path }))
}

/// The last part of any URI: what a file that is not saved goes by.
pub(super) fn name(uri: &lsp::Uri) -> String {
    let path = uri.0.split(['?', '#']).next().unwrap_or("");
    decode(path.rsplit(['/', ':']).next().unwrap_or(path))
}

/// The folders that a client says it works in when it starts.
pub(super) fn folders(params: &Value) -> Vec<PathBuf> {
    let uri = |value: &Value| path(&lsp::Uri(value.as_str()?.to_owned()));
    let folders = params.get("workspaceFolders").and_then(Value::as_array);
    match folders {
        Some(folders) => folders.iter().filter_map(|folder| uri(folder.get("uri")?)).collect(),
        None => params.get("rootUri").and_then(uri).into_iter().collect(),
    }
}

/// Resolves `%2F` and the like; what is not two digits stays.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let is_hex = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let escaped = digits.filter(is_hex).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_to_files() {
        let check = |uri: &str, expected: Option<&str>| {
            assert_eq!(path(&uri.into()), expected.map(PathBuf::from), "{uri}");
        };
        check("file:///a/flink-conf.yaml", Some("/a/flink-conf.yaml"));
        check("file://localhost/a%20b/%C3%A9.yaml", Some("/a b/é.yaml"));
        check("file:///c%3A/conf/config.yaml", Some("c:/conf/config.yaml"));
        check("file:///a%2", Some("/a%2"));
        check("file:///%ff", Some("/\u{fffd}"));
        check("untitled:Untitled-1", None);
        check("", None);
    }

    #[test]
    fn texts_without_a_file_have_a_name() {
        assert_eq!(name(&"untitled:Untitled-1".into()), "Untitled-1");
        assert_eq!(name(&"git:/a/flink-conf.yaml?x=/y".into()), "flink-conf.yaml");
        assert_eq!(name(&"".into()), "");
    }
}
