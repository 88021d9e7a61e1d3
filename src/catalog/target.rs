use std::fmt;
use std::str::FromStr;

use super::Release;

/// Which line of the Gemini engine a target ships; knowledge of keys and defaults differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GeminiGeneration {
    /// VVR 1.x and 2.x, on EMR.
    V1,
    /// VVR 3.x.
    V2,
    /// VVR 4.x and 6.x.
    V3,
    /// VVR 8.x and later.
    V4,
}

/// A version of Ververica Runtime (VVR), the engine that ships GeminiStateBackend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VvrVersion {
    /// Such as 8 of `8.0.5`.
    pub major: u16,
    /// Such as 0 of `8.0.5`.
    pub minor: u16,
    /// Such as 5 of `8.0.5`.
    pub patch: u16,
}

/// The state backend that a target uses where the configuration names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DefaultStateBackend {
    /// State on the heap: `hashmap`, or `jobmanager` up to Flink 1.12.
    Heap,
    /// GeminiStateBackend.
    Gemini,
}

/// What a configuration is written for: decides parser, options, defaults and rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    name: String,
    release: Release,
    /// The exact Flink version, where the name or a table tells it.
    flink_version: String,
    vvr: Option<VvrVersion>,
}

/// A text names no known target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown target {found:?}: {reason}{}; `slotwise targets` lists those that are known",
    suggestion.as_ref().map(|name| format!(", did you mean {name}?")).unwrap_or_default())]
pub struct ParseTargetError {
    /// The text as written.
    pub found: String,
    /// What was expected, or why this one is not known.
    pub reason: String,
    /// The known target whose name is nearest.
    pub suggestion: Option<String>,
}

/// VVR versions and their Flink version, oldest first.
///
/// Source: release notes of Realtime Compute for Apache Flink as of 2026-07, and of EMR for 1.x
/// and 2.0.1. Versions in between that no page names are read as the one before.
const VVR_VERSIONS: &[(VvrVersion, &str)] = &[
    (VvrVersion::new(1, 0, 2), "1.10"),
    (VvrVersion::new(1, 0, 4), "1.10"),
    (VvrVersion::new(2, 0, 1), "1.11"),
    (VvrVersion::new(2, 1, 2), "1.11.2"),
    (VvrVersion::new(2, 1, 3), "1.11.3"),
    (VvrVersion::new(3, 0, 0), "1.12"),
    (VvrVersion::new(3, 0, 2), "1.12.3"),
    (VvrVersion::new(4, 0, 8), "1.13"),
    (VvrVersion::new(4, 0, 18), "1.13.3"),
    (VvrVersion::new(6, 0, 2), "1.15.0"),
    (VvrVersion::new(6, 0, 4), "1.15.2"),
    (VvrVersion::new(6, 0, 6), "1.15.3"),
    (VvrVersion::new(6, 0, 7), "1.15.4"),
    (VvrVersion::new(8, 0, 1), "1.17.1"),
    (VvrVersion::new(8, 0, 3), "1.17.1"),
    (VvrVersion::new(8, 0, 4), "1.17.1"),
    (VvrVersion::new(8, 0, 5), "1.17.2"),
    (VvrVersion::new(8, 0, 11), "1.17.2"),
    (VvrVersion::new(11, 1, 0), "1.20.1"),
    (VvrVersion::new(11, 2, 0), "1.20.2"),
    (VvrVersion::new(11, 7, 0), "1.20.2"),
];

/// EMR versions, their Flink version, and the VVR behind it; oldest first within each line.
///
/// Source: "Release version overview" of E-MapReduce as of 2020-12.
const EMR_VERSIONS: &[(&str, &str, Option<VvrVersion>)] = &[
    ("3.22.1", "1.7.2", None),
    ("3.23.0", "1.8.2", None),
    ("3.24.0", "1.9.1", None),
    ("3.24.3", "1.9.1", None),
    ("3.25.0", "1.9.1", None),
    ("3.25.1", "1.9.1", None),
    ("3.26.3", "1.9.1", None),
    ("3.27.2", "1.9.1", None),
    ("3.28.0", "1.10", Some(VvrVersion::new(1, 0, 2))),
    ("3.28.1", "1.10", Some(VvrVersion::new(1, 0, 2))),
    ("3.28.2", "1.10", Some(VvrVersion::new(1, 0, 4))),
    ("3.29.0", "1.10", Some(VvrVersion::new(1, 0, 4))),
    ("3.30.0", "1.11", Some(VvrVersion::new(2, 0, 1))),
    ("3.32.0", "1.11", Some(VvrVersion::new(2, 0, 1))),
    ("4.3.0", "1.10", Some(VvrVersion::new(1, 0, 2))),
    ("4.4.0", "1.10", Some(VvrVersion::new(1, 0, 2))),
    ("4.4.1", "1.10", Some(VvrVersion::new(1, 0, 2))),
];

