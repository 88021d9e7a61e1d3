/// A workload that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedWorkload {
    /// Its name.
    pub name: &'static str,
    /// Its `workload.yaml`, comments on where the numbers come from included.
    pub text: &'static str,
}

/// All of them, the Nexmark queries first, in the order of their numbers.
pub const SHIPPED: &[ShippedWorkload] = &[
    ShippedWorkload {
        name: "nexmark-q4",
        text: include_str!("../../fixtures/workloads/nexmark-q4.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q5",
        text: include_str!("../../fixtures/workloads/nexmark-q5.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q8",
        text: include_str!("../../fixtures/workloads/nexmark-q8.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q9",
        text: include_str!("../../fixtures/workloads/nexmark-q9.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q11",
        text: include_str!("../../fixtures/workloads/nexmark-q11.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q18",
        text: include_str!("../../fixtures/workloads/nexmark-q18.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q19",
        text: include_str!("../../fixtures/workloads/nexmark-q19.yaml"),
    },
    ShippedWorkload {
        name: "nexmark-q20",
        text: include_str!("../../fixtures/workloads/nexmark-q20.yaml"),
    },
    ShippedWorkload {
        name: "key-value",
        text: include_str!("../../fixtures/workloads/key-value.yaml"),
    },
];

/// The shipped workload of this name.
pub fn shipped(name: &str) -> Option<&'static ShippedWorkload> {
    SHIPPED.iter().find(|workload| workload.name == name)
}
