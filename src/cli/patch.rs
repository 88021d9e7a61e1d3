//! A configuration with some options changed: the smallest edit of its text.

use super::inputs::Subject;
use crate::config::{Layer, Setting};
use crate::finding::{Edit, apply};
use crate::plan::same_value;
use crate::source::{SourceFile, Span};
use crate::workspace::Choices;

/// The subject with these options set, or taken out; comments, order and all else stay.
///
/// # Errors
/// A file that cannot be changed so, in words.
pub(super) fn patched(
    subject: &Subject,
    settings: &[(&'static str, Option<String>)],
) -> Result<Subject, String> {
    let text = patched_text(subject, settings)?;
    let choices = Choices {
        target: Some((subject.target.clone(), "as before")),
        dialect: Some(subject.dialect),
        backends_per_slot: Some(subject.backends_per_slot),
        ..Choices::default()
    };
    let source = SourceFile::decode(subject.path.clone(), text.into_bytes());
    let new = Subject::new(source, &choices, subject.surroundings.clone());
    // The file says what was meant, or nobody may have it.
    {
        let (loaded, config) = new.load();
        let wrong = settings.iter().find(|(key, value)| {
            let found = config.setting(key).map(|it| it.value.text().into_owned());
            !match (&found, value) {
                (Some(found), Some(value)) => same_value(found, value),
                (None, None) => true,
                _ => false,
            }
        });
        let wrong = wrong.map(|(key, _)| *key);
        if let Some(key) = wrong.or(loaded.error.is_some().then_some("the file")) {
            return Err(format!(
                "{}: cannot be changed by edits of single lines: {key} would not be read as meant",
                subject.path
            ));
        }
    }
    Ok(new)
}

fn patched_text(
    subject: &Subject,
    settings: &[(&'static str, Option<String>)],
) -> Result<String, String> {
    if subject.deployment.is_some() {
        return Err(format!("{}: only Flink configuration files can be changed", subject.path));
    }
    let text = subject.text();
    let (_, config) = subject.load();
    let mut edits = Vec::new();
    let mut added = String::new();
    for (key, value) in settings {
        let same_key = |it: &&Setting<'_>| it.key == *key && it.layer == Layer::File;
        let present: Vec<_> =
            config.settings().iter().chain(config.overridden()).filter(same_key).collect();
        match (present.as_slice(), value) {
            ([], None) => {}
            ([], Some(value)) => added.push_str(&format!("{key}: {value}\n")),
            (present, None) => {
                edits.extend(present.iter().map(|setting| Edit {
                    span: line_of(text, setting.key_span),
                    text: String::new(),
                }));
            }
            (present, Some(value)) => {
                edits.extend(
                    present
                        .iter()
                        .filter(|it| !same_value(&it.value.text(), value))
                        .map(|it| Edit { span: it.value_span, text: value.clone() }),
                );
            }
        }
    }
    let mut text = apply(subject.file, text, &edits).map_err(|error| error.to_string())?;
    if !added.is_empty() {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&added);
    }
    Ok(text)
}

/// The whole line, its end included.
fn line_of(text: &str, span: Span) -> Span {
    let range = span.range();
    let before = text.get(..range.start).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(range.end..).unwrap_or("");
    let end = after.find('\n').map_or(text.len(), |at| range.end + at + 1);
    Span::new(span.file, start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Surroundings;

    fn check(name: &str, text: &str, settings: &[(&'static str, Option<&str>)]) -> String {
        let source = SourceFile::decode(name, text.as_bytes().to_vec());
        let target = "flink-1.20".parse().unwrap();
        let choices = Choices { target: Some((target, "")), ..Choices::default() };
        let subject = Subject::new(source, &choices, Surroundings::default());
        let settings: Vec<_> =
            settings.iter().map(|(key, value)| (*key, value.map(str::to_owned))).collect();
        patched(&subject, &settings).map_or_else(|error| error, |it| it.text().to_owned())
    }

    const SLOTS: &str = "taskmanager.numberOfTaskSlots";
    const SIZE: &str = "taskmanager.memory.managed.size";

    #[test]
    fn comments_and_order_stay() {
        let text = "# ours\ntaskmanager.numberOfTaskSlots: 4 # four\na: b\n";
        assert_eq!(
            check("flink-conf.yaml", text, &[(SLOTS, Some("1")), (SIZE, Some("1g"))]),
            "# ours\ntaskmanager.numberOfTaskSlots: 1 # four\na: b\n\
             taskmanager.memory.managed.size: 1g\n"
        );
        assert_eq!(check("flink-conf.yaml", text, &[(SLOTS, None)]), "# ours\na: b\n");
        assert_eq!(check("flink-conf.yaml", text, &[(SLOTS, Some("4"))]), text);
    }

    #[test]
    fn nested_keys_are_changed_where_they_stand() {
        let text =
            "taskmanager:\n  numberOfTaskSlots: 4\n  memory:\n    managed:\n      size: 1g\n";
        assert_eq!(check("config.yaml", text, &[(SLOTS, Some("2"))]), text.replace('4', "2"));
        // Without its only key a parent would be null, which Flink refuses.
        assert!(check("config.yaml", text, &[(SIZE, None)]).contains("cannot be changed"));
    }
}
