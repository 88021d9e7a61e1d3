use std::fmt::Write;

use super::Screen;

/// A column chart of numbers, drawn with block characters.
pub(super) struct Chart<'a> {
    /// A column each.
    pub(super) values: &'a [u64],
    /// The value at the top.
    pub(super) top: u64,
    /// What is written beside it.
    pub(super) top_label: String,
    /// What stands below the columns.
    pub(super) marks: Marks<'a>,
}

/// Marks below the columns.
pub(super) enum Marks<'a> {
    None,
    /// A `c` where it is so.
    At(&'a [bool]),
}

const HEIGHT: usize = 6;
/// Eighths of a cell, from empty to full.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 9] = [' ', '.', '.', ':', ':', '|', '|', '#', '#'];
pub(super) const LABEL_WIDTH: usize = 12;

impl Chart<'_> {
    pub(super) fn draw(&self, screen: Screen) -> String {
        let blocks = if screen.unicode { BLOCKS } else { ASCII };
        let wide = column_width(self.values.len(), screen);
        let mut text = String::new();
        for row in (0..HEIGHT).rev() {
            let label = match row {
                0 => "0",
                row if row == HEIGHT - 1 => self.top_label.as_str(),
                _ => "",
            };
            let _ = write!(text, "{label:>LABEL_WIDTH$} ");
            for value in self.values {
                let eighths = u128::from(*value) * (HEIGHT as u128) * 8;
                let eighths = eighths.checked_div(u128::from(self.top)).unwrap_or(0);
                let below = row as u128 * 8;
                let level = eighths.saturating_sub(below).min(8);
                let level = usize::try_from(level).unwrap_or(8);
                let block = blocks.get(level).copied().unwrap_or(' ');
                text.extend(std::iter::repeat_n(block, wide));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        if let Marks::At(marks) = self.marks
            && marks.contains(&true)
        {
            let _ = write!(text, "{:LABEL_WIDTH$} ", "");
            for is_marked in marks {
                let mark = if *is_marked { 'c' } else { ' ' };
                text.push(mark);
                text.extend(std::iter::repeat_n(' ', wide - 1));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }
}

/// The line below a chart: what stands at its left and at its right end.
pub(super) fn axis(left: &str, right: &str, screen: Screen) -> String {
    let width = screen.width.saturating_sub(LABEL_WIDTH + 1).min(72);
    let gap = width.saturating_sub(left.len() + right.len());
    format!("{:LABEL_WIDTH$} {left}{:gap$}{right}", "", "")
}

fn column_width(count: usize, screen: Screen) -> usize {
    let width = screen.width.saturating_sub(LABEL_WIDTH + 1).min(72);
    width.checked_div(count).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_rise_with_their_values() {
        let chart = Chart {
            values: &[0, 25, 50, 100],
            top: 100,
            top_label: "100 %".to_owned(),
            marks: Marks::At(&[false, true, false, false]),
        };
        let drawn = chart.draw(Screen { width: 17, unicode: true });
        insta::assert_snapshot!(drawn, @r"
100 %    █
         █
         █
        ██
       ▄██
    0  ███
       c
");
    }
}
