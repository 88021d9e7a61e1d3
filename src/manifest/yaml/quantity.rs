//! Sizes as Kubernetes and compose files write them.

use nom::bytes::complete::take_while1;
use nom::combinator::rest;
use nom::{IResult, Parser};

use crate::units::MemorySize;

/// How a text is read as a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// Kubernetes: `2Gi` is 2^31 bytes, `2G` is 2·10^9, `2048m` is 2.048 bytes.
    Kubernetes,
    /// Compose: `2g` is 2^31 bytes, as is `2gb`.
    Compose,
}

/// The bytes that a text stands for, rounded up; `None` where it is none.
pub(super) fn parse(text: &str, notation: Notation) -> Option<MemorySize> {
    let (_, (digits, unit)) = number_and_unit(text.trim()).ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let number: u128 = format!("{whole}{fraction}").parse().ok()?;
    let (factor, divisor) = match notation {
        Notation::Kubernetes => kubernetes_unit(unit)?,
        Notation::Compose => (compose_unit(unit)?, 1),
    };
    let bytes = number.checked_mul(factor)?.div_ceil(scale.checked_mul(divisor)?);
    MemorySize::from_bytes(u64::try_from(bytes).ok()?).ok()
}

fn number_and_unit(text: &str) -> IResult<&str, (&str, &str)> {
    (take_while1(|c: char| c.is_ascii_digit() || c == '.'), rest).parse(text)
}

/// Source: `k8s.io/apimachinery/pkg/api/resource`, "Quantity".
fn kubernetes_unit(unit: &str) -> Option<(u128, u128)> {
    Some(match unit {
        "" => (1, 1),
        "m" => (1, 1000),
        "k" => (1000, 1),
        "M" => (1_000_000, 1),
        "G" => (1_000_000_000, 1),
        "T" => (1_000_000_000_000, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        _ => return None,
    })
}

/// Source: "Specifying byte values", Compose file reference.
fn compose_unit(unit: &str) -> Option<u128> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_both_notations() {
        let rows = [
            ("2Gi", Notation::Kubernetes, Some(2 << 30)),
            ("2G", Notation::Kubernetes, Some(2_000_000_000)),
            ("2048m", Notation::Kubernetes, Some(3)),
            ("1.5Gi", Notation::Kubernetes, Some(3 << 29)),
            ("2048", Notation::Kubernetes, Some(2048)),
            ("2g", Notation::Kubernetes, None),
            ("2g", Notation::Compose, Some(2 << 30)),
            ("512MB", Notation::Compose, Some(512 << 20)),
            ("", Notation::Compose, None),
            ("99999999999999999999Gi", Notation::Kubernetes, None),
        ];
        for (text, notation, expected) in rows {
            assert_eq!(parse(text, notation).map(MemorySize::bytes), expected, "{text}");
        }
    }
}
