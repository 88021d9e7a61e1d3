//! After every edit the server knows the text that the client has, and finds in it what
//! `slotwise check` finds.

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};
use slotwise::finding::Severity;
use slotwise::source::{LineIndex, SourceFile};
use slotwise::workspace::{Choices, RuleSelection, Subject, Surroundings};

use super::client::Client;

/// One random decision after the other, the same in every run.
struct Dice(TestRng);

impl Dice {
    fn new(seed: u8) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.next_u64() % limit.max(1) as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// The client's own model of a text: a list of characters and nothing clever.
struct Model {
    characters: Vec<char>,
    is_utf8: bool,
}

impl Model {
    fn text(&self) -> String {
        self.characters.iter().collect()
    }

    fn units(&self, c: char) -> usize {
        if self.is_utf8 { c.len_utf8() } else { c.len_utf16() }
    }

    /// Line and column of the gap before the character of an index.
    fn position(&self, index: usize) -> Value {
        let (mut line, mut column) = (0, 0);
        for (at, c) in self.characters[..index].iter().enumerate() {
            let ends_line = match c {
                '\n' => true,
                '\r' => self.characters.get(at + 1) != Some(&'\n'),
                _ => false,
            };
            if ends_line {
                line += 1;
                column = 0;
            } else {
                column += self.units(*c);
            }
        }
        json!({ "line": line, "character": column })
    }

    /// A place that the protocol can name: not between `\r` and `\n`.
    fn gap(&self, dice: &mut Dice) -> usize {
        let index = dice.below(self.characters.len() + 1);
        let within = index > 0
            && self.characters[index - 1] == '\r'
            && self.characters.get(index) == Some(&'\n');
        if within { index - 1 } else { index }
    }

    /// Makes one change and returns it as the protocol has it.
    fn edit(&mut self, dice: &mut Dice) -> Value {
        if dice.below(200) == 0 {
            self.characters = start_text(dice).chars().collect();
            return json!({ "text": self.text() });
        }
        let (a, b) = (self.gap(dice), self.gap(dice));
        // Mostly what a keystroke does, at times a whole block.
        let (start, end) = match dice.below(10) {
            0 => (a.min(b), a.max(b)),
            1..4 => {
                let mut end = (a + 1 + dice.below(3)).min(self.characters.len());
                while end < self.characters.len()
                    && self.characters[end - 1] == '\r'
                    && self.characters[end] == '\n'
                {
                    end += 1;
                }
                (a.min(end), a.max(end))
            }
            _ => (a, a),
        };
        let insert = if dice.below(3) == 0 { "" } else { dice.pick(PIECES) };
        let range = json!({ "start": self.position(start), "end": self.position(end) });
        self.characters.splice(start..end, insert.chars());
        if self.characters.len() > 2000 {
            self.characters.truncate(700);
            return json!({ "text": self.text() });
        }
        json!({ "range": range, "text": insert })
    }
}

const PIECES: &[&str] = &[
    "a",
    "#",
    " ",
    ":",
    ": ",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "é",
    "😀",
    "\u{301}",
    "\t",
    "'",
    "\"",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&x ",
    "*x",
    "|\n",
    ">-\n",
    "g",
    "mb",
    "\u{0}",
    "\u{a0}",
    "taskmanager.memory.process.size: 4g\n",
    "taskmanager.memory.netwrok.max: 1 gb\r\n",
    "state.backend: gemini\n",
    "taskmanager:\n  memory:\n    managed:\n      size: 1g\n",
    "# slotwise: ignore[FK001] because\n",
    "s3.secret-key: abc\n",
    "---\n",
    "\u{2028}",
    "env.java.opts: -Xmx1g # x\n",
    "flink run -Dstate.backend=gemini\n",
];

fn start_text(dice: &mut Dice) -> String {
    (0..dice.below(40)).map(|_| dice.pick(PIECES)).collect()
}

/// What a check of the text finds: line, column, end, code, severity, beginning of the message.
fn expected(name: &str, text: &str, is_utf8: bool) -> Vec<(Value, Value, String, u64, String)> {
    let source = SourceFile::decode(name, text.as_bytes().to_vec());
    let subjects = Subject::all(source, &Choices::default(), &Surroundings::default());
    let lines = LineIndex::new(text);
    let position = |offset: usize| {
        let line = lines.line_index(u32::try_from(offset).unwrap());
        let before = &text[lines.line_start(line).unwrap() as usize..offset];
        let column = if is_utf8 { before.len() } else { before.encode_utf16().count() };
        json!({ "line": line, "character": column })
    };
    let subjects: Vec<_> = subjects.iter().collect();
    let findings = Subject::check_all(&subjects, &RuleSelection::default());
    let facts = findings.into_iter().map(|finding| {
        let range = finding.primary.as_ref().map_or(0..0, |label| label.span.range());
        let severity = match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
        };
        let code = finding.rule.code.to_owned();
        (position(range.start), position(range.end), code, severity, finding.message)
    });
    facts.collect()
}

