//! The options that slotwise itself reads, each written once.

use super::OptionKey;
use crate::units::{Fraction, MemorySize};

/// Total Process Memory of a TaskManager.
pub const TASK_MANAGER_PROCESS_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.process.size");
/// Upper bound of Network Memory.
pub const NETWORK_MAX: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.network.max");
/// Fraction of Total Flink Memory that becomes managed memory.
pub const MANAGED_FRACTION: OptionKey<Fraction> =
    OptionKey::new("taskmanager.memory.managed.fraction");
/// Task slots of a TaskManager.
pub const TASK_SLOTS: OptionKey<i32> = OptionKey::new("taskmanager.numberOfTaskSlots");

#[cfg(test)]
mod tests {
    use crate::catalog::{ValueType, option};

    /// Reads the handles out of this very file, so that none can be forgotten in a list.
    fn handles() -> Vec<(String, String)> {
        let source = include_str!("keys.rs").split("#[cfg(test)]").next().unwrap();
        let declarations = source.split("OptionKey<").skip(1);
        declarations
            .map(|text| {
                let (value, rest) = text.split_once("> =").unwrap();
                let key = rest.split('"').nth(1).unwrap();
                (value.to_owned(), key.to_owned())
            })
            .collect()
    }

    fn fits(rust: &str, flink: ValueType) -> bool {
        match flink {
            ValueType::Boolean => rust == "bool",
            ValueType::Int => rust == "i32",
            ValueType::Long => rust == "i64",
            ValueType::Float | ValueType::Double => rust == "Fraction" || rust == "f64",
            ValueType::MemorySize => rust == "MemorySize",
            ValueType::Duration => rust == "Duration" || rust == "FlinkDuration",
            ValueType::List(_) => rust.starts_with("Vec<"),
            ValueType::Map => rust.contains("Map"),
            // Constants and texts may be read into a type of their own, but into no quantity.
            ValueType::Enum(_) | ValueType::String => {
                !["bool", "i32", "i64", "f64", "Fraction", "MemorySize", "Duration"].contains(&rust)
            }
        }
    }

    #[test]
    fn every_handle_has_the_type_of_its_option_in_the_newest_release_that_has_it() {
        let handles = handles();
        assert!(handles.len() >= 4);
        for (rust, key) in handles {
            let option = option(&key).unwrap_or_else(|| panic!("{key} is no option"));
            let flink = option.entries.last().unwrap().value_type;
            assert!(fits(&rust, flink), "{key} is {flink}, its handle reads {rust}");
        }
    }
}
