use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct UnknownStateBackend;

static META: RuleMeta = RuleMeta {
    code: "FC020",
    name: "unknown-state-backend",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "StateBackendLoader, Flink 1.10.3 to 2.3.0",
    docs: r"
Flink knows its state backends by short names and takes any other word for a class, which it then
does not find: every job that selects none in its code fails. The names changed: `hashmap` came
with Flink 1.13, `forst` with 2.0, and 2.0 dropped `filesystem` and `jobmanager`.
## Bad
state.backend.type: rocks
## Good
state.backend.type: rocksdb
",
};

impl Rule for UnknownStateBackend {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = ctx.state_backend().setting else { return };
        let text = backend.value.text();
        let names = names(ctx.release());
        // With a dot it may be a class that is on the class path there.
        if !text.contains('.')
            && ctx.state_backend().backend != StateBackend::Gemini
            && !names.iter().any(|name| text.eq_ignore_ascii_case(name))
        {
            let finding = unknown(backend, &text, ctx.release());
            // VVR may know more names than are public.
            let severity =
                if ctx.target.vvr().is_some() { Severity::Warning } else { Severity::Error };
            findings.push(finding.severity(severity));
        }
    }
}

fn names(release: Release) -> &'static [&'static str] {
    if release < Release::V1_13 {
        &["rocksdb", "filesystem", "jobmanager"]
    } else if release < Release::V2_0 {
        &["rocksdb", "hashmap", "filesystem", "jobmanager"]
    } else {
        &["rocksdb", "hashmap", "forst"]
    }
}

fn unknown(backend: &Setting<'_>, text: &str, release: Release) -> Finding {
    let names = names(release);
    let finding = Finding::new(&META, format!("Flink {release} knows no state backend {text:?}"))
        .primary(backend.value_span, "taken for the name of a class")
        .flink_message(format!("Cannot find configured state backend factory class: {text}"));
    match nearest(text, names) {
        Some(name) => finding.help(format!("write `{name}`")).fix(Fix::new(
            format!("replace with `{name}`"),
            Applicability::Unsafe,
            Edit { span: backend.value_span, text: name.to_owned() },
        )),
        None => finding.help(format!("write one of {}", names.join(", "))),
    }
}

/// What was probably meant.
fn nearest(text: &str, names: &[&'static str]) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let renamed = match text.as_str() {
        // The same backend under its name of another release.
        "filesystem" | "jobmanager" | "fs" | "memory" | "heap" => Some("hashmap"),
        "hashmap" => Some("filesystem"),
        "rocks" => Some("rocksdb"),
        _ => None,
    };
    let renamed = renamed.filter(|name| names.contains(name));
    renamed.or_else(|| {
        let distance = |name: &&'static str| strsim::osa_distance(name, &text);
        names.iter().copied().min_by_key(distance).filter(|name| distance(name) <= 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn names_follow_the_release() {
        check(
            &UnknownStateBackend,
            r"
state.backend: rockdb
#              ^^^^^^ FC020 taken for the name of a class
",
        );
        check(
            &UnknownStateBackend,
            r"
# target: flink-1.12
state.backend: hashmap
#              ^^^^^^^ FC020 taken for the name of a class
",
        );
        check(&UnknownStateBackend, "state.backend: hashmap\n");
        check(&UnknownStateBackend, "state.backend: FileSystem\n");
        check(&UnknownStateBackend, "state.backend: com.acme.Backend\n");
        check(&UnknownStateBackend, "# target: vvr-8.0.5\nstate.backend: gemini\n");
    }

    #[test]
    fn the_nearest_name_is_proposed() {
        assert_eq!(nearest("rokcsdb", names(Release::V1_20)), Some("rocksdb"));
        assert_eq!(nearest("filesystem", names(Release::V2_0)), Some("hashmap"));
        assert_eq!(nearest("hashmap", names(Release::V1_10)), Some("filesystem"));
        assert_eq!(nearest("niagara", names(Release::V1_10)), None);
    }
}
