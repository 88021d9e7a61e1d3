//! Configuration outside of configuration files: places, deployments, discovery, layers.

use std::process::Command;

/// Exit code, standard output and standard error of a run in the folder of examples.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/examples"))
        .env_clear()
        .env("COLUMNS", "80")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The findings of a check, a line each.
fn check(arguments: &[&str]) -> String {
    run(&[&["check", "--format", "concise"], arguments].concat()).1
}

#[test]
fn manifests_of_kubernetes_with_places_inside_block_scalars() {
    insta::assert_snapshot!(check(&["kubernetes/orders.yaml"]));
    insta::assert_snapshot!(check(&["kubernetes/config-map.yaml"]));
}

#[test]
fn properties_in_compose_files() {
    insta::assert_snapshot!(check(&["compose/compose.yaml"]));
}

/// A folder for one test, gone afterwards.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("slotwise-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Exit code, standard output and standard error of a run in this folder.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .current_dir(&self.0)
            .env_clear()
            .env("COLUMNS", "80")
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Files of other software that look like Flink's at a glance.
fn write_decoys(folder: &Folder) {
    folder.write(".gitignore", "build/\n");
    folder.write("build/conf/flink-conf.yaml", "rest.port:1\n");
    folder.write(".hidden/flink-conf.yaml", "rest.port:1\n");
    folder.write("shop/config.yaml", "rest:\n  port: 8080\nstate: on\nparallelism: many\n");
    folder.write("shop/deployment.yaml", "kind: Deployment\nspec: {replicas: 2} # not flink\n");
    folder.write("shop/compose.yaml", "services:\n  db:\n    image: flinkster/db:1\n");
    folder.write("shop/values.yaml", "image: flink\nreplicas: 1\n");
    folder.write("chart/templates/cr.yaml", "kind: FlinkDeployment\nspec:\n  {{ .Values.x }}: y\n");
    folder.write("chart/templates/flink-conf.yaml", "rest.port: {{ .Values.port }}\nrest:1\n");
    folder.write("docs/flink.md", "taskmanager.numberOfTaskSlots:2\n");
    folder.write("run.sh", "#!/bin/sh\nrun -it flinkless\n");
    folder.write("data.json", "{\"flink\": [1, 2]}\n");
    folder.write("broken.yaml", "flink: [\n");
}

#[test]
fn a_walk_finds_what_configures_flink_and_nothing_else() {
    let folder = Folder::new("walk");
    write_decoys(&folder);
    folder.write("flink/flink-conf.yaml", "rest.port:1\n");
    folder.write("cluster/config.yaml", "taskmanager:\n  numberOfTaskSlots: two\n");
    folder.write("jobs/orders.sh", "flink run -yn 2 /opt/a.jar\n");
    folder.write(
        "k8s/all.yml",
        "kind: Service\nmetadata: {name: flink}\n---\nkind: FlinkDeployment\nspec: {flinkVersion: v1_20}\n",
    );
    let found = |arguments: &[&str]| {
        let (code, text, notes) = folder.run(arguments);
        assert_eq!(notes, "");
        let mut files: Vec<String> =
            text.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        files.dedup();
        (code, files)
    };
    let all = ["cluster/config.yaml", "flink/flink-conf.yaml", "jobs/orders.sh", "k8s/all.yml"];
    let (code, files) = found(&["check", "--format", "concise"]);
    assert_eq!((code, files.as_slice()), (Some(1), all.map(str::to_owned).as_slice()));
    assert_eq!(found(&["check", "--format", "concise", "."]).1, all);
    assert_eq!(found(&["check", "--format", "concise", "jobs"]).1, ["jobs/orders.sh"]);
}

#[test]
fn a_walk_over_decoys_says_that_there_is_nothing() {
    let folder = Folder::new("decoys");
    write_decoys(&folder);
    let (code, text, notes) = folder.run(&["check", "."]);
    assert_eq!((code, text.as_str()), (Some(0), "no problems in 0 files\n"));
    assert_eq!(notes, "note: nothing in . configures Flink; 10 files looked at\n");
}

