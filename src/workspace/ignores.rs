//! Adding suppression comments for what is found, where a comment changes nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{RuleSelection, Subject};
use crate::finding::Finding;
use crate::manifest::{Form, recognize};

/// A text with suppressions added.
#[derive(Debug)]
pub struct IgnoredText {
    /// The text; the one given if nothing could be added.
    pub text: String,
    /// How many findings are silent now.
    pub count: usize,
    /// The findings beside which no comment can stand, and why.
    pub refused: Vec<(Finding, &'static str)>,
}

/// What `--add-ignore` says if it is given no reason: somebody has to write one.
pub const REASON_PLACEHOLDER: &str = "TODO: say why";

/// The line of the text that a comment is about, from 0; `None` for the file as a whole.
type Subjected = Option<usize>;

/// A comment's codes and how many findings it silences.
#[derive(Debug, Clone, Default)]
struct Wanted {
    codes: BTreeSet<&'static str>,
    finding_count: usize,
}

/// Where the comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Above,
    AtTheEnd,
}

/// Silences every wanted finding of `subjects`, all of one file, with a comment beside it; `read`
/// makes subjects of a text anew.
///
/// A comment is kept only if the file then means what it meant before: the same settings, and the
/// same findings but the silenced ones. Within a text that is no comment to whoever reads it, such
/// as a property of an image that loses its blanks, none can stand.
pub fn add_ignores(
    subjects: &[Subject],
    selection: &RuleSelection,
    reason: &str,
    read: impl Fn(String) -> Vec<Subject>,
) -> IgnoredText {
    let all: Vec<&Subject> = subjects.iter().collect();
    let findings = Subject::check_all(&all, selection);
    let Some(first) = subjects.first() else {
        return IgnoredText { text: String::new(), count: 0, refused: Vec::new() };
    };
    let mut adding = Adding {
        text: first.text().to_owned(),
        meaning: Meaning::of(subjects, selection),
        selection,
        reason: one_line(reason),
        read,
        count: 0,
        refused: BTreeSet::new(),
    };
    let why = uncommentable(first);
    let mut refused = Vec::new();
    let mut wanted: BTreeMap<Subjected, Wanted> = BTreeMap::new();
    let mut lines_of = Vec::new();
    for finding in findings.into_iter().filter(|finding| !is_about_suppressions(finding)) {
        let own = finding.primary.as_ref().filter(|label| label.span.file == first.file);
        let line = match (&finding.primary, own) {
            (None, _) => None,
            (Some(_), Some(label)) => {
                let before = first.text().get(..label.span.range().start).unwrap_or("");
                Some(before.matches('\n').count())
            }
            (Some(_), None) => {
                refused.push((finding, "it stands in an argument or in another file"));
                continue;
            }
        };
        if let Some(why) = why {
            refused.push((finding, why));
            continue;
        }
        let entry = wanted.entry(line).or_default();
        entry.codes.insert(finding.rule.code);
        entry.finding_count += 1;
        lines_of.push((line, finding));
    }
    // From the last line up, so that the lines above keep their numbers.
    let wanted: Vec<(Subjected, Wanted)> = wanted.into_iter().rev().collect();
    adding.add(&wanted);
    let is_refused = |line: &Subjected| adding.refused.contains(line);
    let left = lines_of.into_iter().filter(|(line, _)| is_refused(line));
    refused.extend(left.map(|(_, finding)| (finding, "a comment there would be read as content")));
    IgnoredText { text: adding.text, count: adding.count, refused }
}

/// Why no comment can stand in the file at all.
fn uncommentable(subject: &Subject) -> Option<&'static str> {
    let source = subject.source()?;
    if source.is_argument() {
        return Some("it stands in an argument");
    }
    if !source.invalid_utf8().is_empty() {
        return Some("the file is no UTF-8");
    }
    let name = source.name();
    let is_json = name.to_ascii_lowercase().ends_with(".json")
        || source.text().trim_start().starts_with(['{', '[']);
    match recognize(name.rsplit(['/', '\\']).next().unwrap_or(name), source.text()) {
        _ if is_json => Some("JSON has no comments"),
        Some(Form::Job) => Some("a job command has no comments"),
        Some(Form::Script(_)) => Some("programs have comments of their own kinds"),
        Some(Form::Manifest | Form::Dockerfile) | None => None,
    }
}

