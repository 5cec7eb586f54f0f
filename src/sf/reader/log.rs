//! The texts of debug logs.

use super::{Fault, Reader, Told};

impl Reader {
    /// The text of a debug log (Tooling API guide, "ApexLog": `/sobjects/ApexLog/ID/Body`), or why
    /// the org did not give it: an org deletes logs after a day.
    ///
    /// # Errors
    /// Faults that would meet every request alike.
    pub async fn log_body(&self, id: &str) -> Result<Told<String>, Fault> {
        // Ids come from the org; what is none would lead elsewhere.
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::Inconsistent {
                what: "a debug log",
                reason: "its id is not an id",
            });
        }
        let url = self
            .connection()
            .data_url(&format!("/tooling/sobjects/ApexLog/{id}/Body"));
        match self.connection().get_text("a debug log", url).await {
            Ok(text) => Ok(Ok(text)),
            Err(fault) => fault.into_silence().map(Err),
        }
    }
}
