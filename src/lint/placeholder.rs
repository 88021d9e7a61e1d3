//! Values that some other tool fills in before Flink reads them.

/// Whether a value is to be filled in, as by `envsubst`, Helm or Ansible.
pub(super) fn is_placeholder(value: &str) -> bool {
    ["${", "$(", "{{", "%{", "@@", "ENC("].iter().any(|mark| value.contains(mark))
        || (value.starts_with('<') && value.ends_with('>'))
        || value.starts_with('$')
}
