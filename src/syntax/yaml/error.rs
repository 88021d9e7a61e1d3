use std::borrow::Cow;
use std::ops::Range;

use super::MAX_DEPTH;
use super::cursor::place;

/// What Java throws where recursion has no bound.
const TOO_DEEP: &str = "java.lang.StackOverflowError";

/// Why the engine refuses a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where; one character, or what is missing something.
    pub span: Range<usize>,
    /// What was found and what was expected, for people.
    pub message: String,
    problem: Cow<'static, str>,
    context: Context,
    /// Whether the engine's message names the place of the problem.
    is_placed: bool,
}

/// What the engine was doing, and since where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// The engine does not say.
    None,
    /// The engine says nothing, in an empty line.
    Empty,
    /// Such as `while parsing a block mapping`, and the byte where that began.
    Since(&'static str, usize),
    /// The same without a place.
    Doing(&'static str),
}

impl YamlError {
    /// An error at `span`; the engine's words are `problem`, ours are `message`.
    pub fn new(
        span: Range<usize>,
        context: Context,
        problem: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let (problem, message) = (problem.into(), message.into());
        Self { span, message, problem, context, is_placed: true }
    }

    /// An error whose message in the engine names no place.
    pub fn unplaced(
        span: Range<usize>,
        problem: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let error = Self::new(span, Context::None, problem, message);
        Self { is_placed: false, ..error }
    }

    /// An error where the engine's recursion would exhaust its stack.
    pub(super) fn too_deep(span: Range<usize>) -> Self {
        let message = format!("nested more than {MAX_DEPTH} levels deep");
        Self::unplaced(span, TOO_DEEP, message)
    }

    /// Whether the text is nested deeper than is read.
    pub fn is_too_deep(&self) -> bool {
        self.problem == TOO_DEEP
    }

    /// The message of the engine's exception, as Flink logs it: without the offending line, which
    /// could hold a secret.
    ///
    /// Source: `YamlParserUtils.wrapExceptionToHiddenSensitiveData`, Flink 1.19 to 2.3.
    pub fn engine_text(&self, text: &str) -> String {
        if !self.is_placed {
            return self.problem.to_string();
        }
        let mark = |offset: usize| {
            let place = place(text, offset);
            format!(" in reader, line {}, column {}\n", place.line + 1, place.column + 1)
        };
        let mut message = String::new();
        match self.context {
            Context::None => {}
            Context::Empty => message.push('\n'),
            Context::Doing(what) => {
                message.push_str(what);
                message.push('\n');
            }
            Context::Since(what, start) => {
                message.push_str(what);
                message.push('\n');
                message.push_str(&mark(start));
            }
        }
        message.push_str(&self.problem);
        message.push('\n');
        message.push_str(&mark(self.span.start));
        message
    }
}
