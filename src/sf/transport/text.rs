//! Answers that are plain text.

use reqwest::Url;

use super::{Connection, Failure, Fault, Token, is_content, retry};

impl Connection {
    /// GETs a text; tries again while that may help. What is not UTF-8 in it is replaced.
    pub(in crate::sf) async fn get_text(
        &self,
        what: &'static str,
        url: Url,
    ) -> Result<String, Fault> {
        self.retrying(async |token| self.attempt_text(what, url.clone(), token).await)
            .await
    }

    async fn attempt_text(
        &self,
        what: &'static str,
        url: Url,
        token: &Token,
    ) -> Result<String, Failure> {
        let request = self
            .client
            .get(url)
            .header(reqwest::header::AUTHORIZATION, token.bearer.clone());
        let response = self.send(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.remember_usage(&headers);
        let body = self.read(what, response).await?;
        if status.is_success() && is_content(&headers, "plain") {
            return Ok(String::from_utf8_lossy(&body).into_owned());
        }
        Err(Failure {
            fault: self.refusal(status.as_u16(), &headers, &body),
            retry_after: retry::after(&headers, self.clock.wall()),
        })
    }
}
