//! What differs from a report that was written before.

use std::path::Path;

use serde_json::Value;

use crate::capacity::{Assessment, Range, Unit, figure, range_text};
use crate::plan::Plan;
use crate::render::capacity::{ComparisonRow, FindingRow};

/// Reads the earlier report at `path`, and holds it against what is found now.
///
/// # Errors
/// A file that cannot be read, or is no report of `--format json`.
pub(super) fn compare(
    path: &Path,
    now: &Assessment,
    plan: Option<&Plan>,
    findings: &[FindingRow],
) -> Result<Vec<ComparisonRow>, String> {
    let name = path.display();
    let text = super::inputs::read_text(path).map_err(|error| format!("{name}: {error}"))?;
    let earlier: Value = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    // An assessment alone will do.
    let before = earlier.get("assessment").unwrap_or(&earlier);
    if before.get("verdict").and_then(Value::as_str).is_none() {
        return Err(format!(
            "{name}: expected a report of `slotwise report --format json`, found no verdict"
        ));
    }
    if let Some(version) = earlier.get("version").and_then(Value::as_u64)
        && version != 1
    {
        return Err(format!("{name}: expected version 1 of the report, found {version}"));
    }
    Ok(differences(before, &earlier, now, plan, findings))
}

fn differences(
    before: &Value,
    earlier: &Value,
    now: &Assessment,
    plan: Option<&Plan>,
    findings: &[FindingRow],
) -> Vec<ComparisonRow> {
    let mut rows = Rows::default();
    let text = |key: &str| before.get(key).and_then(Value::as_str).unwrap_or("none").to_owned();
    let setup = &now.setup;
    rows.push("target", text("target"), setup.target.clone());
    rows.push("workload", text("workload"), now.workload.clone());
    rows.push("verdict", text("verdict"), now.verdict.name());
    rows.push("binding constraint", text("binding"), now.binding.map_or("none", |it| it.name()));
    let store = |key: &str| before.pointer(&format!("/store/{key}"));
    let bytes = |value: Option<u64>| {
        value.map_or("unbounded".to_owned(), |bytes| figure(bytes as f64, Unit::Bytes))
    };
    let was = |key: &str| store(key).and_then(Value::as_u64);
    let backend = store("backend").and_then(Value::as_str).unwrap_or("none").to_owned();
    rows.push("state backend", backend, setup.kind.name());
    let process = setup.memory.total_process_memory.bytes();
    rows.push("Total Process Memory", bytes(was("total_process_memory")), bytes(Some(process)));
    let slots = was("slots").map_or("none".to_owned(), |slots| slots.to_string());
    rows.push("task slots", slots, setup.slot_count.to_string());
    rows.push("store of a slot", bytes(was("memory")), bytes(setup.store_memory()));
    constraints(&mut rows, before, now);
    let pick = |key: &str| earlier.pointer(&format!("/plan/pick/{key}")).and_then(Value::as_u64);
    let shape = |managers: u64, process: u64, slots: u64| {
        format!("{managers} × {} with {slots} slots", figure(process as f64, Unit::Bytes))
    };
    let picked = pick("task_managers").zip(pick("process")).zip(pick("slots"));
    rows.push(
        "plan",
        picked.map_or("none".to_owned(), |((managers, process), slots)| {
            shape(managers, process, slots)
        }),
        plan.map_or("none".to_owned(), |plan| {
            let pick = &plan.pick;
            shape(u64::from(pick.task_managers), pick.process.bytes(), u64::from(pick.slots))
        }),
    );
    if let Some(earlier) = earlier.get("findings").and_then(Value::as_array) {
        changed_findings(&mut rows, earlier, findings);
    }
    rows.0
}

/// Every constraint of either report, by its figures.
fn constraints(rows: &mut Rows, before: &Value, now: &Assessment) {
    let earlier = before.get("constraints").and_then(Value::as_array);
    let name_of = |it: &Value| it.get("name").and_then(Value::as_str).map(str::to_owned);
    for it in &now.constraints {
        let all = earlier.into_iter().flatten();
        let before = all.into_iter().find(|it2| name_of(it2).as_deref() == Some(it.kind.name()));
        let bound = |side: &str| {
            let bounds = before?.get(side)?;
            Some(Range { low: bounds.get("low")?.as_f64()?, high: bounds.get("high")?.as_f64()? })
        };
        let show =
            |range: Option<Range>| range.map_or("?".to_owned(), |it2| range_text(it2, it.unit));
        rows.push(&format!("{}: needs", it.kind.title()), show(bound("need")), show(it.need));
        rows.push(&format!("{}: has", it.kind.title()), show(bound("limit")), show(it.limit));
    }
    let gone = earlier.into_iter().flatten().filter_map(name_of);
    for name in gone.filter(|name| now.constraints.iter().all(|it| it.kind.name() != name)) {
        rows.push(&name, "applied", "does not apply");
    }
}

/// Findings that are new, and those that are gone.
fn changed_findings(rows: &mut Rows, earlier: &[Value], now: &[FindingRow]) {
    let text =
        |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_same = |before: &Value, it: &FindingRow| {
        text(before, "code") == it.code && text(before, "message") == it.message
    };
    for it in now.iter().filter(|it| !earlier.iter().any(|before| is_same(before, it))) {
        rows.push(&format!("finding {}", it.code), "–", it.message.clone());
    }
    for before in earlier.iter().filter(|before| !now.iter().any(|it| is_same(before, it))) {
        rows.push(&format!("finding {}", text(before, "code")), text(before, "message"), "–");
    }
}

#[derive(Default)]
struct Rows(Vec<ComparisonRow>);

impl Rows {
    fn push(&mut self, name: &str, before: impl Into<String>, now: impl Into<String>) {
        let (before, now) = (before.into(), now.into());
        if before != now {
            self.0.push(ComparisonRow { name: name.to_owned(), before, now });
        }
    }
}
