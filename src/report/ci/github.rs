//! Workflow commands of GitHub Actions: annotations at the config line that made a component.

use super::Report;
use super::rows::{Level, rows};

/// One line per thing to look at. What is excused is a notice.
pub(super) fn report(report: Report<'_>) -> String {
    let mut out = String::new();
    for row in rows(report) {
        let command = match row.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let message = match &row.excused {
            Some(reason) => format!("meant to be: {reason}; {}", row.message),
            None => row.message.clone(),
        };
        out.push_str(&format!(
            "::{command} file={},line={},col={},title={}::{}\n",
            property(&row.file),
            row.line,
            row.column,
            property(&row.title),
            data(&message)
        ));
    }
    out
}

/// The runner takes `%`, CR and LF of a message only in this form.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// And of a property `:` and `,` too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
        assert_eq!(data("a::b\r\n"), "a::b%0D%0A");
    }
}
