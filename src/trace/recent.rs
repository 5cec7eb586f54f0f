//! The debug logs that an org has anyway.

use jiff::Timestamp;

use super::Transaction;
use super::reading::read;
use super::watch::{LogRow, rows};
use crate::conversation::Shown;
use crate::sf::{Fault, Question, Reader, Told};

/// More than these are somebody else's.
const MOST: u32 = 25;

/// The newest logs since then, oldest first, reduced to what a story needs.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn recent(reader: &Reader, since: Timestamp) -> Result<Told<Vec<Transaction>>, Fault> {
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
    let question = Question::Query(format!(
        "SELECT Id, Operation, Status, LogUserId, StartTime, DurationMilliseconds FROM ApexLog WHERE \
         StartTime >= {since} ORDER BY StartTime DESC, Id LIMIT {MOST}"
    ));
    let mut answers = reader.batch(&[question]).await?.into_iter();
    let mut found: Vec<LogRow> = match answers.next() {
        Some(Ok(answer)) => rows(answer),
        Some(Err(said)) => return Ok(Err(said)),
        None => Vec::new(),
    };
    found.reverse();
    let mut transactions = Vec::new();
    for row in &found {
        // A log that is gone by now has nothing to say.
        if let Ok(text) = reader.log_body(&row.id).await? {
            transactions.push(read(row, &text, Shown::default()));
        }
    }
    Ok(Ok(transactions))
}
