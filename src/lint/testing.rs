//! Rules tested on annotated configurations.
//!
//! A comment line of spaces, carets and a text expects a label at the carets of the last line
//! before it: the primary label with the rule's code in front, related labels without. Headers
//! `# target: emr-3.28.2`, `# file: config.yaml`, `# beside: flink-conf.yaml`,
//! `# dialect: legacy` and `# -D key=value` set the scene; `# workload: NAME`, `# rate: 1000` and
//! `# disk: 10g` ask for an assessment. Its run is short. `# host: memory=4g cores=2`, and as often
//! as need be `# host-group: PATH memory=2g` and `# host-dir: PATH STATE FILE-SYSTEM FREE`, read a
//! machine.

use super::{Facts, LintContext, Rule};
use std::path::Path;

use crate::capacity::{Asked, assess_briefly, shortened};
use crate::catalog::Target;
use crate::cluster::Deployed;
use crate::config::{Dialect, ResolvedConfig, load_dynamic_property, load_file};
use crate::finding::Finding;
use crate::host::{
    ControlGroup, Cores, Directory, DirectoryState, GroupVersion, Host, Mount, Space,
};
use crate::manifest::{self, Deployment};
use crate::source::{FileId, SourceFile, Sources};
use crate::workload::{Workload, shipped};

/// The configuration of one test, with its headers read.
pub(crate) struct Scene {
    sources: Sources,
    file: FileId,
    properties: Vec<FileId>,
    target: Target,
    dialect: Dialect,
    has_sibling: bool,
    deployment: Option<Deployment>,
    scenario: Option<Scenario>,
    deployed: Option<Deployed>,
    host: Option<Host>,
}

impl Scene {
    pub(crate) fn new(text: &str) -> Self {
        let header = |name: &str| {
            let own = name.trim_start_matches("# ");
            // Each language has a comment of its own.
            let body =
                |line| ["# ", "-- ", "// "].iter().find_map(|it| str::strip_prefix(line, it));
            text.lines().find_map(|line| body(line)?.strip_prefix(own)).map(str::trim)
        };
        let target: Target = header("# target:").unwrap_or("flink-1.20").parse().unwrap();
        let default_name = if target.release().name().starts_with('2') {
            "config.yaml"
        } else {
            "flink-conf.yaml"
        };
        let name = header("# file:").unwrap_or(default_name);
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::decode(name, bytes(text)));
        let properties = text
            .lines()
            .filter_map(|line| line.strip_prefix("# -D "))
            .map(|property| sources.add(SourceFile::decode("-D", property.as_bytes().to_vec())))
            .collect();
        let dialect = match header("# dialect:") {
            Some("legacy") => Dialect::Legacy,
            Some(other) => panic!("no dialect {other}"),
            None => Dialect::of(name, text, target.release()),
        };
        let has_sibling = header("# beside:").is_some();
        let text = sources.file(file).unwrap().text();
        let form = manifest::recognize(name, text);
        let deployment = form.and_then(|form| manifest::read(form, file, text).into_iter().next());
        let dialect =
            deployment.as_ref().map_or(dialect, |deployment| deployment.dialect(target.release()));
        let host = header("# host:").map(|machine| host(machine, text));
        let deployed = deployed(&header);
        let scenario = Scenario::of(header);
        Self {
            sources,
            file,
            properties,
            target,
            dialect,
            has_sibling,
            deployment,
            scenario,
            deployed,
            host,
        }
    }

    pub(crate) fn file(&self) -> FileId {
        self.file
    }

    pub(crate) fn run(&self, run: impl FnOnce(&LintContext<'_>) -> Vec<Finding>) -> Vec<Finding> {
        let text = |id| self.sources.file(id).unwrap().text();
        let source = self.sources.file(self.file).unwrap();
        let (loaded, mut settings) = match &self.deployment {
            Some(deployment) => deployment.load(self.file, &self.target),
            None => {
                let loaded = load_file(self.file, source, self.dialect);
                let settings = loaded.settings.clone();
                (loaded, settings)
            }
        };
        settings.extend(
            self.properties.iter().map(|id| load_dynamic_property(*id, text(*id)).unwrap()),
        );
        let config = ResolvedConfig::new(self.target.release(), settings);
        let assessment = self.scenario.as_ref().and_then(|it| {
            assess_briefly(&config, &self.target, 1, &it.workload, it.asked, &mut |_, _| ())
        });
        run(&LintContext {
            target: &self.target,
            sources: &self.sources,
            file: self.file,
            dialect: self.dialect,
            loaded: &loaded,
            config: &config,
            has_sibling: self.has_sibling,
            backends_per_slot: 1,
            facts: Facts::of(self.deployment.as_ref())
                .with_assessment(assessment.as_ref())
                .with_deployed(self.deployed.as_ref())
                .with_host(self.host.as_ref()),
        })
    }
}

