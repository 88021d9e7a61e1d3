//! Values that some other tool fills in before Flink reads them.

/// Whether a value is to be filled in, as by `envsubst`, Helm or Ansible.
pub(super) fn is_placeholder(value: &str) -> bool {
    // Asked for every line on every keystroke: hardly a value has any of these.
    let is_mark = |byte: u8| matches!(byte, b'$' | b'{' | b'%' | b'@' | b'(' | b'<');
    if !value.bytes().any(is_mark) {
        return false;
    }
    ["${", "$(", "{{", "%{", "@@", "ENC("].iter().any(|mark| value.contains(mark))
        || (value.starts_with('<') && value.ends_with('>'))
        || value.starts_with('$')
}
