use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::assessment::{standing_word, verdict_line};
use super::plan::measured_text;
use super::svg::{self, Mark};
use super::{Report, WhatIfRow};
use crate::capacity::{FURTHEST, Range, Unit, figure, headroom, range_text};
use crate::render::printable;

/// One self-contained file: no network, no script needed.
pub fn report_html(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let title = format!("{}: capacity of {}", assessment.workload, report.page.path);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (printable(&title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (printable(&title)) }
                    p { (assessment.setup.target) ": " (printable(&report.page.target_reason))
                        "; slotwise " (env!("CARGO_PKG_VERSION")) }
                    p.verdict.(assessment.verdict.name()) { (verdict_line(assessment)) }
                }
                main {
                    (comparison(report))
                    (recommendation(report))
                    (constraints(report))
                    (memory(report))
                    (curve(report))
                    (what_if(report))
                    (backends(report))
                    (timeline(report))
                    (failover(report))
                    (sensitivity(report))
                    (alternatives(report))
                    (findings(report))
                    (inputs(report))
                    (assumptions())
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn section(id: &str, title: &str, body: Markup) -> Markup {
    html! { section aria-labelledby=(id) { h2 id=(id) { (title) } (body) } }
}

/// A table that scrolls in itself on a narrow screen.
fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(format!("Table: {caption}")) {
            table {
                thead { tr { @for cell in head { th scope="col" { (cell) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 { th scope="row" { (printable(cell)) } }
                                @else { td { (printable(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn recommendation(report: &Report<'_>) -> Markup {
    let body = match report.plan {
        Err(why) => html! { p { "No plan: " (printable(why)) } },
        Ok(plan) => {
            let pick = &plan.pick;
            let goals: Vec<_> = plan
                .goals
                .iter()
                .map(|goal| {
                    let shown = measured_text(goal, &plan.verification.measured);
                    vec![goal.to_string(), shown, "met".to_owned()]
                })
                .collect();
            html! {
                p { (pick.task_managers) " × " (pick.process.short()) " with " (pick.slots)
                    " slots, " (figure(pick.total as f64, Unit::Bytes)) " in all. It is minimal: "
                    (printable(&plan.minimal)) "." }
                @match report.patch {
                    Ok("") => { p { "The configuration is as planned already." } }
                    Ok(diff) => {
                        div.scroll tabindex="0" role="region" aria-label="Difference" {
                            pre { code { (printable_lines(diff)) } }
                        }
                    }
                    Err(why) => { p { (printable(why)) } }
                }
                dl {
                    @for change in &plan.changes {
                        dt { code { (change.key) } ": "
                            (change.current.as_deref().unwrap_or("not set")) " → "
                            (change.proposed.as_deref().unwrap_or("taken out")) }
                        dd { (printable(&change.why)) }
                    }
                }
                (table("Goals", &["Goal", "In a fresh run", "Result"], &goals))
            }
        }
    };
    section("recommendation", "Recommendation", body)
}

/// A diff keeps its line ends; other control characters are made visible.
fn printable_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}

fn constraints(report: &Report<'_>) -> Markup {
    let text = |range: Option<Range>, unit| range.map_or("?".to_owned(), |it| range_text(it, unit));
    let rows: Vec<_> = report
        .assessment
        .constraints
        .iter()
        .map(|it| {
            let binds = Some(it.kind) == report.assessment.binding;
            vec![
                format!("{}{}", it.kind.title(), if binds { " (binds)" } else { "" }),
                text(it.need, it.unit),
                text(it.limit, it.unit),
                it.headroom().map_or("–".to_owned(), headroom),
                standing_word(it).to_owned(),
                it.formula.clone(),
            ]
        })
        .collect();
    let head = ["Constraint", "needs", "has", "left at worst", "stands", "how"];
    section("constraints", "Constraints", table("Constraints", &head, &rows))
}

fn memory(report: &Report<'_>) -> Markup {
    let setup = &report.assessment.setup;
    let row = |name: &str, bytes: u64, how: &str| {
        vec![name.to_owned(), figure(bytes as f64, Unit::Bytes), bytes.to_string(), how.to_owned()]
    };
    let mut rows: Vec<_> = svg::POOLS
        .into_iter()
        .map(|pool| row(pool.title(), setup.memory.size(pool).bytes(), "of the process"))
        .collect();
    let slot = &setup.slot;
    for (name, size) in
        [("Managed", slot.managed), ("Task Heap", slot.task_heap), ("Network", slot.network)]
    {
        rows.push(row(name, size.bytes(), &format!("of each of {} slots", setup.slot_count)));
    }
    if let Some(bytes) = setup.store_memory() {
        rows.push(row(setup.kind.name(), bytes, "the state backend of a slot"));
    }
    let body = html! {
        (PreEscaped(svg::waterfall(report.assessment)))
        (table("Memory", &["Pool", "size", "bytes", "of what"], &rows))
    };
    section("memory", "Memory of a TaskManager", body)
}

fn curve(report: &Report<'_>) -> Markup {
    let rows = &report.assessment.observation.report.curve;
    if rows.is_empty() {
        let body = html! { p { "The workload reads nothing that a cache could answer." } };
        return section("curve", "Hit ratio by memory", body);
    }
    let mut marks = Vec::new();
    if let Some(memory) = report.assessment.setup.store_memory() {
        marks.push(Mark { label: "now".to_owned(), memory });
    }
    if let Ok(plan) = report.plan {
        marks.push(Mark { label: "planned".to_owned(), memory: plan.pick.store_memory });
    }
    let points: Vec<_> = marks
        .iter()
        .map(|mark| {
            let memory = figure(mark.memory as f64, Unit::Bytes);
            vec![mark.label.clone(), memory, svg::hits_at(rows, mark.memory)]
        })
        .chain(rows.iter().step_by(3).map(|row| {
            let memory = figure(row.memory as f64, Unit::Bytes);
            vec!["curve".to_owned(), memory, svg::hits_at(rows, row.memory)]
        }))
        .collect();
    let body = html! {
        p { "State accesses that an LRU cache of single entries answers, by its size, as a part of \
             what an endless one answers." }
        (PreEscaped(svg::curve(rows, &marks)))
        details { summary { "As a table" }
            (table("Hit ratio", &["Point", "memory of a slot", "hits"], &points)) }
    };
    section("curve", "Hit ratio by memory", body)
}

fn what_if(report: &Report<'_>) -> Markup {
    let mut data = String::from("[");
    for (index, row) in report.what_if.iter().enumerate() {
        let WhatIfRow { slots, process, fraction, task_managers, .. } = row;
        let text = match row.memory {
            None => format!("Flink refuses: {}", row.verdict),
            Some([managed, store, heap]) => format!(
                "{}. {task_managers} TaskManagers; managed {}, store of a slot {} ({} of an \
                 endless cache's hits), Task Heap of a slot {}",
                row.verdict,
                figure(managed as f64, Unit::Bytes),
                figure(store as f64, Unit::Bytes),
                svg::hits_at(&report.assessment.observation.report.curve, store),
                figure(heap as f64, Unit::Bytes)
            ),
        };
        let comma = if index > 0 { "," } else { "" };
        let text = json_text(&printable(&text));
        let _ = write!(data, "{comma}[{slots},{process},\"{fraction}\",{text}]");
    }
    data.push(']');
    let choices = |pick: fn(&WhatIfRow) -> String| {
        let mut all: Vec<String> = Vec::new();
        for row in report.what_if {
            let value = pick(row);
            if !all.contains(&value) {
                all.push(value);
            }
        }
        all
    };
    let select = |id: &str, label: &str, all: Vec<String>, now: String| {
        html! {
            label for=(id) { (label) }
            select id=(id) {
                @for value in &all { option value=(value) selected[*value == now] { (value) } }
            }
        }
    };
    let setup = &report.assessment.setup;
    let process = setup.memory.total_process_memory.mebibytes().to_string();
    let body = html! {
        p { "Figures computed beforehand for each combination; the script only looks them up." }
        div.controls id="what-if-controls" hidden {
            (select("w-slots", "slots", choices(|row| row.slots.to_string()), setup.slot_count.to_string()))
            (select("w-process", "process, MiB", choices(|row| row.process.to_string()), process))
            (select("w-fraction", "managed fraction", choices(|row| row.fraction.to_owned()), "0.4".to_owned()))
        }
        p id="what-if" role="status" { "Turn on scripts to try other shapes." }
        script type="application/json" id="what-if-data" { (PreEscaped(data)) }
    };
    section("whatif", "What if", body)
}

/// A text as JSON within a script element.
fn json_text(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned());
    quoted.replace('<', "\\u003c").replace('&', "\\u0026")
}

fn backends(report: &Report<'_>) -> Markup {
    let rows: Vec<_> = report
        .backends
        .iter()
        .map(|row| {
            vec![
                row.name.to_owned(),
                row.memory.map_or("unbounded".to_owned(), |it| figure(it as f64, Unit::Bytes)),
                match &row.failure {
                    Some(error) => format!("fails: {error}"),
                    None => figure(row.throughput as f64, Unit::RecordsPerSecond),
                },
                format!("{:.2} %", row.hits_per_million as f64 / 10_000.0),
                row.restore.map_or("–".to_owned(), |it| figure(it, Unit::Seconds)),
            ]
        })
        .collect();
    let head = ["Backend", "memory of a slot", "sustains", "reads without disk", "restore"];
    let body = html! {
        p { "The same workload and process with each state backend, in virtual time." }
        (table("State backends", &head, &rows))
    };
    section("backends", "State backends", body)
}

fn timeline(report: &Report<'_>) -> Markup {
    let run = &report.assessment.observation.report;
    let rows: Vec<_> = run
        .checkpoints
        .iter()
        .map(|row| {
            vec![
                row.report.id.to_string(),
                row.report.at.since(row.started).to_string(),
                row.report.sync.to_string(),
                figure(row.report.uploaded as f64, Unit::Bytes),
                figure(row.report.full_size as f64, Unit::Bytes),
            ]
        })
        .collect();
    let head = ["Checkpoint", "took", "synchronous", "uploaded", "refers to"];
    let body = html! {
        p { "One subtask, " (run.records) " records in " (run.elapsed.to_string()) " of virtual time." }
        (PreEscaped(svg::timeline(&run.timeline)))
        @if rows.is_empty() { p { "No checkpoint was due within the run." } }
        @else { (table("Checkpoints", &head, &rows)) }
    };
    section("timeline", "Timeline", body)
}

fn failover(report: &Report<'_>) -> Markup {
    let failover = &report.assessment.failover;
    let time = |range: Option<Range>| {
        range.map_or("unknown".to_owned(), |range| range_text(range, Unit::Seconds))
    };
    let rows = vec![
        vec!["TaskManagers".to_owned(), failover.task_managers.to_string()],
        vec![
            "slots left without one".to_owned(),
            format!("{} of {} needed", failover.slots_left, failover.slots_needed),
        ],
        vec![
            "until it is replaced".to_owned(),
            if failover.goes_on() { "the job goes on" } else { "the job waits" }.to_owned(),
        ],
        vec!["restore of the state".to_owned(), time(failover.restore)],
        vec!["catching up".to_owned(), time(failover.catch_up)],
    ];
    section("failover", "Loss of one TaskManager", table("Failover", &["What", "Figure"], &rows))
}

fn sensitivity(report: &Report<'_>) -> Markup {
    let rows: Vec<_> = report
        .sensitivity
        .iter()
        .map(|row| {
            let percent = |value: f64| headroom(Range::exactly(value));
            vec![
                row.input.to_owned(),
                percent(row.at_half),
                percent(row.at_one_and_a_half),
                row.breaks_at.map_or(format!("beyond × {FURTHEST}"), |it| format!("× {it:.2}")),
            ]
        })
        .collect();
    let head = ["Input", "headroom at half", "at one and a half", "does not fit from"];
    let body = html! {
        p { "The least headroom of what the job cannot do without. An unknown rate is taken as 0.7 of \
             what the job sustains." }
        (PreEscaped(svg::tornado(report.sensitivity)))
        (table("Sensitivity", &head, &rows))
    };
    section("sensitivity", "Sensitivity", body)
}

fn alternatives(report: &Report<'_>) -> Markup {
    let Ok(plan) = report.plan else { return html! {} };
    let rows: Vec<_> = plan
        .alternatives
        .iter()
        .map(|shape| {
            let pick = if *shape == plan.pick { " (pick)" } else { "" };
            vec![
                format!("{} × {}{pick}", shape.task_managers, shape.process.short()),
                shape.slots.to_string(),
                shape.managed_fraction.unwrap_or("0.4").to_owned(),
                figure(shape.total as f64, Unit::Bytes),
                figure(shape.store_memory as f64, Unit::Bytes),
                shape.task_heap.short(),
                figure(shape.lost_share(), Unit::Share),
            ]
        })
        .collect();
    let head =
        ["Shape", "slots", "managed fraction", "in all", "store", "Task Heap", "lost with one"];
    section("alternatives", "Alternatives", table("Alternatives", &head, &rows))
}

fn findings(report: &Report<'_>) -> Markup {
    let rows: Vec<_> = report
        .findings
        .iter()
        .map(|it| {
            let severity = it.severity.to_owned();
            vec![
                it.code.to_owned(),
                severity,
                it.place.clone(),
                it.message.clone(),
                it.help.clone(),
            ]
        })
        .collect();
    let body = if rows.is_empty() {
        html! { p { "None." } }
    } else {
        table("Findings", &["Rule", "severity", "where", "what", "help"], &rows)
    };
    section("findings", "Findings of check", body)
}

fn inputs(report: &Report<'_>) -> Markup {
    let rows: Vec<_> = report
        .assessment
        .inputs
        .iter()
        .map(|input| {
            let from = report.page.provenance(&input.provenance);
            vec![input.name.to_owned(), input.value.clone(), from]
        })
        .collect();
    section("inputs", "Inputs", table("Inputs", &["Input", "value", "from"], &rows))
}

fn comparison(report: &Report<'_>) -> Markup {
    let Some(rows) = report.comparison else { return html! {} };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| vec![row.name.clone(), row.before.clone(), row.now.clone()])
        .collect();
    let body = if rows.is_empty() {
        html! { p { "Nothing." } }
    } else {
        table("Changes", &["Figure", "before", "now"], &rows)
    };
    section("comparison", "Changed since the earlier report", body)
}

fn assumptions() -> Markup {
    let body = html! {
        ul {
            li { "Times and rates are those of a simulator on the named hardware profile, not of a \
                  measurement; compare shapes by them, and measure before you promise." }
            li { "One subtask stands for all: skew between subtasks is not in it." }
            li { "Network Memory is judged for one keyed exchange to each stateful operator." }
            li { "The state is taken to grow until the horizon as it grew in the run." }
        }
    };
    section("assumptions", "Assumptions and their limits", body)
}

const STYLE: &str = "
:root{color-scheme:light dark;--b:#fff;--t:#1b1f24;--s:#57606a;--l:#c9d1d9;--a:#0550ae;--g:#116329;--w:#7d4e00;--r:#a40e26}
@media(prefers-color-scheme:dark){:root{--b:#0d1117;--t:#e6edf3;--s:#9aa5b1;--l:#3d444d;--a:#79c0ff;--g:#7ee787;--w:#e3b341;--r:#ffa198}}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--b);color:var(--t);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--l)}
.verdict{font-size:1.15rem;font-weight:600;border-left:.4rem solid;padding-left:.8rem}
.fits{color:var(--g)}.may-not-fit{color:var(--w)}.does-not-fit{color:var(--r)}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--l)}
thead th{color:var(--s)}tbody th{font-weight:500}.scroll{overflow-x:auto}
pre{font-size:.85rem;border:1px solid var(--l);padding:.6rem;margin:.5rem 0}dt{margin-top:.5rem;overflow-wrap:anywhere}dd{color:var(--s)}
svg{width:100%;height:auto;margin:.5rem 0}svg text{fill:var(--t);font-size:13px}.grid{stroke:var(--l)}.bar{fill:var(--a)}
.line{fill:none;stroke:var(--a);stroke-width:2}.mark{stroke:var(--r);stroke-width:2;stroke-dasharray:4 3}.m1{stroke:var(--g)}
.p0,.p1{fill:#58a6ff}.p2{fill:#57ab5a}.p3,.p4,.p5{fill:#c69026}.p6,.p7{fill:#8b949e}
@media(max-width:40rem){.scroll table{min-width:34rem}}
.controls{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center}.controls[hidden]{display:none}
select{font:inherit;padding:.2rem}#what-if{font-weight:500}
@media print{body{max-width:none;font-size:11pt}section{break-inside:avoid-page}.scroll{overflow:visible}.controls{display:none}}
";

const SCRIPT: &str = r#"
(function () {
  var data = JSON.parse(document.getElementById("what-if-data").textContent);
  var controls = document.getElementById("what-if-controls");
  var out = document.getElementById("what-if");
  var fields = ["w-slots", "w-process", "w-fraction"].map(function (id) { return document.getElementById(id); });
  function show() {
    var wanted = fields.map(function (field) { return field.value; }).join(" ");
    var row = data.find(function (row) { return row.slice(0, 3).join(" ") === wanted; });
    out.textContent = row ? row[3] : "not computed";
  }
  fields.forEach(function (field) { field.addEventListener("change", show); });
  controls.hidden = false;
  show();
})();
"#;
