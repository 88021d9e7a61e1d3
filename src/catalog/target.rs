use std::fmt;
use std::str::FromStr;

use super::Release;

/// Which line of the Gemini engine a target ships; `knowledge` of keys and defaults differs.
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

/// What a configuration is written for: decides parser, options, defaults and rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    name: String,
    release: Release,
    gemini: Option<GeminiGeneration>,
}

/// A text names no known target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown target {found:?}; `slotwise targets` lists those that are known")]
pub struct ParseTargetError {
    /// The text as written.
    pub found: String,
}

impl Target {
    /// Open-source Flink.
    pub fn flink(release: Release) -> Self {
        Self { name: format!("flink-{release}"), release, gemini: None }
    }

    /// The name as the user wrote it, such as `vvr-8.0.5`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Flink release behind it.
    pub fn release(&self) -> Release {
        self.release
    }

    /// The Gemini engine that it ships, if it is a Ververica Runtime.
    pub fn gemini(&self) -> Option<GeminiGeneration> {
        self.gemini
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
        text.strip_prefix("flink-")
            .and_then(Release::parse)
            .map(|release| Self { name: text.to_owned(), release, gemini: None })
            .ok_or_else(|| ParseTargetError { found: text.to_owned() })
    }
}
