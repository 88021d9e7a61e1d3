use schemars::JsonSchema;
use serde::Serialize;

use crate::migration::{
    Change, ChangeKind, DefaultChange, Difference, MemoryChange, Migration, PoolChange,
};

/// What `slotwise migrate --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MigrationJson<'a> {
    /// The file that the target reads, such as `config.yaml`.
    file_name: &'a str,
    /// The new file's text, secrets masked; `--output` writes it as it is.
    text: &'a str,
    /// Everything that did not simply stay, in file order.
    changes: Vec<ChangeJson<'a>>,
    /// Options that are not set, and whose default is another one now.
    defaults: Vec<DefaultJson<'a>>,
    /// Every pool of memory before and after.
    memory: Vec<MemoryJson<'a>>,
}

/// What `slotwise diff --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DifferenceJson<'a> {
    /// Every option that is set differently, by key.
    settings: Vec<SettingJson<'a>>,
    /// Every pool of memory before and after.
    memory: Vec<MemoryJson<'a>>,
}

/// What became of one line.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangeJson<'a> {
    /// The old file's line, from 1.
    line: u32,
    /// The key, as the old file has it; empty for a line that Flink drops.
    key: &'a str,
    /// `renamed`, `rewritten`, `dropped` or `flagged`.
    kind: &'static str,
    /// The new key, of what is renamed.
    new_key: Option<&'a str>,
    /// The old value, of what is rewritten.
    from: Option<&'a str>,
    /// The new value, of what is rewritten.
    to: Option<&'a str>,
    /// Why.
    reason: &'a str,
}

/// An option whose default is another one.
#[derive(Debug, Serialize, JsonSchema)]
struct DefaultJson<'a> {
    /// The option.
    key: &'a str,
    /// Its default before; null if it had none.
    before: Option<&'a str>,
    /// Its default after.
    after: Option<&'a str>,
}

/// An option that is set differently.
#[derive(Debug, Serialize, JsonSchema)]
struct SettingJson<'a> {
    /// The option, by its newest key.
    key: &'a str,
    /// The first file's value, secrets masked; null if it sets none.
    before: Option<&'a str>,
    /// The second file's value.
    after: Option<&'a str>,
    /// The default, for the file that sets none.
    default: Option<&'a str>,
    /// Both set the same, under different keys.
    only_key: bool,
}

/// The pools of one process or slot.
#[derive(Debug, Serialize, JsonSchema)]
struct MemoryJson<'a> {
    /// `TaskManager`, `slot` or `JobManager`.
    owner: &'a str,
    /// Why Flink refuses the sizes before.
    refusal_before: Option<&'a str>,
    /// Why Flink refuses the sizes after.
    refusal_after: Option<&'a str>,
    /// The pools, the total first.
    pools: Vec<PoolJson<'a>>,
}

/// One pool, in bytes.
#[derive(Debug, Serialize, JsonSchema)]
struct PoolJson<'a> {
    /// Flink's name of it.
    name: &'a str,
    /// Its size before.
    before: Option<u64>,
    /// Its size after.
    after: Option<u64>,
}

impl<'a> MigrationJson<'a> {
    /// The contract's form; `text` is the new file without its secrets.
    pub fn new(migration: &'a Migration, text: &'a str, memory: &'a [MemoryChange]) -> Self {
        Self {
            file_name: migration.file_name,
            text,
            changes: migration.changes.iter().map(change).collect(),
            defaults: migration.defaults.iter().map(default).collect(),
            memory: memory.iter().map(memory_json).collect(),
        }
    }
}

impl<'a> DifferenceJson<'a> {
    /// The contract's form.
    pub fn new(differences: &'a [Difference], memory: &'a [MemoryChange]) -> Self {
        let settings = differences.iter().map(|difference| SettingJson {
            key: &difference.key,
            before: difference.before.as_deref(),
            after: difference.after.as_deref(),
            default: difference.default,
            only_key: difference.only_key,
        });
        Self { settings: settings.collect(), memory: memory.iter().map(memory_json).collect() }
    }
}

fn change(change: &Change) -> ChangeJson<'_> {
    let (kind, new_key, from, to) = match &change.kind {
        ChangeKind::Renamed(key) => ("renamed", Some(key.as_str()), None, None),
        ChangeKind::Rewritten { from, to } => {
            ("rewritten", None, Some(from.as_str()), Some(to.as_str()))
        }
        ChangeKind::Dropped => ("dropped", None, None, None),
        ChangeKind::Flagged => ("flagged", None, None, None),
    };
    let Change { line, key, reason, .. } = change;
    ChangeJson { line: *line, key, kind, new_key, from, to, reason }
}

fn default(change: &DefaultChange) -> DefaultJson<'_> {
    let DefaultChange { key, before, after } = change;
    DefaultJson { key, before: before.as_deref(), after: after.as_deref() }
}

fn memory_json(change: &MemoryChange) -> MemoryJson<'_> {
    let [before, after] = &change.refusals;
    MemoryJson {
        owner: change.owner,
        refusal_before: before.as_deref(),
        refusal_after: after.as_deref(),
        pools: change.pools.iter().map(pool).collect(),
    }
}

fn pool(pool: &PoolChange) -> PoolJson<'_> {
    let bytes = |size: Option<crate::units::MemorySize>| size.map(|size| size.bytes());
    PoolJson { name: pool.name, before: bytes(pool.before), after: bytes(pool.after) }
}
