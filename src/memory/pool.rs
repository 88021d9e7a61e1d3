use std::fmt;

/// Whose memory is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub enum Process {
    TaskManager,
    JobManager,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TaskManager => "TaskManager",
            Self::JobManager => "JobManager",
        })
    }
}

/// A part of a process's memory, or a total of parts, with Flink's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are Flink's")]
pub enum Pool {
    FrameworkHeap,
    TaskHeap,
    FrameworkOffHeap,
    TaskOffHeap,
    Network,
    Managed,
    /// JVM heap of a JobManager.
    JvmHeap,
    /// Off-heap memory of a JobManager.
    OffHeap,
    JvmMetaspace,
    JvmOverhead,
    TotalFlinkMemory,
    TotalProcessMemory,
}

impl Pool {
    /// The name in JSON output, such as `task_heap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FrameworkHeap => "framework_heap",
            Self::TaskHeap => "task_heap",
            Self::FrameworkOffHeap => "framework_off_heap",
            Self::TaskOffHeap => "task_off_heap",
            Self::Network => "network",
            Self::Managed => "managed",
            Self::JvmHeap => "jvm_heap",
            Self::OffHeap => "off_heap",
            Self::JvmMetaspace => "jvm_metaspace",
            Self::JvmOverhead => "jvm_overhead",
            Self::TotalFlinkMemory => "total_flink_memory",
            Self::TotalProcessMemory => "total_process_memory",
        }
    }

    /// The name for people, as Flink's documentation and messages write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FrameworkHeap => "Framework Heap",
            Self::TaskHeap => "Task Heap",
            Self::FrameworkOffHeap => "Framework Off-Heap",
            Self::TaskOffHeap => "Task Off-Heap",
            Self::Network => "Network",
            Self::Managed => "Managed",
            Self::JvmHeap => "JVM Heap",
            Self::OffHeap => "Off-heap",
            Self::JvmMetaspace => "JVM Metaspace",
            Self::JvmOverhead => "JVM Overhead",
            Self::TotalFlinkMemory => "Total Flink",
            Self::TotalProcessMemory => "Total Process",
        }
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
