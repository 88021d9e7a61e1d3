//! What a finding is known by from run to run, wherever its line has moved to.

use std::collections::BTreeMap;
use std::fmt;

use super::super::CheckedFile;
use super::location::Locations;

/// A finding's name: rule, file, text of the line, and how many like it come before.
///
/// Neither line numbers nor messages are part of it, as an edit elsewhere changes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(u128);

/// 32 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Fingerprint {
    /// What texts are known by, in this order.
    pub fn of(parts: &[&str]) -> Self {
        Self(hash(parts))
    }
}

/// The fingerprint of every finding of a file, in their order.
pub fn fingerprints(file: &CheckedFile) -> Vec<Fingerprint> {
    fingerprints_by(file, |path| path.replace('\\', "/"))
}

/// [`fingerprints`] that know the file by another name, such as its path from some folder.
pub fn fingerprints_by(file: &CheckedFile, name: impl Fn(&str) -> String) -> Vec<Fingerprint> {
    let locations = Locations::new(file);
    let mut seen: BTreeMap<u128, u32> = BTreeMap::new();
    let findings = file.findings.iter();
    findings
        .map(|finding| {
            let location = locations.of(finding.primary.as_ref());
            let line = finding.primary.as_ref().map_or("", |label| locations.line_of(label.span));
            let path = name(location.path);
            let kind = hash(&[finding.rule.code, &path, location.argument.unwrap_or(""), line]);
            let earlier = seen.entry(kind).or_default();
            let fingerprint = hash(&[&format!("{kind:032x}"), &earlier.to_string()]);
            *earlier += 1;
            Fingerprint(fingerprint)
        })
        .collect()
}

/// FNV-1a of 128 bits over the parts, each followed by a byte that is in no text.
///
/// Source: RFC 9923, "The FNV Non-Cryptographic Hash Algorithm".
fn hash(parts: &[&str]) -> u128 {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + (1 << 8) + 0x3b;
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(OFFSET_BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_specification() {
        // RFC 9923, appendix: FNV-1a of 128 bits of the empty string; of "a" the fold is checked
        // without the separator.
        assert_eq!(hash(&[]), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        assert_eq!(
            (hash(&[]) ^ 0x61).wrapping_mul(PRIME),
            0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964
        );
    }
}