/// A running cluster: `# deployed: key=value; key=value`, and `# deployed-pools: managed=bytes`.
fn deployed<'t>(header: &impl Fn(&str) -> Option<&'t str>) -> Option<Deployed> {
    let settings = header("# deployed:");
    let pools = header("# deployed-pools: managed=");
    let pair = |text: &str| {
        let (key, value) = text.split_once('=').unwrap();
        (key.trim().to_owned(), value.trim().to_owned())
    };
    let task_manager = pools.map(|bytes| {
        let text = format!(
            r#"{{"id":"tm-1","slotsNumber":1,"memoryConfiguration":{{"managedMemory":{bytes}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    });
    (settings.is_some() || pools.is_some()).then(|| Deployed {
        address: "http://jobmanager:8081".to_owned(),
        settings: settings.into_iter().flat_map(|text| text.split(';')).map(pair).collect(),
        task_managers: task_manager.into_iter().collect(),
    })
}

/// A machine: `memory=4g cores=2 available=1g task-managers=3`, with the groups and directories of
/// further headers.
fn host(machine: &str, text: &str) -> Host {
    let number = |words: &str, name: &str| -> Option<String> {
        let mut pairs = words.split_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let size = |words: &str, name: &str| number(words, name).map(|value| value.parse().unwrap());
    let lines = |name: &'static str| text.lines().filter_map(move |line| line.strip_prefix(name));
    let group = |words: &str| ControlGroup {
        path: words.split(' ').next().unwrap().to_owned(),
        version: GroupVersion::V2,
        memory_max: size(words, "memory"),
        memory_high: size(words, "high"),
        cpu_quota: number(words, "quota")
            .and_then(|quota| Cores::of_quota(quota.parse().unwrap(), 1000)),
        processor_count: number(words, "cores").map(|count| count.parse().unwrap()),
    };
    Host {
        memory: size(machine, "memory").unwrap(),
        memory_available: size(machine, "available"),
        swap: size(machine, "swap").unwrap_or_default(),
        processor_count: number(machine, "cores").unwrap().parse().unwrap(),
        groups: lines("# host-group: ").map(group).collect(),
        directories: lines("# host-dir: ").map(host_directory).collect(),
        task_manager_count: number(machine, "task-managers")
            .map_or(1, |count| count.parse().unwrap()),
    }
}

/// Such as `/data/rocksdb missing ext4 10g`; `/data` is what is there.
fn host_directory(words: &str) -> Directory {
    let words: Vec<&str> = words.split(' ').collect();
    let [path, state, file_system, free] = words.as_slice() else { panic!("{words:?}") };
    let missing = |can_create| DirectoryState::Missing { parent: "/data".to_owned(), can_create };
    let free = free.parse().unwrap();
    Directory {
        path: (*path).to_owned(),
        state: match *state {
            "writable" => DirectoryState::Writable,
            "read-only" => DirectoryState::NotWritable,
            "file" => DirectoryState::NotADirectory { at: (*path).to_owned() },
            "missing" => missing(true),
            "forbidden" => missing(false),
            other => panic!("no state {other}"),
        },
        mount: Some(Mount::new("/data", *file_system)),
        space: Some(Space { free, total: "1t".parse().unwrap() }),
    }
}

/// What is asked of a workload.
struct Scenario {
    workload: Workload,
    asked: Asked,
}

impl Scenario {
    fn of<'t>(header: impl Fn(&str) -> Option<&'t str>) -> Option<Self> {
        let name = header("# workload:")?;
        let text = match shipped(name) {
            Some(shipped) => shipped.text.to_owned(),
            None => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/capacity");
                std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap()
            }
        };
        let workload = shortened(&Workload::parse(name, &text).unwrap(), 20_000);
        let rate = header("# rate:").map(|rate| rate.parse().unwrap());
        let disk = header("# disk:").map(|disk| disk.parse().unwrap());
        Some(Self { workload, asked: Asked { rate, disk } })
    }
}

/// The bytes of a text; U+FFFD stands for a byte that is no UTF-8.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in text.split(char::REPLACEMENT_CHARACTER).enumerate() {
        if index > 0 {
            bytes.push(0xFF);
        }
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// What one rule finds.
pub(crate) fn findings(rule: &dyn Rule, text: &str) -> Vec<Finding> {
    Scene::new(text).run(|ctx| {
        let mut findings = Vec::new();
        rule.check(ctx, &mut findings);
        findings
    })
}

/// Runs one rule on an annotated configuration; every label must be expected, and found.
pub(crate) fn check(rule: &dyn Rule, text: &str) {
    let text = text.trim_start_matches('\n');
    let scene = Scene::new(text);
    let findings = scene.run(|ctx| {
        let mut findings = Vec::new();
        rule.check(ctx, &mut findings);
        findings
    });
    let mut found = Vec::new();
    for finding in &findings {
        let primary = finding.primary.as_ref().map(|label| (label, true));
        for (label, is_primary) in
            primary.into_iter().chain(finding.related.iter().map(|label| (label, false)))
        {
            let code = if is_primary { finding.rule.code } else { "" };
            let elsewhere = label.span.file != scene.file;
            let place = if elsewhere { usize::MAX..usize::MAX } else { label.span.range() };
            found.push((
                place.start,
                place.end,
                format!("{code} {}", label.text).trim().to_owned(),
            ));
        }
        if finding.primary.is_none() {
            found.push((0, 0, format!("{} {}", finding.rule.code, finding.message)));
        }
    }
    let mut expected = annotations(text);
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "found (left), annotated (right) in\n{text}");
}

/// Expected labels: start, end, text. `# file FI009 message` expects a finding without a place.
fn annotations(text: &str) -> Vec<(usize, usize, String)> {
    let mut annotations = Vec::new();
    let mut line_start = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let carets = body.trim_start_matches(['#', ' ']);
        let at = body.len() - carets.len();
        let length = carets.len() - carets.trim_start_matches('^').len();
        if let Some(message) = body.strip_prefix("# whole file: ") {
            annotations.push((0, 0, message.to_owned()));
        } else if let Some(message) = body.strip_prefix("# elsewhere: ") {
            annotations.push((usize::MAX, usize::MAX, message.to_owned()));
        } else if body.starts_with('#') && length > 0 {
            // A caret in the first column is hidden by the `#` itself.
            let (from, length) = if at == 1 { (0, length + 1) } else { (at, length) };
            let expected = carets.trim_start_matches('^').trim();
            annotations.push((line_start + from, line_start + from + length, expected.to_owned()));
        } else {
            line_start = start;
        }
        start += line.len();
    }
    annotations
}

