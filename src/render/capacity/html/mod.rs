//! A report as one self-contained file: no network, no script needed.

mod evidence;
mod inputs;
mod memory;
mod plot;
mod proposal;
mod risk;
mod verdict;
mod what_if;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Report;
use crate::capacity::{Assessment, Range, Unit, range_text};
use crate::render::{printable, printable_line};

/// The file; every text that is not this program's own goes through maud's escaping.
pub fn report_html(report: &Report<'_>) -> String {
    let title = format!("{}: capacity of {}", report.assessment.workload, report.page.path);
    let sections = [
        proposal::comparison(report),
        proposal::recommendation(report),
        evidence::constraints(report),
        memory::memory(report),
        evidence::curve(report),
        what_if::what_if(report),
        evidence::backends(report),
        evidence::timeline(report),
        risk::budget(report),
        risk::failover(report),
        risk::sensitivity(report),
        proposal::alternatives(report),
        proposal::findings(report),
        inputs::inputs(report),
        inputs::assumptions(report),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (printable_line(&title)) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                a.skip href="#main" { "To the figures" }
                header { (verdict::head(report)) }
                nav aria-label="Contents" {
                    ul {
                        @for section in &sections {
                            li { a href=(format!("#{}", section.id)) { (section.title) } }
                        }
                    }
                }
                main id="main" {
                    @for section in &sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer { (inputs::foot(report)) }
                script { (PreEscaped(include_str!("what_if.js"))) }
            }
        }
    };
    page.into_string()
}

/// A part of the page that can be pointed to.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

impl Section {
    const fn new(id: &'static str, title: &'static str, body: Markup) -> Self {
        Self { id, title, body }
    }
}

/// A heading of a table's column.
#[derive(Clone, Copy)]
enum Column {
    Text(&'static str),
    Number(&'static str),
}

/// A table that scrolls in itself on a narrow screen.
fn table(caption: &str, head: &[Column], body: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(format!("Table: {caption}")) {
            table {
                caption { (caption) }
                thead {
                    tr {
                        @for column in head {
                            @match column {
                                Column::Text(title) => { th scope="col" { (title) } }
                                Column::Number(title) => { th.n scope="col" { (title) } }
                            }
                        }
                    }
                }
                tbody { (body) }
            }
        }
    }
}

/// A table of texts, the first of each row its heading.
fn text_table(caption: &str, head: &[Column], rows: &[Vec<String>]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                @for (cell, column) in row.iter().zip(head).take(1) { (heading(cell, *column)) }
                @for (cell, column) in row.iter().zip(head).skip(1) {
                    @match column {
                        Column::Text(_) => { td { (printable(cell)) } }
                        Column::Number(_) => { td.n { (printable(cell)) } }
                    }
                }
            }
        }
    };
    table(caption, head, &body)
}

fn heading(cell: &str, column: Column) -> Markup {
    match column {
        Column::Text(_) => html! { th scope="row" { (printable(cell)) } },
        Column::Number(_) => html! { th.n scope="row" { (printable(cell)) } },
    }
}

/// How much of a limit is in use, at least and at most; the figures stand beside it.
fn meter(class: &str, least: f64, most: f64) -> Markup {
    html! {
        div.meter.(class) aria-hidden="true" {
            i.most style=(format!("width:{}", percent(most, 1.0))) {}
            i style=(format!("width:{}", percent(least, 1.0))) {}
        }
    }
}

/// A part of a whole for a style, within 0 and 100 %.
fn percent(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
    format!("{:.2}%", share * 100.0)
}

fn range(range: Option<Range>, unit: Unit) -> String {
    range.map_or("?".to_owned(), |range| range_text(range, unit))
}

/// The assessment of the configuration as the plan changes it.
fn proposed<'a>(report: &Report<'a>) -> Option<&'a Assessment> {
    report.plan.ok().filter(|plan| !plan.changes.is_empty()).map(|plan| &plan.assessment)
}
