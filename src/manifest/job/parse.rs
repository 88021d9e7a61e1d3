use super::options::{CommandOption, OPTIONS};
use super::words::{Word, words};
use crate::catalog::Target;
use crate::config::Setting;
use crate::source::{FileId, Span};

/// A command, as written and as Flink's client reads it.
#[derive(Debug, Clone)]
pub struct JobCommand {
    /// Every word, the leading `flink` and `run` included.
    pub words: Vec<Word>,
    /// The options, in order; those that Flink no longer reads included.
    pub options: Vec<JobOption>,
    /// Where Flink stops to read options although more follow.
    pub stops: Option<Unparsed>,
    /// An option at the end whose value is missing.
    pub incomplete: Option<Word>,
    /// The words behind the options: the program, unless an option names it, and its arguments.
    pub rest: Vec<Word>,
    /// What the options that Flink no longer reads would set.
    pub unread: Vec<Setting<'static>>,
}

/// One option with its value.
#[derive(Debug, Clone)]
pub struct JobOption {
    /// The option.
    pub known: &'static CommandOption,
    /// Where its name is written.
    pub span: Span,
    /// Its value, if it takes one.
    pub value: Option<OptionValue>,
    /// Whether Flink reads it: `false` behind what stops it.
    pub is_read: bool,
}

/// The value of an option.
#[derive(Debug, Clone)]
pub struct OptionValue {
    /// The value without quotes.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A word at which Flink's client stops to read options.
#[derive(Debug, Clone)]
pub struct Unparsed {
    /// The word.
    pub word: Word,
    /// Why.
    pub cause: Cause,
    /// The options behind it that were meant to be read.
    pub option_count: usize,
}

/// Why the client stops at a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Releases before 1.10 knew the option.
    Removed(&'static CommandOption),
    /// An option with its value attached, as in `-yjm=1024` or `-yDkey=value`.
    Attached(&'static CommandOption),
    /// No release knows it.
    Unknown,
}

/// How a word that starts with `-` reads.
enum Reading<'w> {
    Option { known: &'static CommandOption, attached: Option<&'w str> },
    Stop(Cause),
    NoOption,
}

/// Reads a command as `DefaultParser` of commons-cli 1.3.1 does with `stopAtNonOption`, and goes on
/// behind an unknown option as if that were not there.
///
/// Source: its behavior with the options of Flink 1.10.3.
pub(super) fn parse(file: FileId, text: &str) -> JobCommand {
    let all = words(file, text);
    let skipped = all
        .iter()
        .take_while(|word| !word.text.starts_with('-'))
        .take(2)
        .position(|word| matches!(&*word.text, "run" | "run-application"))
        .map_or(0, |at| at + 1);
    let mut parser = Parser { options: Vec::new(), stops: None, incomplete: None };
    let mut rest = all.iter().skip(skipped).peekable();
    while let Some(word) = rest.peek() {
        if word.text == "--" {
            rest.next();
            break;
        }
        match reading(&word.text) {
            Reading::NoOption => break,
            Reading::Option { known, attached } => {
                let Some(word) = rest.next() else { break };
                parser.option(known, word, attached, &mut rest);
            }
            Reading::Stop(cause) => {
                let Some(word) = rest.next() else { break };
                parser.stop(cause, word, &mut rest);
            }
        }
    }
    let rest: Vec<Word> = rest.cloned().collect();
    let Parser { options, mut stops, incomplete } = parser;
    // An unknown option behind which nothing is left to read is an argument like others.
    if let Some(stop) = &mut stops {
        stop.option_count = options.iter().filter(|option| !option.is_read).count();
    }
    JobCommand { words: all, options, stops, incomplete, rest, unread: Vec::new() }
}

impl JobCommand {
    /// Whether a target's client reads every option: releases before 1.10 knew those that have been
    /// removed since.
    pub fn is_read_whole(&self, target: &Target) -> bool {
        let is_removed = |stop: &Unparsed| matches!(stop.cause, Cause::Removed(_));
        self.stops.as_ref().is_none_or(|stop| is_removed(stop) && target.is_before_catalog())
    }

    /// The options that a target's client reads.
    pub fn read_options<'c>(
        &'c self,
        target: &Target,
    ) -> impl Iterator<Item = &'c JobOption> + use<'c> {
        let whole = self.is_read_whole(target);
        self.options.iter().filter(move |option| whole || option.is_read)
    }
}

