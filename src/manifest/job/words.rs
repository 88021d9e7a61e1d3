use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take, take_until};
use nom::character::complete::{char, line_ending, multispace1, not_line_ending};
use nom::combinator::{opt, recognize, value};
use nom::multi::{fold_many1, many0_count};
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use crate::source::{FileId, Span};

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word without the shell's quotes and backslashes.
    pub text: String,
    /// Where it is written, quotes included.
    pub span: Span,
}

/// Splits a command into words as a POSIX shell does, without its substitutions; a `#` at the
/// start of a word begins a comment.
pub(super) fn words(file: FileId, text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        if let Ok((next, _)) = blank(rest) {
            rest = next;
        }
        match word(rest) {
            Ok((next, parsed)) if next.len() < rest.len() => {
                let start = text.len() - rest.len();
                let end = text.len() - next.len();
                words.push(Word { text: parsed, span: Span::new(file, start..end) });
                rest = next;
            }
            _ => return words,
        }
    }
}

/// Spaces, line ends, escaped line ends, comments.
fn blank(input: &str) -> IResult<&str, usize> {
    let comment = recognize(preceded(char('#'), not_line_ending));
    let continued = recognize(pair(char('\\'), line_ending));
    many0_count(alt((multispace1, continued, comment))).parse(input)
}

/// Text, quoted text and escaped characters up to a space.
fn word(input: &str) -> IResult<&str, String> {
    let plain = is_not(" \t\r\n'\"\\").map(Cow::Borrowed);
    // A quote that is never closed stays what it is.
    let lone = alt((tag("'"), tag("\""), tag("\\"))).map(Cow::Borrowed);
    let piece = alt((plain, single_quoted, double_quoted, escaped, lone));
    fold_many1(piece, String::new, |mut word, piece| {
        word.push_str(&piece);
        word
    })
    .parse(input)
}

fn single_quoted(input: &str) -> IResult<&str, Cow<'_, str>> {
    delimited(char('\''), take_until("'"), char('\'')).map(Cow::Borrowed).parse(input)
}

fn double_quoted(input: &str) -> IResult<&str, Cow<'_, str>> {
    let plain = is_not("\"\\").map(Cow::Borrowed);
    let special =
        alt((value(Cow::Borrowed("\""), tag("\\\"")), value(Cow::Borrowed("\\"), tag("\\\\"))));
    let piece = alt((plain, special, tag("\\").map(Cow::Borrowed)));
    let inner = opt(fold_many1(piece, String::new, |mut text, piece: Cow<'_, str>| {
        text.push_str(&piece);
        text
    }));
    delimited(char('"'), inner, char('"'))
        .map(|text| Cow::Owned(text.unwrap_or_default()))
        .parse(input)
}

fn escaped(input: &str) -> IResult<&str, Cow<'_, str>> {
    let line = value(Cow::Borrowed(""), pair(char('\\'), line_ending));
    alt((line, preceded(char('\\'), take(1_usize)).map(Cow::Borrowed))).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};

    fn check(text: &str, expected: &[&str]) {
        let file = Sources::default().add(SourceFile::decode("-", text.as_bytes().to_vec()));
        let found = words(file, text);
        let found: Vec<&str> = found.iter().map(|word| &*word.text).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn words_split_as_in_a_shell() {
        check("run -m yarn-cluster", &["run", "-m", "yarn-cluster"]);
        check("  a 'b c'\t\"d \\\"e\\\"\" f\\ g ", &["a", "b c", "d \"e\"", "f g"]);
        check("a \\\n  b\\\nc\n# no\nd #e", &["a", "bc", "d"]);
        check("k=v#1 -yD a='b c'", &["k=v#1", "-yD", "a=b c"]);
        check("it's", &["it's"]);
        check("\"open", &["\"open"]);
        check("", &[]);
        check("a \"\" b", &["a", "", "b"]);
    }

    proptest::proptest! {
        #[test]
        fn every_text_has_words_in_bounds(text in "(?s)[-a= '\"\\\\#\n\ré]{0,40}") {
            let file = Sources::default().add(SourceFile::decode("-", text.as_bytes().to_vec()));
            for word in words(file, &text) {
                proptest::prop_assert!(text.get(word.span.range()).is_some());
            }
        }
    }
}
