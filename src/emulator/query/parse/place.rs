//! Places in a query.

/// The platform's three lines about a place in a query: what is around it, a mark, the position.
pub fn located(text: &str, at: usize, problem: &str) -> String {
    let before: Vec<char> = text.get(..at).unwrap_or_default().chars().collect();
    let shown: String = before[before.len().saturating_sub(32)..].iter().collect();
    let after: String = text
        .get(at..)
        .unwrap_or_default()
        .chars()
        .take(32)
        .collect();
    let line = before
        .iter()
        .filter(|character| **character == '\n')
        .count()
        + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|character| **character != '\n')
        .count()
        + 1;
    let mark = " ".repeat(shown.chars().count());
    format!("\n{shown}{after}\n{mark}^\nERROR at Row:{line}:Column:{column}\n{problem}")
}