#[test]
fn findings_are_grouped_by_deployment() {
    let (_, text, _) = run(&["check", "compose/compose.yaml"]);
    let titles: Vec<&str> = text.lines().filter(|line| line.starts_with("compose/")).collect();
    let expected = ["jobmanager", "taskmanager", "sql-client"]
        .map(|service| format!("compose/compose.yaml: service {service}"));
    assert_eq!(titles, expected);
}

const CONF: &str = "emr-ytm-2048-slots-4/flink-conf.yaml";
const JOB: &str = "run -m yarn-cluster -yjm 1600 -ytm 1024 -ys 2 -yD s3.secret-key=hunter2hunter2 ossref://b/a.jar";

#[test]
fn a_job_command_is_laid_over_a_file() {
    let text = check(&["--target", "emr-3.28.2", "--job", JOB, CONF]);
    // The file has four slots and 2048 MiB, the command two and 1024.
    assert!(text.contains("2 slots leave each Gemini backend 115.2 MiB"), "{text}");
    assert!(text.contains("FN008") && !text.contains("hunter2"), "{text}");
}

#[test]
fn every_value_with_its_winner_and_losers() {
    let (code, text, _) = run(&["effective", "--target", "emr-3.28.2", "--job", JOB, CONF]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(text);
    let json = run(&["effective", "--format", "json", "kubernetes/orders.yaml"]).1;
    let deployments: serde_json::Value = serde_json::from_str(&json).unwrap();
    let size = deployments[0]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["key"] == "taskmanager.memory.process.size")
        .unwrap();
    assert_eq!(size["winner"]["layer"], "job description");
    assert_eq!(size["losers"][0]["value"], "4096m");
    assert_eq!(size["losers"][0]["span"]["start"]["line"], 11);
}

#[test]
fn a_manifest_is_laid_over_a_file() {
    let folder = Folder::new("overlay");
    folder
        .write("flink-conf.yaml", "taskmanager.memory.process.size: 1g\nparallelism.default: 3\n");
    folder.write(
        "orders.yaml",
        "kind: FlinkDeployment\nmetadata: {name: o}\nspec:\n  flinkVersion: v1_17\n  \
         flinkConfiguration: {parallelism.default: '4'}\n  taskManager: {resource: {memory: 2g}}\n",
    );
    let (_, text, _) = folder.run(&["effective", "flink-conf.yaml", "--overlay", "orders.yaml"]);
    let lines: Vec<&str> = text.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "# flink-conf.yaml for flink-1.17: spec.flinkVersion says so",
            "kubernetes.cluster-id: o",
            "parallelism.default: 4",
            "#",
            "taskmanager.memory.process.size: 2g",
            "#"
        ]
    );
    folder.write("two.yaml", "kind: FlinkDeployment\n---\nkind: FlinkDeployment\n");
    let (code, _, errors) = folder.run(&["check", "flink-conf.yaml", "--overlay", "two.yaml"]);
    assert_eq!(
        (code, errors.as_str()),
        (Some(2), "error: two.yaml: expected one deployment, found 2\n")
    );
}

#[test]
fn scripts_and_code() {
    insta::assert_snapshot!(check(&["--target", "vvr-8.0.5", "scripts"]));
}

#[test]
fn deployments_of_vendors_and_images() {
    insta::assert_snapshot!(check(&["vendors", "docker"]));
}

/// A small generator; the quality of its numbers does not matter here.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

