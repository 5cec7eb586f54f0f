//! A table: columns as wide as their widest cell, one of them in a colour of the row.

use anstyle::Style;

use crate::report::style::paint;

/// The heading and the rows; the cell in the column `painted` has its row's style.
pub(super) fn table<const N: usize>(
    head: &[&str; N],
    painted: usize,
    rows: &[([String; N], Style)],
) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|(cells, _)| cells[column].chars().count());
        let head = head[column].chars().count();
        cells.chain([head]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: [&str; N], style: Style| {
        let padded = cells.iter().zip(&widths).enumerate();
        let padded: Vec<String> = padded
            .map(|(column, (cell, width))| {
                let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
                if column == painted && style != Style::new() {
                    format!("{}{fill}", paint(style, cell))
                } else {
                    format!("{cell}{fill}")
                }
            })
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut out = line(*head, Style::new());
    for (cells, style) in rows {
        out.push_str(&line(cells.each_ref().map(String::as_str), *style));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned(), String::new()];
        let rows = [
            (row("x", "clean"), Style::new()),
            (row("a-long-name", "ü"), Style::new()),
        ];
        assert_eq!(
            table(&["Org", "State", "Last"], 1, &rows),
            "Org          State  Last\nx            clean\na-long-name  ü\n"
        );
    }
}