/// Whether the finding is about a suppression, which nothing suppresses.
fn is_about_suppressions(finding: &Finding) -> bool {
    ["FI011", "FI012"].contains(&finding.rule.code)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a file means: the settings of every deployment, and how often each rule finds something.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Meaning {
    settings: Vec<(bool, Vec<(String, String)>)>,
    findings: BTreeMap<&'static str, usize>,
}

impl Meaning {
    fn of(subjects: &[Subject], selection: &RuleSelection) -> Self {
        let settings = subjects.iter().map(|subject| {
            let (loaded, config) = subject.load();
            let settings = config.settings().iter().chain(config.overridden());
            let settings =
                settings.map(|it| (it.key.clone().into_owned(), it.value.text().into_owned()));
            (loaded.error.is_none(), settings.collect())
        });
        let settings = settings.collect();
        let all: Vec<&Subject> = subjects.iter().collect();
        let mut findings = BTreeMap::new();
        for finding in Subject::check_all(&all, selection) {
            *findings.entry(finding.rule.code).or_default() += 1;
        }
        Self { settings, findings }
    }
}

/// A text in the making.
struct Adding<'a, R> {
    text: String,
    meaning: Meaning,
    selection: &'a RuleSelection,
    reason: String,
    read: R,
    count: usize,
    refused: BTreeSet<Subjected>,
}

