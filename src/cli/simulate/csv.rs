use std::fmt::Write;

use crate::render::printable_line;
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
                field(&report.workload),
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

/// A text as a field: quoted where it must be, and never a formula to a spreadsheet.
///
/// Source: RFC 4180; "CSV Injection", OWASP.
fn field(text: &str) -> String {
    let mut shown = printable_line(text);
    if shown.starts_with(['=', '+', '-', '@', '\t']) {
        shown.insert(0, '\'');
    }
    if shown.contains([',', '"']) { format!("\"{}\"", shown.replace('"', "\"\"")) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_name_is_one_field_and_no_formula() {
        assert_eq!(field("nexmark-q20"), "nexmark-q20");
        assert_eq!(field("a,\"b\"\r\nc"), "\"a,\"\"b\"\"  c\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("\t=1"), "'\t=1");
    }
}
