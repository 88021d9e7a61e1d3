use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{opt, recognize, rest};
use nom::multi::many0_count;
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};

/// Which comments and strings a language has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Java, Scala, Kotlin.
    Java,
    /// Python.
    Python,
    /// Flink SQL.
    Sql,
}

/// A part of a program that is neither space nor comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    /// A string's text is what is between its quotes, escapes as written.
    pub(super) text: &'t str,
    /// Where it is, quotes included.
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Text,
    Mark,
}

/// The tokens of a text; a string or comment that never ends takes the rest.
pub(super) fn tokens(language: Language, text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut input = text;
    while !input.is_empty() {
        let Ok((next, _)) = blank(language, input) else { break };
        input = next;
        let Ok((next, (kind, token))) = token(language, input) else { break };
        let start = text.len() - input.len();
        tokens.push(Token { kind, text: token, range: start..text.len() - next.len() });
        input = next;
    }
    tokens
}

fn blank(language: Language, input: &str) -> IResult<&str, usize> {
    let space = take_while1(char::is_whitespace);
    let line = |start: &'static str| recognize(pair(tag(start), take_while(|c| c != '\n')));
    let block = recognize(pair(tag("/*"), alt((terminated(take_until("*/"), tag("*/")), rest))));
    match language {
        Language::Java => many0_count(alt((space, line("//"), block))).parse(input),
        Language::Python => many0_count(alt((space, line("#")))).parse(input),
        Language::Sql => many0_count(alt((space, line("--"), block))).parse(input),
    }
}

fn token(language: Language, input: &str) -> IResult<&str, (TokenKind, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let word = take_while1(is_word).map(|text| (TokenKind::Word, text));
    let mark = recognize(anychar).map(|text| (TokenKind::Mark, text));
    let text =
        move |input| string(language, input).map(|(rest, text)| (rest, (TokenKind::Text, text)));
    alt((text, word, mark)).parse(input)
}

fn string(language: Language, input: &str) -> IResult<&str, &str> {
    match language {
        Language::Sql => alt((
            |input| doubled('\'', input),
            |input| doubled('`', input),
            |input| doubled('"', input),
        ))
        .parse(input),
        Language::Java => alt((
            |input| long("\"\"\"", input),
            |input| escaped('"', input),
            |input| escaped('\'', input),
        ))
        .parse(input),
        Language::Python => preceded(
            opt(alt((tag("r"), tag("f"), tag("b"), tag("u")))),
            alt((
                |input| long("\"\"\"", input),
                |input| long("'''", input),
                |input| escaped('"', input),
                |input| escaped('\'', input),
            )),
        )
        .parse(input),
    }
}

/// `'it''s'`
fn doubled(quote: char, input: &str) -> IResult<&str, &str> {
    let piece = alt((recognize(pair(char(quote), char(quote))), take_while1(move |c| c != quote)));
    delimited(char(quote), recognize(many0_count(piece)), opt(char(quote))).parse(input)
}

/// `"a\"b"`, on one line.
fn escaped(quote: char, input: &str) -> IResult<&str, &str> {
    let piece = alt((
        recognize(pair(char('\\'), anychar)),
        take_while1(move |c| c != quote && c != '\\' && c != '\n'),
    ));
    delimited(char(quote), recognize(many0_count(piece)), opt(char(quote))).parse(input)
}

/// `"""text"""`
fn long<'t>(quotes: &'static str, input: &'t str) -> IResult<&'t str, &'t str> {
    preceded(tag(quotes), alt((terminated(take_until(quotes), tag(quotes)), rest))).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, text: &str, expected: &[&str]) {
        let found: Vec<String> = tokens(language, text)
            .iter()
            .map(|token| match token.kind {
                TokenKind::Text => format!("<{}>", token.text),
                _ => token.text.to_owned(),
            })
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn comments_and_strings_of_each_language() {
        check(
            Language::Java,
            "a.b(\"c // d\\\"\") // e\n/* f */ 'g'",
            &["a", ".", "b", "(", "<c // d\\\">", ")", "<g>"],
        );
        check(Language::Java, "x = \"\"\"\n a \"b\"\n\"\"\";", &["x", "=", "<\n a \"b\"\n>", ";"]);
        check(
            Language::Python,
            "a(r'b # c') # d\n\"\"\"e\n# f\"\"\"",
            &["a", "(", "<b # c>", ")", "<e\n# f>"],
        );
        check(
            Language::Sql,
            "SET 'a' = 'it''s'; -- 'x'\n/* y */",
            &["SET", "<a>", "=", "<it''s>", ";"],
        );
        check(Language::Java, "\"open", &["<open>"]);
        check(Language::Java, "/* open", &[]);
    }

    proptest::proptest! {
        #[test]
        fn tokens_lie_in_the_text(text in "(?s)[-ab'\"`#/*\\\\ \n=;é]{0,40}") {
            for language in [Language::Java, Language::Python, Language::Sql] {
                for token in tokens(language, &text) {
                    proptest::prop_assert!(text.get(token.range).is_some());
                }
            }
        }
    }
}