#[track_caller]
fn assert_equal(found: &[Value], name: &str, text: &str, is_utf8: bool) {
    let expected = expected(name, text, is_utf8);
    assert_eq!(found.len(), expected.len(), "{found:#?}\n{text:?}");
    for (found, (start, end, code, severity, message)) in found.iter().zip(&expected) {
        assert_eq!(found["range"], json!({ "start": start, "end": end }), "{text:?}");
        assert_eq!(found["code"], *code);
        assert_eq!(found["severity"], *severity);
        assert!(found["message"].as_str().unwrap().starts_with(message.as_str()), "{found}");
    }
}

fn edit_and_compare(name: &str, seed: u8, edits: i32, capabilities: Value) {
    let is_utf8 = capabilities["general"]["positionEncodings"][0] == "utf-8";
    let pulls = capabilities["textDocument"]["diagnostic"].is_object();
    let (mut client, result) = Client::start(capabilities);
    let encoding = if is_utf8 { "utf-8" } else { "utf-16" };
    assert_eq!(result["capabilities"]["positionEncoding"], encoding);
    assert_eq!(result["capabilities"]["diagnosticProvider"].is_object(), pulls);

    let uri = format!("untitled:{name}");
    let mut dice = Dice::new(seed);
    let mut model = Model { characters: start_text(&mut dice).chars().collect(), is_utf8 };
    client.open(&uri, 0, &model.text());
    let mut version = 0;
    let mut found_count = 0;
    while version < edits {
        let found = if pulls {
            let params = json!({ "textDocument": { "uri": uri } });
            let report = client.request("textDocument/diagnostic", params).unwrap();
            report["items"].as_array().unwrap().clone()
        } else {
            client.diagnostics(&uri, version)
        };
        found_count += found.len();
        assert_equal(&found, name, &model.text(), is_utf8);
        version += 1;
        // Some clients send several changes at once, each to the text after the one before.
        let changes: Vec<_> = (0..1 + dice.below(3) / 2).map(|_| model.edit(&mut dice)).collect();
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        client.notify("textDocument/didChange", params);
    }
    assert!(found_count > usize::try_from(edits).unwrap(), "hardly anything was compared");
    assert_eq!(client.end(true), slotwise::lsp::End::Orderly);
}

fn push_utf16() -> Value {
    json!({ "general": { "positionEncodings": ["utf-16"] } })
}

fn push_utf8() -> Value {
    json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } })
}

fn pull_utf16() -> Value {
    json!({ "textDocument": { "diagnostic": {} } })
}

#[test]
fn legacy_files_pushed_in_utf16() {
    edit_and_compare("flink-conf.yaml", 1, 4000, push_utf16());
}

#[test]
fn legacy_files_pushed_in_utf8() {
    edit_and_compare("flink-conf.yaml", 2, 2000, push_utf8());
}

#[test]
fn yaml_files_pushed_in_utf16() {
    edit_and_compare("config.yaml", 3, 3000, push_utf16());
}

#[test]
fn yaml_files_pulled_in_utf16() {
    edit_and_compare("config.yaml", 4, 1000, pull_utf16());
}
