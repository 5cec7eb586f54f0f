//! The parts of a deploy request.

use reqwest::multipart::{Form, Part};

use super::Fault;

/// Part names and order are those of the guide's page on deploying by REST.
pub(super) fn deploy_form(options: Vec<u8>, zip: Vec<u8>) -> Result<Form, Fault> {
    let setup = |error: reqwest::Error| Fault::Setup {
        reason: error.to_string(),
    };
    let options = Part::bytes(options)
        .mime_str("application/json")
        .map_err(setup)?;
    let zip = Part::bytes(zip)
        .file_name("deploy.zip")
        .mime_str("application/zip")
        .map_err(setup)?;
    Ok(Form::new().part("json", options).part("file", zip))
}