impl VvrVersion {
    /// `major.minor.patch`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The version written `8.0.5` or `11.7`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = number(parts.next()?)?;
        let minor = number(parts.next()?)?;
        let patch = parts.next().map_or(Some(0), number)?;
        parts.next().is_none().then_some(Self { major, minor, patch })
    }

    /// The engine line that it ships.
    ///
    /// Source: FAQ about checkpoints of Realtime Compute: 6.x defaults to V3, 8.x to V4; the
    /// numbers of the lines before are ours.
    pub const fn gemini(self) -> GeminiGeneration {
        match self.major {
            0..=2 => GeminiGeneration::V1,
            3 => GeminiGeneration::V2,
            4..=7 => GeminiGeneration::V3,
            _ => GeminiGeneration::V4,
        }
    }

    /// The Flink version of the newest listed version of this line that is not newer.
    fn flink_version(self) -> Option<&'static str> {
        let line = VVR_VERSIONS.iter().filter(|(version, _)| version.major == self.major);
        let not_newer = line.clone().rfind(|(version, _)| *version <= self);
        not_newer.or_else(|| line.clone().next()).map(|(_, flink)| *flink)
    }
}

/// A version part: digits only, so neither a sign nor space.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for VvrVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        // From 11 on the product's own versions have two parts.
        if *major >= 11 && *patch == 0 {
            write!(f, "{major}.{minor}")
        } else {
            write!(f, "{major}.{minor}.{patch}")
        }
    }
}

impl fmt::Display for GeminiGeneration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
        })
    }
}

impl fmt::Display for DefaultStateBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heap => "hashmap",
            Self::Gemini => "GeminiStateBackend",
        })
    }
}

impl Target {
    /// Open-source Flink.
    pub fn flink(release: Release) -> Self {
        Self {
            name: format!("flink-{release}"),
            release,
            flink_version: release.to_string(),
            vvr: None,
        }
    }

    /// Every target that a table names: Flink, then VVR, then EMR, each oldest first.
    pub fn all() -> Vec<Self> {
        let flink = Release::ALL.into_iter().map(Self::flink);
        let vvr = VVR_VERSIONS.iter().filter_map(|(version, _)| parse_vvr(&version.to_string()));
        let emr = EMR_VERSIONS.iter().filter_map(|(version, ..)| parse_emr(version).ok());
        flink.chain(vvr).chain(emr).collect()
    }

    /// The name in lower case, such as `vvr-8.0.5`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Flink release behind it; the nearest one where the catalog lacks it, see
    /// [`note`](Self::note).
    pub fn release(&self) -> Release {
        self.release
    }

    /// The Flink version behind it, as exactly as is known, such as `1.17.2` or `1.10`.
    pub fn flink_version(&self) -> &str {
        &self.flink_version
    }

    /// The Ververica Runtime that it is or ships.
    pub fn vvr(&self) -> Option<VvrVersion> {
        self.vvr
    }

    /// The version of E-MapReduce that it names, such as `[3, 28, 2]`.
    pub fn emr(&self) -> Option<[u16; 3]> {
        let mut parts = self.name.strip_prefix("emr-")?.split('.').map(number);
        Some([parts.next()??, parts.next()??, parts.next()??])
    }

    /// The Gemini engine that it ships, if it is a Ververica Runtime.
    pub fn gemini(&self) -> Option<GeminiGeneration> {
        self.vvr.map(VvrVersion::gemini)
    }

    /// The state backend where the configuration names none.
    pub fn default_state_backend(&self) -> DefaultStateBackend {
        if self.vvr.is_some() { DefaultStateBackend::Gemini } else { DefaultStateBackend::Heap }
    }

    /// Whether its Flink is older than every release in the catalog, as that of EMR up to 3.27 is.
    pub fn is_before_catalog(&self) -> bool {
        Release::parse(&self.flink_version).is_none()
    }

