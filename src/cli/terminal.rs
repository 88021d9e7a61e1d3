//! What standard output is: a terminal of some width, a pipe, with or without color.

use std::io::{self, IsTerminal};

use clap::ValueEnum;

use crate::render::terminal::Style;

/// When to color.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Columns where nobody says how many there are.
const DEFAULT_WIDTH: usize = 80;
/// Wider text is harder to read.
const MAX_WIDTH: usize = 120;

/// The style for standard output.
pub(super) fn style(color: Color) -> Style {
    let set =
        |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let terminal = io::stdout().is_terminal();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => terminal && !dumb() || set("FORCE_COLOR") || set("CLICOLOR_FORCE"),
    };
    Style { color, unicode: unicode(), links: terminal && color, width: width() }
}

fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether the locale says UTF-8, as POSIX orders the variables.
fn unicode() -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = variables.iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    let locale =
        locale.map(|value| value.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    (locale.contains("utf-8") || locale.contains("utf8")) && !dumb()
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(DEFAULT_WIDTH).clamp(40, MAX_WIDTH)
}
