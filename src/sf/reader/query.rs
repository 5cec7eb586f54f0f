//! SOQL, on data and on Tooling objects.

use serde::de::DeserializeOwned;

use super::{Fault, Reader};
use crate::sf::wire::rest;

const WHAT: &str = "a query";

/// More pages than any query of this tool has rows.
const MOST_PAGES: u32 = 1_000;

impl Reader {
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
