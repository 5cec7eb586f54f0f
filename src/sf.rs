//! Salesforce over HTTP: wire forms, transport, reading, writing.
//!
//! `wire` is pure encoding and decoding; `transport` sends with a deadline; `Reader` asks,
//! `Writer` changes. Only `guard` opens a `Writer`.

pub mod auth;
mod clock;
mod deploy_id;
mod fault;
mod furthest;
mod knock;
mod messaging;
mod polling;
mod reader;
#[cfg(test)]
pub(crate) mod scripted;
mod session;
mod settle;
pub mod text;
mod trace_writer;
mod transport;
mod wait;
pub mod wire;
mod writer;

pub use clock::{Clock, SystemClock};
pub use deploy_id::DeployId;
pub use fault::{Fault, FaultClass};
pub use knock::{Knock, knock};
pub use messaging::{TokenAnswer, TokenReport, TokenRequest, request_token};
pub use polling::Polling;
pub use reader::{
    DeployRequest, Identity, LISTED_DEPLOYS, MailPermission, OrgKind, Organization, PendingJob,
    Question, Reader, Retrieved, Standing, Told, email_messages_question, has_email_messages,
    rows_told,
};
pub use session::{InstanceUrl, Session};
pub use settle::{Found, Sought, find_deploy};
pub use trace_writer::TraceWriter;
pub use transport::{ApiUsage, Deadlines};
pub use wait::wait_for_deploy;
pub use writer::{Cancel, Writer};
