//! Settings in SQL scripts and in the code of jobs, as far as tokens tell: what is computed, read
//! from elsewhere or hidden behind a method of one's own cannot be seen.

mod lexer;

pub use lexer::Language;

use super::{Deployment, Facts, Form, Role};
use crate::catalog;
use crate::config::{Layer, RawValue, Setting};
use crate::source::{FileId, Span};
use lexer::{Token, TokenKind, tokens};

/// What a script or program does beside setting options by their keys.
#[derive(Debug, Clone)]
pub struct ScriptSpec {
    /// Its language.
    pub language: Language,
    /// Where it chooses a state backend, with the words that do.
    pub backends: Vec<Mention>,
    /// Where it sets an option of the cluster by its constant, such as
    /// `TaskManagerOptions.NUM_TASK_SLOTS`.
    pub cluster_constants: Vec<Mention>,
    /// Whether it starts a cluster of its own, which does read such options.
    pub is_local: bool,
}

/// Words of a program and where they are.
#[derive(Debug, Clone)]
pub struct Mention {
    /// The words.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// Reads a script; nothing comes of one that has nothing to do with Flink's configuration.
pub(super) fn read(language: Language, file: FileId, text: &str) -> Option<Deployment> {
    let tokens = tokens(language, text);
    let reader = Reader { file, text, tokens: &tokens };
    let settings = match language {
        Language::Sql => reader.set_statements(),
        Language::Java | Language::Python => reader.setter_calls(),
    };
    let spec = ScriptSpec {
        language,
        backends: if language == Language::Sql { Vec::new() } else { reader.backends() },
        cluster_constants: reader.cluster_constants(),
        is_local: tokens.iter().any(|token| {
            matches!(
                token.text,
                "createLocalEnvironment"
                    | "createLocalEnvironmentWithWebUI"
                    | "MiniClusterWithClientResource"
                    | "create_local_environment"
            )
        }),
    };
    let says_something = settings.iter().any(|setting| is_option(&setting.key))
        || !spec.backends.is_empty()
        || !spec.cluster_constants.is_empty();
    says_something.then(|| Deployment {
        name: if language == Language::Sql { "script" } else { "program" }.to_owned(),
        form: Form::Script(language),
        role: Role::Part,
        embedded: None,
        settings,
        target: None,
        fault: None,
        facts: Facts::Script(Box::new(spec)),
    })
}

/// Whether some release knows a key.
fn is_option(key: &str) -> bool {
    catalog::option(key).is_some()
        || key.starts_with("state.backend.")
        || catalog::Release::ALL
            .into_iter()
            .any(|release| catalog::options_with_alternate(key, release).next().is_some())
}

struct Reader<'r, 't> {
    file: FileId,
    text: &'t str,
    tokens: &'r [Token<'t>],
}

impl Reader<'_, '_> {
    fn setting(&self, key: &Token<'_>, value: &str, value_span: Span) -> Setting<'static> {
        Setting {
            key: key.text.to_owned().into(),
            value: RawValue::Text(value.to_owned().into()),
            key_span: self.span(key),
            value_span,
            layer: Layer::Job,
        }
    }

    /// A token without its quotes.
    fn span(&self, token: &Token<'_>) -> Span {
        let quotes = token.range.len().saturating_sub(token.text.len()) / 2;
        let range = token.range.start + quotes..token.range.end - quotes;
        Span::new(self.file, range)
    }

    /// `SET 'key' = 'value';`, and the form without quotes of Flink before 1.13.
    fn set_statements(&self) -> Vec<Setting<'static>> {
        let statements =
            self.tokens.split(|token| token.kind == TokenKind::Mark && token.text == ";");
        statements.filter_map(|statement| self.set_statement(statement)).collect()
    }