    /// What a user has to know about the target, as a sentence.
    pub fn note(&self) -> Option<String> {
        if self.is_before_catalog() {
            return Some(format!(
                "{} ships Flink {}, which is older than the oldest release in the catalog; options \
                 and memory are those of Flink {}",
                self.name, self.flink_version, self.release,
            ));
        }
        // Release notes of VVR 8.0.1 and 8.0.3.
        let flawed = [VvrVersion::new(8, 0, 1), VvrVersion::new(8, 0, 3)];
        self.vvr.filter(|version| flawed.contains(version)).map(|version| {
            format!("VVR {version} can lose data by its own release notes; move to 8.0.5 or later")
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        parse(&name).map_err(|reason| ParseTargetError {
            found: text.to_owned(),
            suggestion: nearest(&name),
            reason,
        })
    }
}

fn parse(name: &str) -> Result<Target, String> {
    if let Some(version) = name.strip_prefix("emr-") {
        return parse_emr(version);
    }
    if let Some(rest) = name.strip_prefix("vvr-") {
        let (vvr, flink) =
            rest.split_once("-flink-").map_or((rest, None), |(vvr, flink)| (vvr, Some(flink)));
        return vvr_target(name, vvr, flink);
    }
    if let Some((flink, vvr)) = name.split_once("-vvr-") {
        let vvr = vvr.strip_suffix("-snapshot").unwrap_or(vvr);
        return vvr_target(name, vvr, Some(flink));
    }
    let version =
        name.strip_prefix("flink-").or_else(|| name.strip_prefix("flink")).unwrap_or(name);
    let release = parse_flink(version)?;
    let name = format!("flink-{version}");
    Ok(Target { name, release, flink_version: version.to_owned(), vvr: None })
}

fn parse_flink(version: &str) -> Result<Release, String> {
    if let Some(release) = Release::parse(version) {
        return Ok(release);
    }
    let mut parts = version.split('.').map(number);
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) < (1, 10) => Err(format!(
            "Flink {version} is older than 1.10, the oldest release whose options are known"
        )),
        (Some(major), Some(minor)) if (major, minor) > (2, 3) => Err(format!(
            "Flink {version} is newer than {}, the newest release whose options are known",
            Release::LATEST
        )),
        _ => Err("expected a name such as flink-1.20, vvr-8.0.5 or emr-3.28.2".to_owned()),
    }
}

/// The target `vvr-VERSION` of a version that a table names.
fn parse_vvr(version: &str) -> Option<Target> {
    vvr_target(&format!("vvr-{version}"), version, None).ok()
}

fn vvr_target(name: &str, vvr: &str, flink: Option<&str>) -> Result<Target, String> {
    let version = VvrVersion::parse(vvr)
        .ok_or_else(|| format!("expected a VVR version such as 8.0.5, found {vvr:?}"))?;
    let release = flink.map(parse_flink).transpose()?;
    let known = version.flink_version();
    let flink_version = match (known, flink) {
        (Some(known), Some(flink)) if Release::parse(known) != release => {
            return Err(format!("VVR {version} is built on Flink {known}, not on {flink}"));
        }
        // A patch version counts; otherwise the table knows more.
        (_, Some(flink)) if flink.matches('.').count() == 2 => flink,
        (Some(known), _) => known,
        (None, Some(flink)) => flink,
        (None, None) => {
            return Err(format!(
                "no VVR {}.x is known; name its Flink too, as in vvr-{version}-flink-1.20",
                version.major
            ));
        }
    };
    let release = parse_flink(flink_version)?;
    let flink_version = flink_version.to_owned();
    Ok(Target { name: name.to_owned(), release, flink_version, vvr: Some(version) })
}

fn parse_emr(version: &str) -> Result<Target, String> {
    // EMR versions have three parts like those of VVR, and compare alike.
    let wanted = VvrVersion::parse(version)
        .ok_or_else(|| format!("expected an EMR version such as 3.28.2, found {version:?}"))?;
    let row = |(listed, ..): &&(&str, &str, Option<VvrVersion>)| {
        VvrVersion::parse(listed).is_some_and(|listed| {
            listed.major == wanted.major
                && (listed.minor, listed.patch) <= (wanted.minor, wanted.patch)
        })
    };
    // Versions between two listed ones are read as the older; those after the last are not known.
    let newest = EMR_VERSIONS.iter().rev().find_map(|(listed, ..)| {
        VvrVersion::parse(listed).filter(|listed| listed.major == wanted.major)
    });
    let in_range = newest.is_some_and(|newest| wanted.minor <= newest.minor);
    let Some((_, flink, vvr)) = EMR_VERSIONS.iter().rfind(row).filter(|_| in_range) else {
        return Err(format!(
            "the Flink of EMR {version} is not known (3.22 to 3.32, 4.3 and 4.4 are); name the \
             engine that its cluster shows, such as 1.10-vvr-1.0.4"
        ));
    };
    Ok(Target {
        name: format!("emr-{version}"),
        // Older ones than the catalog's are read as its oldest, and `note` says so.
        release: Release::parse(flink).unwrap_or(Release::V1_10),
        flink_version: (*flink).to_owned(),
        vvr: *vvr,
    })
}

