//! Images built on Flink's: `ENV FLINK_PROPERTIES=…` and lines that are added to its
//! configuration file.

use std::ops::Range;

use nom::bytes::complete::{tag_no_case, take_while1};
use nom::character::complete::{space0, space1};
use nom::{IResult, Parser};

use super::yaml::{blank_around, has_two_options, release_of_image};
use super::{
    ContainerSpec, Deployment, Embedded, Facts, Form, PropertiesProblem, Role, Scalar, StatedTarget,
};
use crate::config::{Layer, RawValue, Setting};
use crate::source::{FileId, Span};

/// Reads a Dockerfile; nothing comes of one that configures no Flink.
pub(super) fn read(file: FileId, text: &str) -> Option<Deployment> {
    let mut image = None;
    let mut properties = None;
    let mut settings = Vec::new();
    for range in instructions(text) {
        let line = text.get(range.clone()).unwrap_or("");
        let rest = |name| {
            let (rest, _) = instruction(name, line).ok()?;
            Some(range.end - rest.len()..range.end)
        };
        if let Some(at) = rest("FROM") {
            let name = text.get(at.clone()).unwrap_or("").split_whitespace().next().unwrap_or("");
            let span = Span::new(file, at.start..at.start + name.len());
            image = Some(Scalar { text: name.to_owned(), span, is_plain: true });
        } else if let Some(at) = rest("ENV") {
            properties = environment(text, at).or(properties);
        } else if let Some(at) = rest("RUN") {
            settings.extend(echoed_lines(file, text, at));
        }
    }
    if properties.is_none() && settings.is_empty() {
        return None;
    }
    let target = image.as_ref().and_then(|image| release_of_image(&image.text));
    let embedded = properties.and_then(|range| {
        Some(Embedded {
            name: Embedded::PROPERTIES,
            view: blank_around(text, range.clone())?,
            range,
            dialect: None,
            layer: Layer::Environment,
        })
    });
    let problem = embedded.as_ref().and_then(|embedded| {
        let written = text.get(embedded.range.clone())?;
        let joined = written.replace("\\\n", " ").replace("\\n", " ");
        has_two_options(&joined).then(|| PropertiesProblem {
            span: Span::new(file, embedded.range.clone()),
            cause: "a variable of a Dockerfile has one line",
        })
    });
    Some(Deployment {
        name: "image".to_owned(),
        form: Form::Dockerfile,
        role: Role::Part,
        embedded,
        settings,
        target: target
            .map(|target| StatedTarget { target, reason: "the image says so".to_owned() }),
        fault: None,
        facts: Facts::Container(Box::new(ContainerSpec {
            image,
            problem,
            ..ContainerSpec::default()
        })),
    })
}

/// Instructions with the lines that they continue on; comments are left out.
fn instructions(text: &str) -> Vec<Range<usize>> {
    let mut instructions: Vec<Range<usize>> = Vec::new();
    let mut continues = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let range = start..start + body.len();
        start += line.len();
        if body.trim_start().starts_with('#') {
            continue;
        }
        match instructions.last_mut().filter(|_| continues) {
            Some(last) => last.end = range.end,
            None if body.trim().is_empty() => continue,
            None => instructions.push(range),
        }
        continues = body.trim_end().ends_with('\\');
    }
    instructions
}

/// The name of an instruction and the space behind it.
fn instruction<'t>(name: &'static str, line: &'t str) -> IResult<&'t str, ()> {
    (space0, tag_no_case(name), space1).map(|_| ()).parse(line)
}

/// The value of `FLINK_PROPERTIES` in what follows `ENV`, without its quotes.
fn environment(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    const NAME: &str = "FLINK_PROPERTIES";
    let body = text.get(range.clone())?;
    let at = body.find(NAME)? + NAME.len();
    let after = body.get(at..)?;
    let value = after.strip_prefix(['=', ' '])?;
    let start = range.start + at + 1;
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            let length = inner.find(quote).unwrap_or(inner.len());
            return Some(start + 1..start + 1 + length);
        }
    }
    // `ENV NAME value` takes the rest, `ENV NAME=value` one word.
    let length = if after.starts_with('=') {
        value.find(char::is_whitespace).unwrap_or(value.len())
    } else {
        value.len()
    };
    Some(start..start + length)
}

/// `echo "key: value" >> …/flink-conf.yaml`.
fn echoed_lines(file: FileId, text: &str, range: Range<usize>) -> Vec<Setting<'static>> {
    let body = text.get(range.clone()).unwrap_or("");
    let mut settings = Vec::new();
    for (at, _) in body.match_indices("echo ") {
        let command = body.get(at + "echo ".len()..).unwrap_or("");
        let command = command.split("&&").next().unwrap_or("");
        if !command.contains("flink-conf.yaml") {
            continue;
        }
        let start = range.start + at + "echo ".len();
        if let Some(setting) = quoted_line(file, start, command) {
            settings.push(setting);
        }
    }
    settings
}

fn quoted_line(file: FileId, start: usize, command: &str) -> Option<Setting<'static>> {
    let quote = command.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (line, _) = command.get(1..)?.split_once(quote)?;
    let (key, value) = line.split_once(": ")?;
    let is_key: IResult<&str, &str> =
        take_while1(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')).parse(key);
    is_key.ok().filter(|(rest, _)| rest.is_empty())?;
    let from = start + 1;
    let value_start = from + key.len() + 2;
    Some(Setting {
        key: key.to_owned().into(),
        value: RawValue::Text(value.trim().to_owned().into()),
        key_span: Span::new(file, from..from + key.len()),
        value_span: Span::new(file, value_start..value_start + value.len()),
        layer: Layer::File,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};

    fn check(text: &str, expected: &[&str]) {
        let file = Sources::default().add(SourceFile::decode("-", text.as_bytes().to_vec()));
        let deployment = read(file, text);
        let found: Vec<String> = deployment
            .iter()
            .flat_map(|it| it.load(file, &"flink-1.20".parse().unwrap()).1)
            .map(|setting| format!("{}={}", setting.key, setting.value.text()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn variables_and_added_lines() {
        check("FROM flink:1.20\nENV FLINK_PROPERTIES=\"rest.port: 1\"\n", &["rest.port=1"]);
        check("FROM flink:1.20\nenv A=b FLINK_PROPERTIES='rest.port: 1' C=d\n", &["rest.port=1"]);
        check("FROM flink\nENV FLINK_PROPERTIES rest.port: 1\n", &["rest.port=1"]);
        check(
            "FROM flink\nRUN echo 'a.b: 1' >> $FLINK_HOME/conf/flink-conf.yaml && \\\n # x\n echo \"c.d: 2 x\" >> conf/flink-conf.yaml\n",
            &["a.b=1", "c.d=2 x"],
        );
        check("FROM flink\n# ENV FLINK_PROPERTIES=a: b\nRUN echo 'a: b' > x\n", &[]);
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_read(text in "(?s)(FROM flink|ENV |RUN |echo |FLINK_PROPERTIES|flink-conf.yaml|[ab: ='\"\\\\\n#é]){0,12}") {
            check_bounds(&text);
        }
    }

    fn check_bounds(text: &str) {
        let file = Sources::default().add(SourceFile::decode("-", text.as_bytes().to_vec()));
        for setting in read(file, text).iter().flat_map(|it| &it.settings) {
            assert!(text.get(setting.value_span.range()).is_some());
        }
    }
}