    fn set_statement(&self, statement: &[Token<'_>]) -> Option<Setting<'static>> {
        let (set, rest) = statement.split_first()?;
        if !set.text.eq_ignore_ascii_case("set") || set.kind != TokenKind::Word {
            return None;
        }
        if let [key, equals, value, ..] = rest
            && key.kind == TokenKind::Text
            && equals.text == "="
        {
            return Some(self.setting(key, &value.text.replace("''", "'"), self.span(value)));
        }
        let at =
            rest.iter().position(|token| token.kind == TokenKind::Mark && token.text == "=")?;
        let place = |tokens: &[Token<'_>]| {
            let (first, last) = (tokens.first()?, tokens.last()?);
            Some(first.range.start..last.range.end)
        };
        let key = place(rest.get(..at)?)?;
        let value = place(rest.get(at + 1..)?)?;
        let key = Token { kind: TokenKind::Word, text: self.text.get(key.clone())?, range: key };
        let text = self.text.get(value.clone())?;
        Some(self.setting(&key, text, Span::new(self.file, value)))
    }

    /// `set("key", "value")`, `setString`, `set_string` and the like, for keys that are options.
    fn setter_calls(&self) -> Vec<Setting<'static>> {
        const SETTERS: [&str; 10] = [
            "set",
            "setString",
            "setInteger",
            "setLong",
            "setBoolean",
            "setDouble",
            "set_string",
            "set_integer",
            "set_boolean",
            "set_float",
        ];
        let calls = self.tokens.windows(5).filter_map(|window| {
            let [setter, open, key, comma, value] = window else { return None };
            let is_call = SETTERS.contains(&setter.text)
                && open.text == "("
                && key.kind == TokenKind::Text
                && comma.text == ","
                && key.text.contains('.')
                && is_option(key.text);
            let is_literal = value.kind == TokenKind::Text
                || value.text.starts_with(|c: char| c.is_ascii_digit())
                || matches!(value.text, "true" | "false" | "True" | "False");
            is_call.then(|| {
                if is_literal {
                    self.setting(key, &literal(value.text), self.span(value))
                } else {
                    // The value is known to the program only.
                    self.setting(key, "${program}", self.span(value))
                }
            })
        });
        calls.collect()
    }

    /// `env.setStateBackend(…)` and `new SomethingStateBackend(…)`.
    fn backends(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        for (index, window) in self.tokens.windows(2).enumerate() {
            let [word, open] = window else { continue };
            if word.kind != TokenKind::Word || open.text != "(" {
                continue;
            }
            let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
            let is_definition = before
                .is_some_and(|token| matches!(token.text, "void" | "def" | "class" | "public"));
            let is_setter = matches!(word.text, "setStateBackend" | "set_state_backend");
            let is_class = word.text.ends_with("StateBackend")
                && word.text.starts_with(|c: char| c.is_ascii_uppercase());
            if (is_setter || is_class) && !is_definition {
                found.push(Mention { text: word.text.to_owned(), span: self.span(word) });
            }
        }
        // `setStateBackend(new X())` is one choice.
        found.dedup_by(|next, first| {
            first.text.to_ascii_lowercase().starts_with("set")
                && next.span.start < first.span.end + 8
        });
        found
    }

    /// `TaskManagerOptions.X` and `JobManagerOptions.X` as the first argument of `set`.
    fn cluster_constants(&self) -> Vec<Mention> {
        let sets = self.tokens.windows(5).filter_map(|window| {
            let [set, open, class, dot, name] = window else { return None };
            let is_call = set.text == "set" && open.text == "(" && dot.text == ".";
            let is_cluster = matches!(
                class.text,
                "TaskManagerOptions" | "JobManagerOptions" | "HighAvailabilityOptions"
            );
            (is_call && is_cluster).then(|| Mention {
                text: format!("{}.{}", class.text, name.text),
                span: Span::new(self.file, class.range.start..name.range.end),
            })
        });
        sets.collect()
    }
}

/// Python's booleans as Flink writes them.
fn literal(text: &str) -> String {
    if matches!(text, "True" | "False") { text.to_ascii_lowercase() } else { text.to_owned() }
}
