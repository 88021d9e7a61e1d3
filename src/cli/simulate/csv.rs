use std::fmt::Write;

use crate::simulator::SimulationReport;

/// The timelines of all runs, a line for each part, times in nanoseconds.
pub(super) fn timeline(reports: &[SimulationReport]) -> String {
    let mut text = String::from(
        "workload,backend,start_ns,elapsed_ns,records,p99_ns,lookups,hits,disk_written,\
         compaction_written,checkpoints\n",
    );
    for report in reports {
        for slice in &report.timeline {
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{},{},{},{},{}",
                report.workload.replace([',', '"', '\n'], " "),
                report.backend,
                slice.start.0,
                slice.elapsed.0,
                slice.records,
                slice.p99.0,
                slice.lookups,
                slice.hits,
                slice.disk_written,
                slice.compaction_written,
                slice.checkpoints
            );
        }
    }
    text
}
