//! What an org says of live messaging: rows, and the files of its components.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::MessagingSettings;
use crate::messaging::{Claims, check_instance_url, identity_token, messaging_host};
use crate::metadata::{ApiVersion, ComponentId, MetadataType};
use crate::package::Manifest;
use crate::sf::wire::rest::RestError;
use crate::sf::{
    Fault, InstanceUrl, Question, Reader, Retrieved, TokenReport, TokenRequest, Told, request_token,
};
use crate::xml::{self, Element};

/// Everything that the checks of live messaging judge.
#[derive(Debug)]
pub(in crate::doctor) struct Org {
    pub channels: Told<Vec<ChannelRow>>,
    pub deployments: Told<Vec<DeploymentRow>>,
    pub flows: Told<Vec<FlowRow>>,
    pub files: Told<Files>,
    /// The active version of the flow that routes; nothing where none was found.
    pub flow: Told<Option<Value>>,
    /// What the messaging service gave, when it was asked.
    pub token: Option<Tokens>,
}

/// What the messaging service gave.
#[derive(Debug)]
pub(in crate::doctor) struct Tokens {
    /// For a customer whom nobody knows.
    pub anonymous: TokenReport,
    /// For one that is vouched for with the private key; nothing without key, id or issuer.
    pub verified: Option<TokenReport>,
}

/// Row of `MessagingChannel`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::doctor) struct ChannelRow {
    pub developer_name: Option<String>,
    pub is_active: Option<bool>,
}

/// Row of `EmbeddedServiceConfig`, Tooling API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::doctor) struct DeploymentRow {
    pub developer_name: Option<String>,
    pub deployment_feature: Option<String>,
    pub is_enabled: Option<bool>,
}

/// Row of `FlowDefinitionView`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::doctor) struct FlowRow {
    pub api_name: Option<String>,
    pub process_type: Option<String>,
    pub active_version_id: Option<String>,
}

/// Row of `Flow`, Tooling API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FlowVersion {
    metadata: Option<Value>,
}

/// Components that were retrieved.
#[derive(Debug, Default)]
pub(in crate::doctor) struct Files(BTreeMap<ComponentId, Element>);

impl Files {
    fn of(retrieved: Retrieved) -> Self {
        let components = retrieved.components.into_iter();
        Self(
            components
                .filter_map(|component| {
                    let root = xml::parse(&component.xml).ok()?;
                    Some((component.id, root))
                })
                .collect(),
        )
    }

    /// The component of that name, as Salesforce finds it: without regard to case.
    pub fn get(&self, kind: MetadataType, name: &str) -> Option<&Element> {
        self.0.get(&ComponentId::new(kind, name.trim()))
    }

    /// Names and contents of a type.
    pub fn of_type(&self, kind: MetadataType) -> impl Iterator<Item = (&str, &Element)> {
        let of_kind = self.0.iter().filter(move |(id, _)| id.kind == kind);
        of_kind.map(|(id, root)| (id.full_name.as_str(), root))
    }

    /// The channel that a deployment leads to.
    pub fn channel_of(&self, deployment: &str) -> Option<&str> {
        let part = self
            .get(MetadataType::EmbeddedServiceConfig, deployment)?
            .child("embeddedServiceMessagingChannel")?;
        part.child_text("messagingChannel").map(str::trim)
    }
}

impl MessagingSettings {
    /// The channel by the config, else by the deployment.
    pub(super) fn channel<'a>(&'a self, files: &'a Files) -> Option<&'a str> {
        let named = self.config.channel.as_deref();
        named.or_else(|| files.channel_of(self.config.es_developer_name.as_deref()?))
    }

    /// The flow by the config, else by the channel.
    pub(super) fn flow<'a>(&'a self, files: &'a Files) -> Option<&'a str> {
        let of_channel = || {
            let channel = files.get(MetadataType::MessagingChannel, self.channel(files)?)?;
            let flow = channel.child_text("sessionHandlerFlow").map(str::trim);
            flow.filter(|name| !name.is_empty())
        };
        self.config.flow.as_deref().or_else(of_channel)
    }
}

const TYPES: [MetadataType; 5] = [
    MetadataType::Queue,
    MetadataType::PublicKeyCertificate,
    MetadataType::PublicKeyCertificateSet,
    MetadataType::MessagingChannel,
    MetadataType::EmbeddedServiceConfig,
];

