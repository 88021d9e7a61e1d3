//! JUnit's XML: a test suite a file, a failed test a finding.
//!
//! Source: the schema of Jenkins' xUnit plugin, junit-10.xsd.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::CheckedFile;
use super::location::Locations;
use super::xml::escape;
use super::{Report, sentences};

/// The suites so far; their sum stands in front of them.
#[derive(Debug, Default)]
pub(super) struct Junit {
    suites: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Junit {
    fn suite(&mut self, path: &str, cases: &str, (tests, failures, errors): (usize, usize, usize)) {
        self.tests += tests;
        self.failures += failures;
        self.errors += errors;
        let _ = write!(
            self.suites,
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\" skipped=\"0\" time=\"0\">\n{cases}  </testsuite>\n",
            escape(path)
        );
    }
}

impl Report for Junit {
    fn file(&mut self, _out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        let mut cases = String::new();
        for finding in &file.findings {
            let location = locations.of(finding.primary.as_ref());
            let rule = finding.rule;
            let place = match location.region {
                Some(region) => {
                    let start = region.start;
                    format!("{}:{}:{}", location.name(), start.line, start.column)
                }
                None => location.name().to_owned(),
            };
            let _ = writeln!(
                cases,
                "    <testcase name=\"{} {} at {}\" classname=\"{}\" time=\"0\">\n      \
                 <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>",
                rule.code,
                rule.name,
                escape(&place),
                escape(location.path),
                escape(&finding.message),
                finding.severity.name(),
                escape(&format!("{place}\n{}", sentences(finding))),
            );
        }
        let count = file.findings.len();
        if count == 0 {
            let path = escape(&file.path);
            let _ =
                writeln!(cases, "    <testcase name=\"{path}\" classname=\"{path}\" time=\"0\"/>");
        }
        self.suite(&file.path, &cases, (count.max(1), count, 0));
        Ok(())
    }

    fn unreadable(&mut self, _out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        let case = format!(
            "    <testcase name=\"{0}\" classname=\"{0}\" time=\"0\">\n      \
             <error message=\"{1}\" type=\"unreadable\">{1}</error>\n    </testcase>\n",
            escape(path),
            escape(why)
        );
        self.suite(path, &case, (1, 0, 1));
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"slotwise\" \
             tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\">\n{}</testsuites>\n",
            self.tests, self.failures, self.errors, self.suites
        )
    }
}