/// The listed target whose name differs least, if it differs little.
///
/// Where the word is right and the version wrong, another version would be a guess.
fn nearest(name: &str) -> Option<String> {
    if ["flink-", "vvr-", "emr-"].iter().any(|word| name.starts_with(word)) {
        return None;
    }
    let distance = |target: &Target| strsim::osa_distance(name, target.name());
    let nearest = Target::all().into_iter().min_by_key(distance)?;
    (distance(&nearest) <= 2).then_some(nearest.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_engines() {
        let rows: &[(&str, &str, Option<&str>, Option<GeminiGeneration>)] = &[
            ("flink-1.10", "1.10", None, None),
            ("flink-2.3", "2.3", None, None),
            ("flink-1.20.5", "1.20.5", None, None),
            ("1.20", "1.20", None, None),
            ("Flink-1.14", "1.14", None, None),
            ("vvr-8.0.5", "1.17.2", Some("8.0.5"), Some(GeminiGeneration::V4)),
            ("vvr-8.0.5-flink-1.17", "1.17.2", Some("8.0.5"), Some(GeminiGeneration::V4)),
            ("vvr-4.0.11-flink-1.13", "1.13", Some("4.0.11"), Some(GeminiGeneration::V3)),
            ("vvr-4.0.15-flink-1.13.3", "1.13.3", Some("4.0.15"), Some(GeminiGeneration::V3)),
            ("vvr-6.0.1", "1.15.0", Some("6.0.1"), Some(GeminiGeneration::V3)),
            ("vvr-11.7", "1.20.2", Some("11.7"), Some(GeminiGeneration::V4)),
            ("vvr-12.1-flink-2.2", "2.2", Some("12.1"), Some(GeminiGeneration::V4)),
            ("1.10-vvr-1.0.4", "1.10", Some("1.0.4"), Some(GeminiGeneration::V1)),
            ("1.11-vvr-2.1.3-SNAPSHOT", "1.11.3", Some("2.1.3"), Some(GeminiGeneration::V1)),
            ("emr-3.28.2", "1.10", Some("1.0.4"), Some(GeminiGeneration::V1)),
            ("EMR-3.31.0", "1.11", Some("2.0.1"), Some(GeminiGeneration::V1)),
            ("emr-4.4.1", "1.10", Some("1.0.2"), Some(GeminiGeneration::V1)),
            ("emr-3.27.2", "1.9.1", None, None),
        ];
        for (name, flink, vvr, gemini) in rows {
            let target: Target = name.parse().unwrap();
            assert_eq!(target.flink_version(), *flink, "{name}");
            assert_eq!(target.vvr().map(|vvr| vvr.to_string()).as_deref(), *vvr, "{name}");
            assert_eq!(target.gemini(), *gemini, "{name}");
        }
    }

    #[test]
    fn emr_3_27_is_open_source_flink_and_says_that_it_is_too_old() {
        let target: Target = "emr-3.27.2".parse().unwrap();
        assert_eq!(target.default_state_backend(), DefaultStateBackend::Heap);
        assert_eq!(target.release(), Release::V1_10);
        assert!(target.note().unwrap().contains("ships Flink 1.9.1"));
        let next: Target = "emr-3.28.0".parse().unwrap();
        assert_eq!(next.default_state_backend(), DefaultStateBackend::Gemini);
        assert_eq!(next.note(), None);
    }

    #[test]
    fn unknown_targets_say_why() {
        let check = |name: &str, expected: &str| {
            let error = name.parse::<Target>().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("flink-1.9", "older than 1.10");
        check("flink-2.4", "newer than 2.3");
        check("flink-1.21", "expected a name such as");
        check("flnk-1.20", "did you mean flink-1.20?");
        check("vvr-8.0.5-flink-1.13", "VVR 8.0.5 is built on Flink 1.17.2, not on 1.13");
        check("vvr-9.0.1", "no VVR 9.x is known");
        check("vvr-", "expected a VVR version");
        check("emr-3.33.0", "the Flink of EMR 3.33.0 is not known");
        check("emr-4.0.0", "not known");
        check("emr-99999999999.1", "expected an EMR version");
        check("", "expected a name such as");
        check("flink-+1.20", "expected a name such as");
    }

    #[test]
    fn every_listed_target_parses_to_itself() {
        let all = Target::all();
        assert_eq!(all.len(), Release::ALL.len() + VVR_VERSIONS.len() + EMR_VERSIONS.len());
        for target in all {
            assert_eq!(target.name().parse(), Ok(target.clone()));
        }
    }
}
