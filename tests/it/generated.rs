//! Generated files are fresh; `UPDATE=1 cargo test` rewrites them.

use std::path::Path;
use std::{env, fs};

/// Asserts that the file at `path`, from the package's root, holds `expected`, or writes it.
pub(crate) fn assert_fresh(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is stale; `UPDATE=1 cargo test` rewrites it");
}

#[test]
fn the_rule_pages_are_fresh() {
    assert_fresh("docs/rules.md", &slotwise::lint::rules_markdown());
}

#[test]
fn the_schema_of_check_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::CheckedFileJson<'static>);
    assert_fresh(
        "schemas/check.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_config_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::ConfigJson<'static>);
    assert_fresh(
        "schemas/config.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_the_settings_is_fresh() {
    let schema = schemars::schema_for!(slotwise::workspace::Settings);
    assert_fresh(
        "schemas/slotwise.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_memory_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::MemoryJson<'static>);
    assert_fresh(
        "schemas/memory.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schemas_of_options_and_targets_are_fresh() {
    let options = schemars::schema_for!(Vec<slotwise::render::json::OptionJson>);
    assert_fresh(
        "schemas/options.json",
        &format!("{}\n", serde_json::to_string_pretty(&options).unwrap()),
    );
    let targets = schemars::schema_for!(Vec<slotwise::render::json::TargetJson>);
    assert_fresh(
        "schemas/targets.json",
        &format!("{}\n", serde_json::to_string_pretty(&targets).unwrap()),
    );
}

#[test]
fn the_schemas_of_migrations_and_differences_are_fresh() {
    let migration = schemars::schema_for!(slotwise::render::json::MigrationJson<'static>);
    assert_fresh(
        "schemas/migration.json",
        &format!("{}\n", serde_json::to_string_pretty(&migration).unwrap()),
    );
    let difference = schemars::schema_for!(slotwise::render::json::DifferenceJson<'static>);
    assert_fresh(
        "schemas/difference.json",
        &format!("{}\n", serde_json::to_string_pretty(&difference).unwrap()),
    );
}

#[test]
fn the_schemas_of_configurations_are_fresh() {
    use slotwise::catalog::Release;
    for release in Release::ALL.into_iter().filter(|release| *release >= Release::V1_19) {
        let schema = slotwise::render::option_schema::option_schema(release);
        let text = serde_json::to_string(&schema).unwrap();
        assert!(text.len() < 1 << 20, "{} bytes", text.len());
        assert_fresh(&format!("schemas/flink-{release}.schema.json"), &format!("{text}\n"));
    }
}

#[test]
fn the_schema_of_simulations_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::SimulationJson<'static>);
    assert_fresh(
        "schemas/simulation.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_workloads_is_fresh() {
    let schema = schemars::schema_for!(slotwise::workload::Workload);
    assert_fresh(
        "schemas/workload.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_reports_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::ReportJson<'static>);
    assert_fresh(
        "schemas/report.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_assessments_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::AssessmentJson<'static>);
    assert_fresh(
        "schemas/assessment.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_layers_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::LayeredFileJson<'static>);
    assert_fresh(
        "schemas/effective.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_loads_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::LoadJson<'static>);
    assert_fresh(
        "schemas/load.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_plans_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::PlanJson<'static>);
    assert_fresh(
        "schemas/plan.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_baselines_is_fresh() {
    let schema = schemars::schema_for!(slotwise::render::json::BaselineJson);
    assert_fresh(
        "schemas/baseline.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}

#[test]
fn the_schema_of_shown_settings_is_fresh() {
    let schema = schemars::schema_for!(Vec<slotwise::render::json::ShownSettingsJson>);
    assert_fresh(
        "schemas/settings.json",
        &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()),
    );
}