/// Asks for everything; for tokens only when that is wanted.
pub(in crate::doctor) async fn ask(
    reader: &Reader,
    version: ApiVersion,
    settings: &MessagingSettings,
) -> Result<Org, Fault> {
    let manifest = Manifest {
        api_version: version,
        members: TYPES.map(|kind| ComponentId::new(kind, "*")).to_vec(),
    };
    let questions = [
        "SELECT DeveloperName, IsActive FROM MessagingChannel LIMIT 200",
        "SELECT ApiName, ProcessType, ActiveVersionId FROM FlowDefinitionView WHERE ProcessType = \
         'RoutingFlow' LIMIT 200",
    ]
    .map(|soql| Question::Query(soql.to_owned()));
    let (answers, deployments, retrieved) = tokio::try_join!(
        reader.batch(&questions),
        reader.tooling_told(
            "SELECT DeveloperName, DeploymentFeature, IsEnabled FROM EmbeddedServiceConfig LIMIT 200"
        ),
        reader.retrieve_told(&manifest, reader.polling(Duration::from_secs(120))),
    )?;
    let mut answers = answers.into_iter();
    let mut org = Org {
        channels: rows(answers.next()),
        flows: rows(answers.next()),
        deployments,
        files: retrieved.map(Files::of),
        flow: Ok(None),
        token: None,
    };
    org.flow = active_flow(reader, settings, &org).await?;
    if settings.request_token {
        org.token = tokens(reader, settings, &org).await?;
    }
    Ok(org)
}

fn rows<T: DeserializeOwned>(answer: Option<Told<Value>>) -> Told<Vec<T>> {
    let unreadable = |message: String| RestError {
        error_code: "UNREADABLE".to_owned(),
        message,
    };
    let mut answer = answer.unwrap_or_else(|| Err(unreadable("no answer".to_owned())))?;
    serde_json::from_value(answer["records"].take()).map_err(|error| unreadable(error.to_string()))
}

/// What the active version of the flow that routes is made of.
async fn active_flow(
    reader: &Reader,
    settings: &MessagingSettings,
    org: &Org,
) -> Result<Told<Option<Value>>, Fault> {
    let version = org.files.as_ref().ok().and_then(|files| {
        let name = settings.flow(files)?;
        let row = org.flow_row(name)?;
        row.active_version_id.as_deref()
    });
    let Some(id) = version.filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric())) else {
        return Ok(Ok(None));
    };
    let soql = format!("SELECT Metadata FROM Flow WHERE Id = '{id}' LIMIT 1");
    let told = reader.tooling_told::<FlowVersion>(&soql).await?;
    Ok(told.map(|rows| rows.into_iter().next().and_then(|row| row.metadata)))
}

impl Org {
    /// The flow of that name, without regard to case.
    pub fn flow_row(&self, name: &str) -> Option<&FlowRow> {
        let mut rows = self.flows.iter().flatten();
        rows.find(|row| {
            row.api_name
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    }
}

/// Asks the messaging service, which for a local org is that itself.
async fn tokens(
    reader: &Reader,
    settings: &MessagingSettings,
    org: &Org,
) -> Result<Option<Tokens>, Fault> {
    // A retrieve came before, so what time it was then is no measure of the clock.
    let now = reader.clock().wall();
    let own = &reader.session().instance_url;
    let service = if own.is_loopback() {
        Some(own.clone())
    } else {
        let url = settings.config.instance_url.as_deref().unwrap_or_default();
        let host = check_instance_url(url).ok();
        host.and_then(|host| messaging_host(&host))
            .and_then(|host| InstanceUrl::parse(&format!("https://{host}")).ok())
    };
    let config = &settings.config;
    let named = config
        .organization_id
        .as_ref()
        .zip(config.es_developer_name.as_deref());
    let Some((service, (org_id, deployment))) = service.zip(named) else {
        return Ok(None);
    };
    let request = TokenRequest {
        org_id: org_id.as_str(),
        deployment,
        identity: None,
    };
    let anonymous = request_token(&service, request, now).await?;
    let identity = org.files.as_ref().ok().and_then(|files| {
        let issuer = config.issuer.as_deref().or_else(|| {
            super::key::keyset(settings, files)?
                .1
                .child_text("jwtIssuer")
        })?;
        let claims = Claims {
            issuer,
            subject: "opencx-sf-doctor",
            issued: now,
        };
        identity_token(&settings.private()?, config.auth_key_id.as_deref()?, claims)
    });
    let verified = match &identity {
        Some(identity) => {
            let identity = Some(identity);
            Some(
                request_token(
                    &service,
                    TokenRequest {
                        identity,
                        ..request
                    },
                    now,
                )
                .await?,
            )
        }
        None => None,
    };
    Ok(Some(Tokens {
        anonymous,
        verified,
    }))
}