/// The examples of a rule's documentation: heading and configuration.
pub(crate) fn examples(docs: &'static str) -> Vec<(&'static str, String)> {
    let mut examples: Vec<(&str, String)> = Vec::new();
    for line in docs.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            examples.push((heading, String::new()));
        } else if let Some((_, text)) = examples.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    examples
}

mod every_rule {
    use super::super::RULES;
    use super::{Scene, examples};
    use crate::finding::{Applicability, Edit, FixAvailability, apply};
    use crate::lint;

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        let codes: Vec<_> = RULES.iter().map(|rule| rule.meta().code).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted, "RULES is sorted by code, each code once");
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.meta().name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "two rules share a name");
    }

    #[test]
    fn the_codes_are_these() {
        let list: Vec<_> =
            RULES.iter().map(|rule| format!("{} {}", rule.meta().code, rule.meta().name)).collect();
        insta::assert_snapshot!(list.join("\n"));
    }

    /// Rules that tell what a whole file lacks; the examples of others are fragments.
    const ABOUT_WHOLE_FILES: [&str; 5] = ["FC006", "FC012", "FG007", "FG009", "FM001"];

    #[test]
    fn bad_fires_and_good_is_silent() {
        for rule in RULES.iter().map(|rule| rule.meta()) {
            let examples = examples(rule.docs);
            let headings: Vec<_> = examples.iter().map(|(heading, _)| *heading).collect();
            assert!(
                headings.contains(&"Bad") && headings.contains(&"Good"),
                "{}: {headings:?}",
                rule.code
            );
            for (heading, text) in examples {
                let findings = Scene::new(&text).run(lint::check);
                let fires = findings.iter().any(|finding| finding.rule == rule);
                assert_eq!(fires, heading == "Bad", "{} {heading}: {findings:#?}", rule.code);
                if heading == "Good" {
                    let mut findings = findings;
                    findings
                        .retain(|it| it.rule == rule || !ABOUT_WHOLE_FILES.contains(&it.rule.code));
                    assert!(findings.is_empty(), "{} is not good at all: {findings:#?}", rule.code);
                }
            }
        }
    }

    #[test]
    fn fixes_parse_silence_their_rule_and_converge() {
        for rule in RULES.iter().map(|rule| rule.meta()) {
            let mut fixed_any = false;
            for (_, text) in
                examples(rule.docs).into_iter().filter(|(heading, _)| *heading == "Bad")
            {
                let mut text = text;
                for _round in 0..10 {
                    let scene = Scene::new(&text);
                    let before = scene.run(lint::check);
                    let fixes = before.iter().filter(|finding| finding.rule == rule);
                    let fix = fixes.filter_map(|finding| finding.fix.as_ref()).find(|fix| {
                        fix.applicability > Applicability::DisplayOnly
                            && fix.edits.iter().all(|edit| edit.span.file == scene.file)
                    });
                    let Some(fix) = fix else { break };
                    fixed_any = true;
                    let edits: Vec<Edit> = fix.edits.clone();
                    let fixed = apply(scene.file, &text, &edits).unwrap();
                    let after = Scene::new(&fixed).run(lint::check);
                    let count = |findings: &[crate::finding::Finding]| {
                        findings.iter().filter(|finding| finding.rule == rule).count()
                    };
                    assert!(
                        count(&after) < count(&before),
                        "{}: the fix of\n{text}does nothing:\n{fixed}",
                        rule.code
                    );
                    for finding in &after {
                        let known = before.iter().any(|other| other.rule == finding.rule);
                        assert!(known, "{}: fixing\n{text}brings {finding:#?}", rule.code);
                    }
                    text = fixed;
                }
            }
            assert!(
                rule.fix != FixAvailability::Always || fixed_any,
                "{} claims to fix always",
                rule.code
            );
            assert!(
                rule.fix != FixAvailability::Never || !fixed_any,
                "{} claims never to fix",
                rule.code
            );
        }
    }
}
