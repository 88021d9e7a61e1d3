use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::placeholder::is_placeholder;
use crate::lint::secrets::{password_in_url, secret_settings};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct PlaintextSecret;

static META: RuleMeta = RuleMeta {
    code: "FN008",
    name: "plaintext-secret",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "GlobalConfiguration.isSensitive, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/filesystems/s3/#configure-access-credentials",
    docs: r"
A password or key stands in the file for everybody who can read it, or the repository it is in.
Object stores take credentials from the environment or from the role of the machine. Passwords of
key stores, for which Flink has no other place, are only mentioned. slotwise prints no secret.
## Bad
s3.secret-key: wJalrXUtnFEMIK7MDENGbPxRfiCY
## Good
s3.endpoint: https://s3.eu-central-1.amazonaws.com
",
};

impl Rule for PlaintextSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let settings = ctx.config.settings().iter();
        let file = settings.filter(|setting| {
            let file = setting.value_span.file;
            file == ctx.file || ctx.deployment().is_some_and(|it| it.file() == Some(file))
        });
        let mut secret_settings = secret_settings(file.clone()).into_iter().peekable();
        let secrets = file.filter_map(|setting| {
            let value = setting.value.text();
            if secret_settings.next_if(|secret| std::ptr::eq(*secret, setting)).is_some() {
                return is_literal(&value).then_some((setting, setting.value_span));
            }
            let password = password_in_url(&value)?;
            let literal = is_literal(value.get(password.clone())?);
            // A quoted scalar may be longer in the file than its value.
            let plain = ctx.sources.text(setting.value_span) == value;
            let span = if plain { setting.value_span.slice(password) } else { setting.value_span };
            literal.then_some((setting, span))
        });
        report(findings, secrets, |(setting, span)| match span == setting.value_span {
            true if setting.key.starts_with("security.ssl.") => no_other_place(setting),
            true => secret(setting),
            false => password(setting, span),
        });
    }
}

/// Whether a value is the secret itself and not where to find it.
fn is_literal(value: &str) -> bool {
    !is_placeholder(value)
        && !value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.'))
        && !["true", "false", "null", "none"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

fn secret(setting: &Setting<'_>) -> Finding {
    Finding::new(
        &META,
        format!("the value of `{}` can be read by whoever reads this file", setting.key),
    )
    .primary(setting.value_span, "a secret in plain text")
    .help("take it from the environment, a role of the machine, or a secret mounted at start")
}

fn no_other_place(setting: &Setting<'_>) -> Finding {
    Finding::new(
        &META,
        format!("the value of `{}` can be read by whoever reads this file", setting.key),
    )
    .severity(Severity::Info)
    .primary(setting.value_span, "a password in plain text")
    .help("let only Flink's user read the file, or pass the password with -D")
}

fn password(setting: &Setting<'_>, span: Span) -> Finding {
    Finding::new(&META, format!("the URL of `{}` holds a password", setting.key))
        .primary(span, "a secret in plain text")
        .help("keep credentials out of the URL: in the environment, or in a role of the machine")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint;
    use crate::lint::testing::{Scene, check, findings};

    #[test]
    fn secrets_and_what_only_looks_like_one() {
        check(
            &PlaintextSecret,
            r"
s3.access-key: AKIAIOSFODNN7EXAMPLE
#              ^^^^^^^^^^^^^^^^^^^^ FN008 a secret in plain text
security.ssl.rest.key-password: hunter22
#                               ^^^^^^^^ FN008 a password in plain text
execution.checkpointing.dir: oss://id:key123@bucket.endpoint/x
#                                     ^^^^^^ FN008 a secret in plain text
s3.secret-key: ${S3_SECRET}
fs.oss.accessKeySecret: ******
security.delegation.tokens.enabled: false
kubernetes.secrets: name:/path
kubernetes.env.secretKeyRef: env:A,secret:b,key:c
fs.s3a.aws.credentials.provider: com.example.Provider
high-availability.storageDir: hdfs://user@host:8020/x
",
        );
    }

    #[test]
    fn passwords_of_key_stores_are_only_mentioned() {
        let found = findings(&PlaintextSecret, "security.ssl.rest.key-password: hunter22\n");
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Info]);
    }

    #[test]
    fn no_finding_quotes_a_secret() {
        let text = "s3.secret-key: top#secret\ns3.secret-key: 'hush42'\ns3.secret-key:quiet99\n\
                    a: oss://id:key123@b/x\n# s3.secret-key: comment77\nfs.s3a.secret.key: \u{a0}hush43\n\
                    s3:\n  secret-key: deep88\n  other: y\n";
        let scene = Scene::new(text);
        let mut secrets = Vec::new();
        let found = scene.run(|ctx| {
            secrets = lint::mask(ctx).to_vec();
            lint::check(ctx)
        });
        assert!(found.len() > 5, "{found:#?}");
        let told = format!("{found:?}");
        let hidden = ["top", "hush42", "quiet99", "key123", "comment77", "hush43", "deep88"];
        for secret in hidden {
            assert!(!told.contains(secret), "{secret} in {found:#?}");
            let at = u32::try_from(text.find(secret).unwrap()).unwrap();
            let end = at + u32::try_from(secret.len()).unwrap();
            let covered = |span: &&Span| span.start <= at && end <= span.end;
            assert!(secrets.iter().find(covered).is_some(), "{secret} is not masked");
        }
    }
}
