use super::successors;
use crate::config::{Layer, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct KeyAndAliasBothSet;

static META: RuleMeta = RuleMeta {
    code: "FK005",
    name: "key-and-alias-both-set",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Which of the values is meant, only the user knows.
    source: "Configuration.getRawValueFromOption, Flink 1.10 to 2.3",
    docs: r"
An option is set under its key and under a deprecated one. Flink takes the option's own key first,
whatever the order in the file, even where the deprecated one comes with `-D`.
## Bad
# target: flink-1.20
state.backend.type: rocksdb
state.backend: hashmap
## Good
# target: flink-1.20
state.backend.type: rocksdb
",
};

impl Rule for KeyAndAliasBothSet {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let losing = ctx.classified().filter_map(|(setting, class)| {
            let successors = successors(ctx, setting, class);
            // Of several options under one key, some may still need the old one.
            let [option] = successors.as_slice() else { return None };
            let winner = ctx.lookup(option.key)?;
            (winner.key != setting.key).then_some((setting, winner))
        });
        report(findings, losing, |(loser, winner)| outranked(loser, winner));
    }
}

fn outranked(loser: &Setting<'_>, winner: &Setting<'_>) -> Finding {
    let same = loser.value.text() == winner.value.text();
    let message = if loser.layer == Layer::DynamicProperty && winner.layer == Layer::File {
        format!("`{}` of the file wins over `-D {}`", winner.key, loser.key)
    } else {
        format!("`{}` wins over its deprecated name `{}`", winner.key, loser.key)
    };
    Finding::new(&META, message)
        .severity(if same { Severity::Info } else { Severity::Warning })
        .primary(loser.key_span, "has no effect")
        .related(winner.key_span, "counts")
        .help(format!("remove `{}`", loser.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_options_own_key_wins_in_any_order() {
        check(
            &KeyAndAliasBothSet,
            r"
state.backend.type: rocksdb
#^^^^^^^^^^^^^^^^^ counts
state.backend: hashmap
#^^^^^^^^^^^^ FK005 has no effect
rest.port: 8081
rest.bind-port: 8081-8090
jobmanager.rpc.address: a
rest.address: b
",
        );
    }

    #[test]
    fn a_dynamic_property_under_an_old_key_loses() {
        check(
            &KeyAndAliasBothSet,
            r"
# -D state.backend=hashmap
# elsewhere: FK005 has no effect
state.backend.type: rocksdb
#^^^^^^^^^^^^^^^^^ counts
",
        );
    }

    #[test]
    fn the_same_value_does_no_harm() {
        let found = findings(&KeyAndAliasBothSet, "state.backend.type: a\nstate.backend: a\n");
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Info]);
        check(
            &KeyAndAliasBothSet,
            "# target: flink-1.14\nstate.backend.type: a\nstate.backend: b\n",
        );
    }
}
