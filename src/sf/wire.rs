//! The Metadata API's messages as types, in the WSDL's names and order, so that one definition
//! serves the JSON of REST and the XML of SOAP, for the client and for the emulator.
//!
//! Source: metadata.wsdl v66 (`DeployOptions`, `DeployResult`, `RetrieveResult`, …).

mod deploy_options;
mod deploy_result;
mod element;
mod lenient;
pub mod rest;
mod retrieve;
mod run_tests;
#[cfg(test)]
mod samples;
pub mod soap;

pub use deploy_options::{DeployOptions, TestLevel};
pub use deploy_result::{DeployDetails, DeployMessage, DeployResult, DeployStatus};
pub use retrieve::{AsyncResult, FileProperties, RetrieveMessage, RetrieveResult, RetrieveStatus};
pub use run_tests::{
    CodeCoverageResult, CodeCoverageWarning, RunTestFailure, RunTestSuccess, RunTestsResult,
};

/// Why a message cannot be read. Holds what is wrong with it; parsers may quote a word of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not UTF-8.
    #[error("the answer is not UTF-8 text")]
    NotText,
    /// Not well-formed XML, or XML with parts that no answer of Salesforce has.
    #[error("the answer is not the XML that was expected: {reason}")]
    NotXml {
        /// What the parser said.
        reason: String,
    },
    /// Not JSON, or JSON of another shape.
    #[error("the answer is not the JSON that was expected: {reason}")]
    NotJson {
        /// What the parser said.
        reason: String,
    },
    /// A member that every such message has is missing, or has a value that it cannot have.
    #[error("the answer has no usable `{0}`")]
    Missing(&'static str),
}
