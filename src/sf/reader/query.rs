//! SOQL, on data and on Tooling objects.

use serde::de::DeserializeOwned;

use super::{Fault, Reader};
use crate::sf::text::clean;
use crate::sf::wire::rest::{self, RestError};

const WHAT: &str = "a query";
const BATCH: &str = "a batch of queries";

/// More pages than any query of this tool has rows.
const MOST_PAGES: u32 = 1_000;

/// An answer, or why the org did not give it.
pub type Told<T> = Result<T, RestError>;

/// A question in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A query on data.
    Query(String),
    /// The allowances of the org.
    Limits,
    /// The token's user (Connect REST API guide, "Users": `me` is the context user).
    Me,
}

/// The rows of a query in a batch; `None` when the org refused it or gave others.
pub fn rows_told<T: DeserializeOwned>(told: &Told<serde_json::Value>) -> Option<Vec<T>> {
    let answer = told.as_ref().ok()?;
    let page: rest::QueryPage<T> = serde_json::from_value(answer.clone()).ok()?;
    Some(page.records)
}

impl Reader {
    /// Several questions in one request; each is answered or refused by itself. A query has its
    /// first page only. At most 25 (REST API guide, "Batch").
    ///
    /// # Errors
    /// Whatever stops the request as a whole.
    pub async fn batch(
        &self,
        questions: &[Question],
    ) -> Result<Vec<Told<serde_json::Value>>, Fault> {
        let version = self.session().api_version;
        let paths: Vec<String> = questions
            .iter()
            .map(|question| match question {
                Question::Limits => format!("v{version}/limits"),
                Question::Me => format!("v{version}/chatter/users/me"),
                Question::Query(soql) => {
                    let mut url = self.session().instance_url.at("/");
                    url.query_pairs_mut().append_pair("q", soql);
                    format!("v{version}/query?{}", url.query().unwrap_or_default())
                }
            })
            .collect();
        let url = self.connection().data_url("/composite/batch");
        let answers = self
            .connection()
            .ask(BATCH, url, rest::encode_batch(&paths), rest::decode_batch)
            .await?;
        if answers.len() != questions.len() {
            return Err(Fault::Inconsistent {
                what: BATCH,
                reason: "it has not one answer for each question",
            });
        }
        let shown = |text: &str| clean(&self.connection().redactor().redact(text));
        Ok(answers
            .into_iter()
            .map(|answer| {
                answer.map_err(|error| RestError {
                    error_code: shown(&error.error_code),
                    message: shown(&error.message),
                })
            })
            .collect())
    }

    /// The rows of a query on Tooling objects, or why the org refused this query; a fault that
    /// would meet every query alike stays one.
    ///
    /// # Errors
    /// As [`Reader::query`], without what the org says of this query alone.
    pub async fn tooling_told<T: DeserializeOwned>(
        &self,
        soql: &str,
    ) -> Result<Told<Vec<T>>, Fault> {
        match self.tooling_query(soql).await {
            Ok(rows) => Ok(Ok(rows)),
            Err(fault) => fault.into_silence().map(Err),
        }
    }

    /// The rows of a query on data. Fields are named as in the query (`Id`, `CreatedBy`).
    ///
    /// # Errors
    /// [`Fault::Rest`] for a query that the org does not understand, [`Fault::TooLarge`] for one
    /// that is too long to send, [`Fault::Unparsable`] when the rows don't fit `T`.
    pub async fn query<T: DeserializeOwned>(&self, soql: &str) -> Result<Vec<T>, Fault> {
        self.pages("/query", soql).await
    }

    /// The rows of a query on Tooling objects.
    ///
    /// # Errors
    /// As [`Reader::query`].
    pub async fn tooling_query<T: DeserializeOwned>(&self, soql: &str) -> Result<Vec<T>, Fault> {
        self.pages("/tooling/query", soql).await
    }

    async fn pages<T: DeserializeOwned>(&self, path: &str, soql: &str) -> Result<Vec<T>, Fault> {
        let mut url = self.connection().data_url(path);
        url.query_pairs_mut().append_pair("q", soql);
        let mut rows = Vec::new();
        for _ in 0..MOST_PAGES {
            let mut page = self
                .connection()
                .get(WHAT, url, rest::decode_query::<T>)
                .await?;
            rows.append(&mut page.records);
            if page.done {
                return Ok(rows);
            }
            let next = page.next_records_url.as_deref().unwrap_or_default();
            // A path, as documented; anything else could lead the token to another host.
            if !next.starts_with("/services/data/") || next.contains(['?', '#', '\\']) {
                return Err(Fault::Inconsistent {
                    what: WHAT,
                    reason: "it has more rows and no usable address for them",
                });
            }
            url = self.session().instance_url.at(next);
        }
        Err(Fault::Inconsistent {
            what: WHAT,
            reason: "it does not end",
        })
    }
}