struct Parser {
    options: Vec<JobOption>,
    stops: Option<Unparsed>,
    incomplete: Option<Word>,
}

type Rest<'w, 'i> = std::iter::Peekable<std::iter::Skip<std::slice::Iter<'w, Word>>>;

impl Parser {
    fn option(
        &mut self,
        known: &'static CommandOption,
        word: &Word,
        attached: Option<&str>,
        rest: &mut Rest<'_, '_>,
    ) {
        let value = match attached {
            Some(text) => {
                let end = word.span.range().len();
                let span = word.span.slice(end.saturating_sub(text.len())..end);
                Some(OptionValue { text: text.to_owned(), span })
            }
            None if !known.meaning.takes_value() => None,
            None => match rest.next_if(|next| is_argument(&next.text)) {
                Some(next) => Some(OptionValue { text: unquoted(&next.text), span: next.span }),
                None => {
                    self.incomplete.get_or_insert_with(|| word.clone());
                    None
                }
            },
        };
        let is_read = self.stops.is_none();
        self.options.push(JobOption { known, span: word.span, value, is_read });
    }

    fn stop(&mut self, cause: Cause, word: &Word, rest: &mut Rest<'_, '_>) {
        let value_follows = match cause {
            Cause::Removed(known) => known.meaning.takes_value(),
            Cause::Attached(_) => false,
            // Nobody knows; a path is more likely the program than a value.
            Cause::Unknown => rest.peek().is_some_and(|next| !looks_like_program(&next.text)),
        };
        if value_follows {
            rest.next_if(|next| !next.text.starts_with('-'));
        }
        if let Cause::Attached(known) = cause
            && let Some(text) = attached_value(&word.text, known)
        {
            let end = word.span.range().len();
            let span = word.span.slice(end.saturating_sub(text.len())..end);
            let value = Some(OptionValue { text: text.to_owned(), span });
            self.options.push(JobOption { known, span: word.span, value, is_read: false });
        }
        let word = word.clone();
        self.stops.get_or_insert(Unparsed { word, cause, option_count: 0 });
    }
}

fn by_short(name: &str) -> Option<&'static CommandOption> {
    OPTIONS.iter().find(|option| option.short == name)
}

/// How the client reads a word.
fn reading(word: &str) -> Reading<'_> {
    if word == "-" || !word.starts_with('-') {
        return Reading::NoOption;
    }
    let name = word.trim_start_matches('-');
    let is_long = word.starts_with("--");
    let known = |known: &'static CommandOption, attached| {
        if known.meaning.is_removed() {
            Reading::Stop(Cause::Removed(known))
        } else {
            Reading::Option { known, attached }
        }
    };
    if let Some((name, value)) = name.split_once('=') {
        // `-Dkey=value` and `-p=4`; `-yDkey=value` and `-yjm=1024` are unknown to the client.
        if let Some(key) = word.strip_prefix("-D").filter(|_| !is_long)
            && let Some(option) = by_short("D")
        {
            return known(option, Some(key));
        }
        if let Some(option) = by_long(name) {
            return known(option, Some(value));
        }
        if !is_long
            && name.len() == 1
            && let Some(option) = by_short(name)
        {
            return known(option, Some(value));
        }
        let attached = OPTIONS.iter().filter(|option| !option.meaning.is_removed());
        let attached = attached.filter(|option| attached_value(word, option).is_some());
        return Reading::Stop(
            attached
                .max_by_key(|option| option.short.len())
                .map_or(Cause::Unknown, Cause::Attached),
        );
    }
    if !is_long && let Some(option) = by_short(name) {
        return known(option, None);
    }
    if let Some(option) = by_long(name) {
        return known(option, None);
    }
    // `-p4` and `-dn`: letters of one-letter options in a row.
    if !is_long && let Some(first) = name.get(..1).and_then(by_short) {
        let attached = name.get(1..);
        if first.meaning.takes_value() {
            return known(first, attached);
        }
    }
    let attached = OPTIONS
        .iter()
        .filter(|option| option.meaning.takes_value() && !option.meaning.is_removed())
        .filter(|option| option.short.len() > 1 && !is_long)
        .filter(|option| {
            name.strip_prefix(option.short)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        });
    Reading::Stop(
        attached.max_by_key(|option| option.short.len()).map_or(Cause::Unknown, Cause::Attached),
    )
}