impl<R: Fn(String) -> Vec<Subject>> Adding<'_, R> {
    /// Adds the comments of all these lines, which go from the last one up, or of as many as can.
    fn add(&mut self, wanted: &[(Subjected, Wanted)]) {
        if wanted.is_empty() || self.try_all(wanted, Place::Above) {
            return;
        }
        if let [(line, _)] = wanted {
            if !self.try_all(wanted, Place::AtTheEnd) {
                self.refused.insert(*line);
            }
            return;
        }
        let (lower, upper) = wanted.split_at(wanted.len() / 2);
        self.add(lower);
        self.add(upper);
    }

    /// Adds the comments if the file then means the same.
    fn try_all(&mut self, wanted: &[(Subjected, Wanted)], place: Place) -> bool {
        let mut text = self.text.clone();
        for (line, wanted) in wanted {
            let codes = wanted.codes.iter().copied().collect::<Vec<_>>().join(", ");
            let Some(changed) = self.commented(&text, *line, &codes, place) else { return false };
            text = changed;
        }
        let subjects = (self.read)(text.clone());
        let meaning = Meaning::of(&subjects, self.selection);
        let silenced: usize = wanted.iter().map(|(_, wanted)| wanted.finding_count).sum();
        let mut left = self.meaning.findings.clone();
        for (_, wanted) in wanted {
            // One comment silences all findings of its rules on the line.
            for code in &wanted.codes {
                let now = meaning.findings.get(code).copied().unwrap_or(0);
                if left.get(code).is_none_or(|before| *before <= now && *before > 0) {
                    return false;
                }
            }
        }
        for (code, count) in &mut left {
            if wanted.iter().any(|(_, wanted)| wanted.codes.contains(code)) {
                *count = meaning.findings.get(code).copied().unwrap_or(0);
            }
        }
        left.retain(|_, count| *count > 0);
        let before: usize = self.meaning.findings.values().sum();
        let after: usize = meaning.findings.values().sum();
        let same = meaning.settings == self.meaning.settings
            && meaning.findings == left
            && before == after + silenced;
        if same {
            self.text = text;
            self.meaning = meaning;
            self.count += silenced;
        }
        same
    }

    /// The text with one comment more; `None` where it would break a continued line.
    fn commented(&self, text: &str, line: Subjected, codes: &str, place: Place) -> Option<String> {
        let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let reason = &self.reason;
        let Some(line) = line else {
            let comment = format!("# slotwise: ignore-file[{codes}] {reason}");
            // Below a license, an interpreter's or a parser's directive.
            let is_comment = |line: &&str| line.starts_with('#') && !line.contains("slotwise:");
            let at = text.split_inclusive('\n').take_while(is_comment).map(str::len).sum();
            return match (place, text.get(..at)?, text.get(at..)?) {
                (Place::AtTheEnd, ..) => None,
                (Place::Above, before, after) if before.is_empty() || before.ends_with('\n') => {
                    Some(format!("{before}{}{end_of_line}{after}", comment.trim_end()))
                }
                (Place::Above, before, _) => {
                    Some(format!("{before}{end_of_line}{}{end_of_line}", comment.trim_end()))
                }
            };
        };
        let comment = format!("# slotwise: ignore[{codes}] {reason}");
        let comment = comment.trim_end();
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let (before, rest) = (text.get(..start)?, text.get(start..)?);
        let content = rest.split(['\n', '\r']).next().unwrap_or("");
        let continues = |line: &str| line.trim_end().ends_with('\\');
        match place {
            Place::Above if before.lines().next_back().is_some_and(continues) => None,
            Place::Above => {
                let indent = content.len() - content.trim_start().len();
                let indent = content.get(..indent)?;
                Some(format!("{before}{indent}{comment}{end_of_line}{rest}"))
            }
            Place::AtTheEnd if continues(content) => None,
            Place::AtTheEnd => {
                let after = rest.get(content.len()..)?;
                Some(format!("{before}{} {comment}{after}", content.trim_end()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::workspace::{Choices, Surroundings};

    /// The text after two runs, the second of which must change nothing, and the refused codes.
    fn added(name: &str, target: &str, text: &str) -> (String, Vec<&'static str>) {
        let choices = Choices { target: Some((target.parse().unwrap(), "")), ..Choices::default() };
        let read = |text: String| {
            let source = SourceFile::decode(name, text.into_bytes());
            Subject::all(source, &choices, &Surroundings::default())
        };
        let selection = RuleSelection { ignore: vec!["FM001".into()], ..RuleSelection::default() };
        let once = add_ignores(&read(text.to_owned()), &selection, "why", read);
        let twice = add_ignores(&read(once.text.clone()), &selection, "why", read);
        assert_eq!(twice.text, once.text);
        assert_eq!(twice.count, 0);
        let refused = once.refused.iter().map(|(finding, _)| finding.rule.code).collect();
        (once.text, refused)
    }

    #[test]
    fn beside_the_lines_of_a_legacy_file() {
        let text = "# ours\r\na:1\r\nrest.prot: 1 # two\r\n";
        let (text, refused) = added("flink-conf.yaml", "flink-1.17", text);
        assert_eq!(
            text,
            "# ours\r\n# slotwise: ignore[FI001] why\r\na:1\r\n\
             # slotwise: ignore[FK001] why\r\nrest.prot: 1 # two\r\n"
        );
        assert_eq!(refused, [""; 0]);
    }

    #[test]
    fn within_nested_yaml_and_for_the_whole_file() {
        let text = "# license\nrest:\n  prot: 1\n";
        let (text, refused) = added("config.yaml", "flink-2.0", text);
        assert_eq!(text, "# license\nrest:\n  # slotwise: ignore[FK001] why\n  prot: 1\n");
        assert_eq!(refused, [""; 0]);
        let (text, _) = added("flink-conf.yaml", "flink-2.3", "# license\na: b\n");
        assert!(text.starts_with("# license\n# slotwise: ignore-file[FI006] why\n"), "{text}");
    }

    #[test]
    fn within_a_block_scalar() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flink-config\ndata:\n  \
                    flink-conf.yaml: |\n    rest.prot: 1\n    parallelism.default: 2\n";
        let (text, refused) = added("cm.yaml", "flink-1.17", text);
        assert!(
            text.contains("|\n    # slotwise: ignore[FK001] why\n    rest.prot: 1\n"),
            "{text}"
        );
        assert_eq!(refused, [""; 0]);
    }

    #[test]
    fn json_and_commands_have_no_comments() {
        let text = "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \
                    \"flink-config\"}, \"data\": {\"flink-conf.yaml\": \"rest.prot: 1\\n\"}}\n";
        let (after, refused) = added("cm.json", "flink-1.17", text);
        assert_eq!((after.as_str(), refused.as_slice()), (text, &["FK001"][..]));
    }
}