#[test]
fn mutated_manifests_are_read_with_places_in_bounds() {
    use slotwise::manifest::{configures_flink, read, recognize};
    use slotwise::source::SourceFile;
    use slotwise::workspace::{Choices, RuleSelection, Subject, Surroundings};

    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/examples");
    let files = [
        "kubernetes/orders.yaml",
        "kubernetes/config-map.yaml",
        "compose/compose.yaml",
        "emr-job-command/as-of-2019.sh",
        "scripts/orders.sql",
        "scripts/Orders.java",
        "scripts/orders.py",
        "vendors/platform.yaml",
        "vendors/realtime-compute.json",
        "vendors/amazon.json",
        "docker/Dockerfile",
    ];
    let tokens = [
        ": ", "\n", "\n  ", "- ", "|\n", ">", "'", "\"", "{", "}", "é", "\\", "#", "=", "*a", "&a ",
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for file in files {
        let text = std::fs::read_to_string(format!("{root}/{file}")).unwrap();
        let name = file.rsplit('/').next().unwrap();
        let form = recognize(name, &text).unwrap();
        assert!(configures_flink(name, &text), "{file}");
        for round in 0..60 {
            let mut mutated: Vec<char> = text.chars().collect();
            for _ in 0..=random.below(4) {
                let at = random.below(mutated.len());
                let end = (at + random.below(12)).min(mutated.len());
                let token = tokens[random.below(tokens.len())];
                mutated.splice(at..end, token.chars());
            }
            let mutated: String = mutated.into_iter().collect();
            let source = SourceFile::decode(name, mutated.clone().into_bytes());
            let choices = Choices { form: Some(form), ..Choices::default() };
            let mut subjects = Subject::all(source, &choices, &Surroundings::default());
            for subject in &subjects {
                assert!(subject.deployment.is_some());
            }
            let findings = Subject::check_all_and_mask(&mut subjects, &RuleSelection::default());
            for finding in &findings {
                let labels = finding.primary.iter().chain(&finding.related);
                for label in labels {
                    assert!(
                        mutated.get(label.span.range()).is_some(),
                        "{file} {round}: {finding:?} in\n{mutated}"
                    );
                }
            }
        }
        let file = slotwise::source::Sources::default().add(SourceFile::decode(name, Vec::new()));
        assert!(!read(form, file, &text).is_empty());
    }
}

#[test]
fn no_output_shows_a_secret_of_a_manifest() {
    let folder = Folder::new("secrets");
    folder.write(
        "cr.yaml",
        r#"kind: FlinkDeployment
metadata: {name: s}
spec:
  flinkVersion: v1_20
  flinkConfiguration:
    s3.secret-key: sekret-one
    fs.oss.accessKeySecret: "sekret-two"
    nested:
      password: sekret-three
    execution.checkpointing.dir: oss://id:sekret-four@b.x/c
    rest.port: "99999"
  podTemplate:
    spec:
      containers:
        - name: flink-main-container
          env:
            - name: AWS_SECRET_ACCESS_KEY
              value: sekret-five
              unknown: here
  job:
    args: ["--password", "sekret-six", "--token=sekret-seven", "oss://i:sekret-eight@b/x"]
    parallelism: 0
"#,
    );
    folder.write(
        "compose.yaml",
        r#"services:
  jm:
    image: flink:1.20
    command: jobmanager -Ds3.secret-key=sekret-a -Drest.port=99999
    environment:
      AWS_SECRET_ACCESS_KEY: sekret-b
      FLINK_PROPERTIES: |
        s3.secret-key: sekret-c
        s3.access-key: sekret-d e #x
        rest.port: 99999
"#,
    );
    folder.write(
        "J.java",
        "c.setString(\"s3.secret-key\", \"sekret-j\"); c.set(\"rest.port\", 1);\n",
    );
    folder.write("a.sql", "SET 's3.secret-key' = 'sekret-k'; SET 'rest.port' = '99999';\n");
    folder.write("job.sh", "flink run -yD s3.secret-key=sekret-l -yn 2 --password sekret-m a.jar --db-password sekret-n\n");
    let formats = [
        "human",
        "concise",
        "json",
        "jsonl",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "rdjson",
        "checkstyle",
        "markdown",
    ];
    for format in formats {
        let (_, text, errors) = folder.run(&["check", "--format", format]);
        assert!(text.len() > 1000, "{format}: {text}");
        assert!(!text.contains("sekret") && !errors.contains("sekret"), "{format}: {text}");
    }
    for format in ["human", "json"] {
        let (_, text, _) = folder.run(&["effective", "--format", format]);
        assert!(text.contains("******") && !text.contains("sekret"), "{format}: {text}");
    }
}
