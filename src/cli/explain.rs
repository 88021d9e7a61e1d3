use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::finding::{FixAvailability, RuleMeta};
use crate::lint;

/// Say what a rule is about, with an example of wrong and right
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's code or name, such as FI001 or line-without-separator
    #[arg(value_name = "RULE")]
    rule: String,
}

/// List every rule
#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: RulesFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum RulesFormat {
    /// One line a rule
    #[default]
    Human,
    /// The reference page of all rules
    Markdown,
}

/// Prints a rule's documentation.
pub(super) fn run(arguments: &ExplainArguments) -> io::Result<ExitCode> {
    let Some(rule) = lint::rule(&arguments.rule) else {
        super::complain(&format!("no rule {:?}; `slotwise rules` lists them all", arguments.rule));
        return Ok(ExitCode::from(2));
    };
    let mut out = super::output::stdout();
    writeln!(out, "{} {}: {}", rule.code, rule.name, rule.severity.name())?;
    writeln!(out, "{}", rule.docs.trim_end())?;
    writeln!(out)?;
    writeln!(out, "Fix: {}", fix(rule))?;
    writeln!(out, "Source: {}", rule.source)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints all rules.
pub(super) fn run_rules(arguments: &RulesArguments) -> io::Result<ExitCode> {
    let mut out = super::output::stdout();
    match arguments.format {
        RulesFormat::Markdown => out.write_all(lint::rules_markdown().as_bytes())?,
        RulesFormat::Human => {
            for rule in lint::RULES.iter().map(|rule| rule.meta()) {
                writeln!(out, "{}  {:<7}  {}", rule.code, rule.severity.name(), rule.name)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn fix(rule: &RuleMeta) -> &'static str {
    match rule.fix {
        FixAvailability::Always => "always",
        FixAvailability::Sometimes => "sometimes",
        FixAvailability::Never => "none",
    }
}
