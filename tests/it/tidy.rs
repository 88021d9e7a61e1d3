//! The direction of dependencies between the rooms of `src/`, as `lib.rs` draws it.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may import; `cli` may import all.
const ROOMS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("source", &[]),
    ("syntax", &["source"]),
    ("finding", &["source"]),
    ("catalog", &["units"]),
    ("config", &["source", "syntax", "catalog", "units"]),
    ("manifest", &["source", "syntax", "catalog", "units", "config"]),
    ("memory", &["units", "catalog", "config"]),
    ("workload", &["units", "source", "syntax"]),
    ("simulator", &["units", "workload"]),
    ("capacity", &["units", "source", "catalog", "config", "memory", "workload", "simulator"]),
    (
        "plan",
        &["units", "source", "catalog", "config", "memory", "workload", "simulator", "capacity"],
    ),
    ("cluster", &["units", "workload"]),
    ("host", &["units"]),
    (
        "lint",
        &[
            "units", "source", "syntax", "finding", "catalog", "config", "manifest", "memory",
            "workload", "capacity", "cluster", "host",
        ],
    ),
    ("migration", &["units", "source", "syntax", "finding", "catalog", "config", "memory", "lint"]),
    (
        "workspace",
        &[
            "units", "source", "syntax", "finding", "catalog", "config", "manifest", "memory",
            "workload", "capacity", "cluster", "host", "lint",
        ],
    ),
    (
        "lsp",
        &[
            "units",
            "source",
            "syntax",
            "finding",
            "catalog",
            "config",
            "manifest",
            "memory",
            "workload",
            "capacity",
            "cluster",
            "lint",
            "workspace",
        ],
    ),
    (
        "render",
        &[
            "source",
            "units",
            "finding",
            "catalog",
            "memory",
            "simulator",
            "capacity",
            "plan",
            "migration",
            "host",
        ],
    ),
];

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The code of a file without its comments; unit tests count as code.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn no_room_imports_a_room_to_its_right() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, allowed) in ROOMS {
        if !src.join(room).is_dir() {
            continue;
        }
        for path in source_files(&src.join(room)) {
            for part in code(&path).split("crate::").skip(1) {
                let imported: String =
                    part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_room = src.join(&imported).is_dir();
                if is_room && imported != *room && !allowed.contains(&imported.as_str()) {
                    wrong.push(format!("{}: crate::{imported}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the direction:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() && name != "cli" {
            assert!(ROOMS.iter().any(|(room, _)| *room == name), "room {name} has no row");
        }
    }
}

#[test]
fn the_simulator_knows_no_clock_no_disk_and_no_order_by_chance() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator");
    if !folder.is_dir() {
        return;
    }
    for path in source_files(&folder) {
        for banned in ["std::time", "std::fs", "HashMap", "HashSet"] {
            assert!(!code(&path).contains(banned), "{} uses {banned}", path.display());
        }
    }
}

#[test]
fn render_formats_and_never_computes_from_configuration() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render");
    for path in source_files(&folder) {
        assert!(!code(&path).contains("crate::config"), "{}", path.display());
    }
}

/// Whoever reads a file, or kills us, sees the old text or the new one, never a part.
#[test]
fn files_are_written_in_one_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in source_files(&src) {
        // The second writes the catalog's tables, in a test only.
        if path.ends_with("cli/atomic.rs") || path.ends_with("catalog/generate.rs") {
            continue;
        }
        let code = code(&path);
        let product = code.split("#[cfg(test)]").next().unwrap();
        for banned in ["fs::write", "File::create", "OpenOptions", "fs::rename", "fs::copy"] {
            assert!(!product.contains(banned), "{} uses {banned}", path.display());
        }
    }
}

/// A reader who leaves, and a full disk, are dealt with in one place.
#[test]
fn standard_output_is_written_in_one_place() {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    for path in source_files(&cli) {
        let allowed = path.ends_with("output.rs") || path.ends_with("lsp.rs");
        let code = code(&path).replace("io::stdout().is_terminal()", "");
        let code = code.replace("printed.print().and_then(|()| io::stdout().flush())", "");
        assert!(allowed || !code.contains("io::stdout()"), "{}", path.display());
    }
}
