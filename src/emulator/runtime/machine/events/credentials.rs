//! Log events of a Named Credential: each callout by one is noted by Apex and by these. Fields and levels
//! are those of Apex Developer Guide, "Debug Log Levels"; `NamedCallout[…]` around them, and that an answer
//! already has them at INFO, is as logs that people published have it.

use super::super::super::log::{Category, Level};
use super::super::super::org::Credential;
use super::super::super::value::Value;
use super::super::Machine;

impl Machine<'_> {
    /// A callout leaves by a Named Credential.
    pub fn log_named_request(&mut self, request: &Value) {
        let Some((name, credential)) = self.credential_of(request) else {
            return;
        };
        let Credential { id, endpoint, kind } = credential;
        let kind = kind.as_deref().unwrap_or("null");
        let [method] = self.texts_of(request, ["method"]);
        let size = self.body_size(request);
        // The local org adds no header of its own, and asks once.
        self.event(Category::Callout, Level::Info, || {
            format!(
                "NAMED_CREDENTIAL_REQUEST|NamedCallout[Named Credential Id={id}, Named Credential \
                 Name={name}, Endpoint={endpoint}, Method={method}, External Credential Type={kind}, \
                 Http Header Authorization=null, Request Size bytes={size}, Retry on 401=False]"
            )
        });
    }

    /// Its answer came.
    pub fn log_named_response(&mut self, request: &Value, response: &Value) {
        let Some((name, Credential { id, .. })) = self.credential_of(request) else {
            return;
        };
        let [code] = self.texts_of(response, ["code"]);
        let size = self.body_size(response);
        // A log's clock stands still while a callout is under way.
        let detail = format!(
            "NamedCallout[Named Credential Id={id}, Named Credential Name={name}, Status Code={code}, \
             Response Size bytes={size}, Overall Callout Time ms=0, Connect Time ms=0]"
        );
        self.event(Category::Callout, Level::Info, || {
            format!("NAMED_CREDENTIAL_RESPONSE|{detail}")
        });
        self.event(Category::Callout, Level::Finer, || {
            format!("NAMED_CREDENTIAL_RESPONSE_DETAIL|{detail}")
        });
    }

    // The credential that a request goes by, where it is logged and there is one of that name.
    fn credential_of(&self, request: &Value) -> Option<(String, Credential)> {
        if !self.log.writes(Category::Callout, Level::Info) {
            return None;
        }
        let [endpoint] = self.texts_of(request, ["endpoint"]);
        let rest = endpoint.strip_prefix("callout:")?;
        let name = rest.split(['/', '?']).next()?;
        let found = self.org.credentials.get(name)?;
        Some((name.to_owned(), found.clone()))
    }

    fn body_size(&self, message: &Value) -> usize {
        let Value::Object(object) = message else {
            return 0;
        };
        let body = self.variable_of(object, "body").as_text();
        body.map_or(0, |text| text.len())
    }
}