/// What is attached to the name of an option that takes no attached value.
fn attached_value<'w>(word: &'w str, option: &CommandOption) -> Option<&'w str> {
    let rest = word.strip_prefix('-')?.strip_prefix(option.short)?;
    match rest.strip_prefix('=') {
        Some(value) => Some(value),
        None if option.meaning == super::Meaning::Property && rest.contains('=') => Some(rest),
        None if rest.starts_with(|c: char| c.is_ascii_digit()) => Some(rest),
        None => None,
    }
}

/// A long name in full, or its start if no other one starts alike.
fn by_long(name: &str) -> Option<&'static CommandOption> {
    if name.is_empty() {
        return None;
    }
    let of_length = OPTIONS.iter().filter(|option| !option.meaning.is_removed());
    let mut starting = of_length.clone().filter(|option| option.long.starts_with(name));
    let exact = OPTIONS.iter().find(|option| option.long == name);
    exact.or_else(|| starting.next().filter(|_| starting.next().is_none()))
}

/// Whether a word behind an option is its value. Of names the client looks at the first letter
/// only, so `-ynm` is a value to it and `-p` is not.
fn is_argument(word: &str) -> bool {
    let is_negative_number = word.parse::<f64>().is_ok();
    let is_option = word.strip_prefix('-').filter(|name| !name.is_empty()).is_some_and(|name| {
        match name.strip_prefix('-') {
            Some(long) => by_long(long.split('=').next().unwrap_or(long)).is_some(),
            None => name.get(..1).and_then(by_short).is_some() || by_long(name).is_some(),
        }
    });
    !is_option || is_negative_number
}

/// commons-cli takes one pair of quotes off a value.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text).to_owned()
}

fn looks_like_program(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    word.starts_with('-')
        || word.contains("://")
        || lower.ends_with(".jar")
        || lower.ends_with(".py")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};

    fn check(text: &str, expected: &str) {
        let file = Sources::default().add(SourceFile::decode("-", text.as_bytes().to_vec()));
        let command = parse(file, text);
        let option = |option: &JobOption| {
            let value = option.value.as_ref().map_or("", |value| &*value.text);
            let unread = if option.is_read { "" } else { "!" };
            format!("{unread}{}[{value}]", option.known.short)
        };
        let mut found: Vec<String> = command.options.iter().map(option).collect();
        found.extend(command.stops.iter().map(|stop| format!("stop {}", stop.word.text)));
        found.extend(command.incomplete.iter().map(|word| format!("incomplete {}", word.text)));
        found.push("|".to_owned());
        found.extend(command.rest.iter().map(|word| word.text.clone()));
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn words_read_as_commons_cli_reads_them() {
        // Each answer but what follows a stop is that of commons-cli 1.3.1.
        check(
            "run -m yarn-cluster -yjm 1024 a.jar --input x",
            "m[yarn-cluster] yjm[1024] | a.jar --input x",
        );
        check("run -yD a=b=c -Dx=y -D k=v a.jar", "yD[a=b=c] D[x=y] D[k=v] | a.jar");
        check("run -p4 a.jar", "p[4] | a.jar");
        check("run -p -1 a.jar", "p[-1] | a.jar");
        check("run -ys -ynm a.jar", "ys[-ynm] | a.jar");
        check("run --class X --par 3 a.jar -p 4", "c[X] p[3] | a.jar -p 4");
        check("run --class=X -detached a.jar", "c[X] d[] | a.jar");
        check("run -- -p 4", "| -p 4");
        check("run -yjm 1 -c", "yjm[1] c[] incomplete -c |");
    }

    #[test]
    fn an_unknown_option_stops_the_client_and_not_this_reader() {
        check("run -yjm 1 -yn 4 -ys 4 a.jar", "yjm[1] !ys[4] stop -yn | a.jar");
        check("run -yjm=1024 -ys 4 a.jar", "!yjm[1024] !ys[4] stop -yjm=1024 | a.jar");
        check("run -ytm2048 a.jar", "!ytm[2048] stop -ytm2048 | a.jar");
        check("run -yDa=b a.jar", "!yD[a=b] stop -yDa=b | a.jar");
        check("run --foo 1 -p 2 a.jar", "!p[2] stop --foo | a.jar");
        check("run --foo a.jar", "stop --foo | a.jar");
    }
}
