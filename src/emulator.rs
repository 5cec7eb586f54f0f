//! A local Salesforce org behind real HTTP on loopback.
//!
//! [`EmulatedOrg`] is the org: a folder with one state file, and what an administrator does in
//! Setup as methods. [`Server`] speaks the platform's protocols for it: REST and SOAP Metadata API,
//! REST and Tooling queries. It has its own decoders, encoders and table of metadata types, so the
//! client and the emulator cannot agree on the same mistake; both are held to Salesforce's WSDL and
//! to responses that were recorded from real orgs.
//!
//! Of its parts each uses only those in the lines above its own:
//!
//! - `archive`, `clock`, `date_span`, `ids`, `login_refusal`, `problem`, `record`, `refusal`, `tree`,
//!   `trouble`, `unknown_name`: words, and data of one kind
//! - `activity`, `condition`, `options`, `schema`: what can be set, what can happen, which types there are
//! - `runtime`: compiles and runs Apex
//! - `state`: what the org knows; `callouts`, `email_to_case`: its ways to and from the world
//! - `caller`, `compile`, `components`, `credentials`, `debug_levels`, `deploy_words`, `diagnostic`,
//!   `normal`, `page`, `store`, `users`: one question each to the state
//! - `furnish`, `org_data`, `query`, `retrieve`: what the org says of itself
//! - `serving`: a transaction of Apex
//! - `records`, `test_runs`: writing rows, running tests
//! - `deploy`: deploy requests from the queue to their end
//! - `org`: [`EmulatedOrg`], which keeps the state
//! - `at_work`, `cursor`, `live_messaging`, `live_org`, `set_up`: what is done with an org as a whole
//! - `rest`: the REST APIs
//! - `oauth`, `soap`: logins; the SOAP APIs, which write records as REST does
//! - `server`: HTTP

pub mod activity;
mod archive;
mod at_work;
mod caller;
pub mod callouts;
mod clock;
mod compile;
mod components;
mod condition;
mod credentials;
mod cursor;
mod date_span;
mod debug_levels;
mod deploy;
mod deploy_words;
mod diagnostic;
pub mod email_to_case;
mod furnish;
mod ids;
mod live_messaging;
mod live_org;
mod login_refusal;
mod normal;
mod oauth;
mod options;
mod org;
mod org_data;
mod page;
mod problem;
mod query;
mod record;
mod records;
mod refusal;
mod rest;
mod retrieve;
pub mod runtime;
mod schema;
mod server;
mod serving;
mod set_up;
mod soap;
mod state;
mod store;
mod test_runs;
mod tree;
mod trouble;
mod unknown_name;
mod users;

pub use callouts::Endpoint;
pub use clock::Clock;
pub use condition::Condition;
pub use live_messaging::{LiveMessaging, MessagingFault};
pub use live_org::{Staff, Work};
pub use login_refusal::Refusal as LoginRefusal;
pub use options::{Fault, Options, OrgKind, Processing};
pub use org::EmulatedOrg;
pub use problem::Problem;
pub use record::Fields;
pub use server::{Running, Server};
pub use trouble::{Chance, Trouble};
pub use unknown_name::UnknownName;

use std::path::PathBuf;

/// Why the local org cannot do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The state folder or a file in it cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file is not one of ours, or was damaged.
    #[error("{} is not the state of a local org: {problem}", path.display())]
    NotAState {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The state was written by another release of this tool.
    #[error("{} has format {found}; this release reads format {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format in the file.
        found: u64,
        /// The format that this release writes.
        expected: u64,
    },
    /// The folder holds files that are not an emulated org's.
    #[error("{} holds other files (for example {example}); it is not the folder of a local org", path.display())]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
        /// One of the files.
        example: String,
    },
    /// The org has no such component.
    #[error("the local org has no {0}")]
    NoSuchComponent(crate::metadata::ComponentId),
    /// The text to be replaced is not in the component.
    #[error("{0} does not contain the text to be replaced")]
    TextNotFound(crate::metadata::ComponentId),
    /// The component has no source, or no such setting.
    #[error("{id}: {problem}")]
    Unfit {
        /// The component.
        id: crate::metadata::ComponentId,
        /// Why it cannot be edited like this.
        problem: String,
    },
    /// The server may listen on this machine only.
    #[error("{0} is not a loopback address; the local org serves this machine only")]
    NotLoopback(std::net::SocketAddr),
    /// The server cannot listen.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}
