//! A bar split into boxes to scale, with brackets below that say what boxes have in common.

use crate::render::terminal::Style;
use crate::units::MemorySize;

/// One box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// Its number, which the table below repeats.
    pub(super) number: usize,
    pub(super) title: &'static str,
    pub(super) size: MemorySize,
    /// Background of the 256-color palette.
    pub(super) color: u8,
}

/// Boxes that belong together, from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) segment_count: usize,
    pub(super) size: MemorySize,
}

struct Lines {
    top: [char; 3],
    side: char,
    bottom: [char; 3],
    bracket: [char; 2],
    line: char,
}

const UNICODE: Lines = Lines {
    top: ['┌', '┬', '┐'],
    side: '│',
    bottom: ['└', '┴', '┘'],
    bracket: ['╰', '╯'],
    line: '─',
};
const ASCII: Lines = Lines {
    top: ['+', '+', '+'],
    side: '|',
    bottom: ['+', '+', '+'],
    bracket: ['\\', '/'],
    line: '-',
};

/// The boxes and their brackets, a line each with its line end.
pub(super) fn draw(segments: &[Segment], groups: &[Group], style: Style) -> String {
    let lines = if style.unicode { &UNICODE } else { &ASCII };
    let inner = style.width.saturating_sub(segments.len() + 1);
    let widths = widths(segments, inner);
    let mut text = String::new();
    edge(&mut text, lines.top, lines.line, &widths);
    for labels in [first_label, second_label] {
        text.push(lines.side);
        for (segment, width) in segments.iter().zip(&widths) {
            let label = labels(segment, *width);
            let cell = format!("{label:<width$}");
            if style.color {
                text.push_str(&format!("\x1b[30;48;5;{}m{cell}\x1b[0m", segment.color));
            } else {
                text.push_str(&cell);
            }
            text.push(lines.side);
        }
        text.push('\n');
    }
    edge(&mut text, lines.bottom, lines.line, &widths);
    brackets(&mut text, groups, lines, &widths);
    text
}

fn edge(text: &mut String, [left, middle, right]: [char; 3], line: char, widths: &[usize]) {
    for (index, width) in widths.iter().enumerate() {
        text.push(if index == 0 { left } else { middle });
        text.extend(std::iter::repeat_n(line, *width));
    }
    text.push(right);
    text.push('\n');
}

/// Number and name if they fit, else the number.
fn first_label(segment: &Segment, width: usize) -> String {
    let full = format!("{} {}", segment.number, segment.title);
    let short = full.replace("Framework", "Fw").replace("JVM ", "");
    [full, short]
        .into_iter()
        .find(|label| label.chars().count() <= width)
        .unwrap_or_else(|| segment.number.to_string())
}

fn second_label(segment: &Segment, width: usize) -> String {
    let full = segment.size.short();
    let bare = full.split(' ').next().unwrap_or("").to_owned();
    let label = [full, bare].into_iter().find(|label| label.chars().count() <= width);
    label.unwrap_or_default()
}

fn brackets(text: &mut String, groups: &[Group], lines: &Lines, widths: &[usize]) {
    let mut widths = widths.iter();
    let mut line = String::from(" ");
    for group in groups {
        let inner: usize = widths.by_ref().take(group.segment_count).sum();
        let width = inner + group.segment_count.saturating_sub(1);
        let long = format!(" {} {} ", group.label, group.size.short());
        let short = format!(" {} ", group.size.short());
        let room = width.saturating_sub(2);
        let label = [long, short].into_iter().find(|label| label.chars().count() <= room);
        let label = label.unwrap_or_default();
        let fill = room - label.chars().count();
        if width >= 2 {
            line.push(lines.bracket[0]);
            line.extend(std::iter::repeat_n(lines.line, fill / 2));
            line.push_str(&label);
            line.extend(std::iter::repeat_n(lines.line, fill - fill / 2));
            line.push(lines.bracket[1]);
        } else {
            line.extend(std::iter::repeat_n(' ', width));
        }
        line.push(' ');
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Columns of each box: to scale, at least as wide as its number, together exactly `inner`.
fn widths(segments: &[Segment], inner: usize) -> Vec<usize> {
    let total: u128 = segments.iter().map(|segment| u128::from(segment.size.bytes())).sum();
    let columns = u128::try_from(inner).unwrap_or(0);
    let mut widths: Vec<usize> = segments
        .iter()
        .map(|segment| {
            let share = u128::from(segment.size.bytes()) * columns;
            let share = share.checked_div(total).unwrap_or(0);
            usize::try_from(share).unwrap_or(0).max(segment.number.to_string().len())
        })
        .collect();
    // Rounding and the least widths leave the sum off by a few columns; the widest box can bear
    // the difference.
    let sum: usize = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max() {
        *widest = if sum < inner {
            *widest + (inner - sum)
        } else {
            widest.saturating_sub(sum - inner).max(1)
        };
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: usize, mebibytes: u32) -> Segment {
        let size = MemorySize::from_mebibytes(mebibytes);
        Segment { number, title: "Managed", size, color: 150 }
    }

    #[test]
    fn boxes_are_to_scale_and_fill_the_line() {
        let segments = [segment(1, 100), segment(2, 200), segment(3, 0), segment(4, 700)];
        assert_eq!(widths(&segments, 100), [10, 20, 1, 69]);
        assert_eq!(widths(&[segment(1, 1), segment(2, 1), segment(3, 1)], 10), [3, 3, 4]);
    }

    #[test]
    fn every_line_is_as_wide_as_the_terminal() {
        let segments = [segment(1, 128), segment(2, 538), segment(3, 635)];
        let groups = [
            Group { label: "JVM heap", segment_count: 2, size: MemorySize::from_mebibytes(666) },
            Group { label: "off-heap", segment_count: 1, size: MemorySize::from_mebibytes(635) },
        ];
        for unicode in [true, false] {
            let style = Style { color: false, unicode, links: false, width: 60 };
            let text = draw(&segments, &groups, style);
            let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
            assert_eq!(widths, [60, 60, 60, 60, 59], "{text}");
            assert_eq!(text.is_ascii(), !unicode);
        }
    }
}
