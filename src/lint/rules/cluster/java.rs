//! Which Java runs Flink, as far as a configuration's surroundings tell.

use crate::catalog::Release;
use crate::lint::LintContext;

/// A release of Java.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Java {
    /// This one.
    Known(u32),
    /// This one or a later one.
    AtLeast(u32),
}

/// Java by the tag of the image, else by what the release's class files need.
///
/// Source: class file versions of flink-dist: 52 (Java 8) up to 1.20.5, 55 (Java 11) in 2.0.2 to
/// 2.3.0.
pub(super) fn java(ctx: &LintContext<'_>) -> Java {
    let image = ctx.deployment().and_then(|deployment| deployment.container()?.image.as_ref());
    let tag = image.and_then(|image| image.text.rsplit_once(':')).map(|(_, tag)| tag);
    let parts = tag.into_iter().flat_map(|tag| tag.split(['-', '_']));
    let number = parts.filter_map(|part| part.strip_prefix("java")?.parse().ok()).next();
    match number {
        Some(java) => Java::Known(java),
        None if ctx.release() >= Release::V2_0 => Java::AtLeast(11),
        None => Java::AtLeast(8),
    }
}
