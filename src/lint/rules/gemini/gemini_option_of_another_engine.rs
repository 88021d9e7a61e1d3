use super::options::{gemini_settings, is_in_effect};
use crate::catalog::{GeminiSupport, VvrVersion, gemini_option};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiOptionOfAnotherEngine;

static META: RuleMeta = RuleMeta {
    code: "FG010",
    name: "gemini-option-of-another-engine",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Configurations of GeminiStateBackend, Realtime Compute (2021 to 2026); documentation \
        of Blink (2018 to 2021); FAQ about checkpoints: VVR 6 ships V3, VVR 8 ships V4",
    docs: r"
Gemini's options changed with its engines: Blink's are gone, the size of the write buffer came with
VVR 4.0, and lazy restore has another name on VVR 8. An engine ignores an option that it does not
know.
## Bad
# target: vvr-8.0.5
state.backend.gemini.file.cache.lazy-restore: ON
## Good
# target: vvr-8.0.5
state.backend.gemini.file.cache.download.type: LazyDownloadOnRestore
",
};

impl Rule for GeminiOptionOfAnotherEngine {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if !is_in_effect(ctx) {
            return;
        }
        let Some(vvr) = ctx.target.vvr() else { return };
        for setting in gemini_settings(ctx) {
            let Some(option) = gemini_option(&setting.key) else { continue };
            match option.support(ctx.target) {
                GeminiSupport::BlinkOnly => findings.push(of_blink(setting, vvr)),
                GeminiSupport::NotYet(first) => findings.push(not_yet(setting, vvr, first)),
                GeminiSupport::Replaced(end) => findings.push(replaced(setting, vvr, end)),
                GeminiSupport::Supported | GeminiSupport::NoGemini => {}
            }
        }
    }
}

fn of_blink(setting: &Setting<'_>, vvr: VvrVersion) -> Finding {
    let finding = Finding::new(&META, format!("`{}` is an option of Blink", setting.key))
        .primary(setting.key_span, format!("VVR {vvr} has no such option"));
    match setting.key.as_ref() {
        "state.backend.gemini.mem.size.mb" => finding.help(
            "remove it; a backend lives on managed memory, or on `state.backend.gemini.offheap.size`",
        ),
        "state.backend.gemini.snapshot.type" => {
            finding.help("remove it; `state.backend.incremental` decides")
        }
        "state.backend.niagara.ttl.ms" => finding.help("set `state.backend.gemini.ttl.ms`"),
        _ => finding.help("remove it"),
    }
}

fn not_yet(setting: &Setting<'_>, vvr: VvrVersion, first: VvrVersion) -> Finding {
    Finding::new(&META, format!("VVR {vvr} does not know `{}`", setting.key))
        .primary(setting.key_span, format!("documented for VVR {first} and later"))
        .help("remove it")
}

fn replaced(setting: &Setting<'_>, vvr: VvrVersion, end: VvrVersion) -> Finding {
    let finding = Finding::new(&META, format!("VVR {vvr} does not know `{}`", setting.key))
        .primary(setting.key_span, format!("replaced in VVR {end}"));
    if setting.key.ends_with("lazy-restore") {
        finding.help(
            "set `state.backend.gemini.file.cache.download.type: LazyDownloadOnRestore` instead",
        )
    } else {
        finding.help("remove it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn earlier_and_later_engines() {
        check(
            &GeminiOptionOfAnotherEngine,
            r"
# target: emr-3.28.2
state.backend.gemini.mem.size.mb: 384
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG010 VVR 1.0.4 has no such option
state.backend.gemini.total.writebuffer.size: 128MB
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG010 documented for VVR 4.0.0 and later
state.backend.block.cache.size.mb: 256
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG010 VVR 1.0.4 has no such option
",
        );
        check(
            &GeminiOptionOfAnotherEngine,
            r"
# target: vvr-8.0.5
state.backend.gemini.file.cache.lazy-restore: ON
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG010 replaced in VVR 8.0.0
",
        );
        check(
            &GeminiOptionOfAnotherEngine,
            "# target: vvr-6.0.7\nstate.backend.gemini.file.cache.lazy-restore: ON\n",
        );
        check(
            &GeminiOptionOfAnotherEngine,
            "# target: vvr-4.0.8\nstate.backend.gemini.total.writebuffer.size: 128MB\n",
        );
    }
}
