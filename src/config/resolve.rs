//! From the file's values to those of one org: layers merged, references followed, defaults last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::{self, Required};
use super::external_client_app::{AppLayers, DEFAULT_NAME};
use super::file::{ConfigFile, Emulator, Org};
use super::layer::Layers;
use super::names::collisions;
use super::problem::{Findings, Problem};
use super::reference::Reference;
use super::setting::Setting;
use super::source::Span;
use super::value::Word;
use super::webhook::WebhookUrl;
use super::{
    Auth, CaseFilter, CaseTrigger, CredentialModel, DEFAULT_API_VERSION, ExternalClientApp,
    Integration, References, SecretRef, Secrets, Sender, Target,
};

/// What is needed to follow references, and what went wrong on the way.
pub(super) struct Resolver<'a> {
    pub folder: &'a Path,
    pub references: &'a dyn References,
    pub secrets: Secrets,
    pub findings: Findings,
}

/// There is no value; the findings say why. Values are read before the first of these ends the
/// work, so that all findings come at once.
#[derive(Debug)]
pub(super) struct Reported;

impl Resolver<'_> {
    /// One org with everything that belongs into it.
    pub fn target(&mut self, file: &ConfigFile, org: &Org) -> Result<Target, Reported> {
        let auth = match &org.block.emulator.0 {
            Some(emulator) => self.emulator(emulator, &org.name),
            None => self.auth(org),
        };
        let org_id = self.value(&format!("orgs.{}.org_id", org.name), &org.block.org_id);
        let integration = self.integration(file, Some(org));
        Ok(Target {
            name: org.name.clone(),
            auth: auth?,
            org_id: org_id?,
            production: org.block.production.unwrap_or_default(),
            integration: integration?,
        })
    }

    fn auth(&mut self, org: &Org) -> Result<Auth, Reported> {
        self.value(&format!("orgs.{}.auth", org.name), &org.block.auth)
            .map(|_| Auth::Environment)
    }

    fn emulator(&mut self, emulator: &Emulator, org: &str) -> Result<Auth, Reported> {
        let state = self.value(&format!("orgs.{org}.emulator.state"), &emulator.state)?;
        let by_default = || PathBuf::from(".opencx/emulator").join(org);
        let state = state.map_or_else(by_default, |path| path.0);
        Ok(Auth::Emulator {
            state: self.folder.join(state),
        })
    }

    /// What belongs into an org, or what the top level alone says.
    pub fn integration(
        &mut self,
        file: &ConfigFile,
        org: Option<&Org>,
    ) -> Result<Integration, Reported> {
        let layers = Layers::new(&file.email_cases, org.map(|org| &org.block.email_cases));
        let emulator = org.is_some_and(|org| org.block.emulator.0.is_some());
        let api_version = self.value("salesforce.api_version", &file.salesforce.api_version);
        let templates = self.value("templates", &file.templates);
        let webhook_url = self.webhook(layers.pick(|cases| &cases.webhook_url).0, emulator);
        let reply_to = layers.pick(|cases| &cases.reply_to).0;
        let reply_to = self.required(&check::REPLY_TO, reply_to);
        let case_filter = layers.pick(|cases| &cases.case_filter).0;
        let case_filter = self.value("email_cases.case_filter", case_filter);
        let sender = self.sender(layers);
        let named_credential = layers.pick(|cases| &cases.named_credential).0;
        let named_credential = self.value("email_cases.named_credential", named_credential);
        let case_trigger = layers.pick(|cases| &cases.case_trigger).0;
        let case_trigger = self.value("email_cases.case_trigger", case_trigger);
        let app = AppLayers::new(file, org).map(|app| self.external_client_app(app, org));
        let names = self.names(layers, org);
        Ok(Integration {
            api_version: api_version?.unwrap_or(DEFAULT_API_VERSION),
            webhook_url: webhook_url?,
            reply_to: reply_to?.0,
            case_filter: case_filter?.unwrap_or(CaseFilter::DEFAULT),
            sender: sender?,
            named_credential: named_credential?.unwrap_or(CredentialModel::DEFAULT),
            case_trigger: case_trigger?.unwrap_or(CaseTrigger::DEFAULT),
            external_client_app: app.transpose()?,
            names: names?,
            templates: templates?.map(|path| self.folder.join(path.0)),
        })
    }

    fn webhook(
        &mut self,
        setting: &Setting<WebhookUrl>,
        emulator: bool,
    ) -> Result<SecretRef, Reported> {
        let env = match setting.reference() {
            Some(Reference::Env(name)) => Some(name.clone()),
            _ => None,
        };
        if setting.reference().is_some() && self.secrets == Secrets::Unresolved {
            return Ok(SecretRef { env, value: None });
        }
        let url = self.required(&check::WEBHOOK_URL, setting)?;
        if url.loopback && !emulator {
            let problem = Problem::Value {
                key: check::WEBHOOK_URL.key.to_owned(),
                error: WebhookUrl::NOT_HTTPS,
                from: setting.reference().cloned(),
            };
            return Err(self.report(setting.span(), problem));
        }
        Ok(SecretRef {
            env,
            value: Some(url.secret),
        })
    }

    fn external_client_app(
        &mut self,
        app: AppLayers<'_>,
        org: Option<&Org>,
    ) -> Result<ExternalClientApp, Reported> {
        let name = self.value("external_client_app.name", app.pick(|app| &app.name).0);
        let label = self.value("external_client_app.label", app.pick(|app| &app.label).0);
        let key = "external_client_app.contact_email";
        let contact_email = self.value(key, app.pick(|app| &app.contact_email).0);
        let (name, label, contact_email) = (name?, label?, contact_email?);
        let name = name.map_or_else(|| DEFAULT_NAME.to_owned(), |name| name.0);
        let (Some(contact_email), Some((require_pkce, _))) = (contact_email, app.require_pkce())
        else {
            for problem in app.missing(org.map(|org| org.name.as_str())) {
                self.report(Span::default(), problem);
            }
            return Err(Reported);
        };
        Ok(ExternalClientApp {
            label: label.map_or_else(|| name.clone(), |label| label.0),
            name,
            contact_email: contact_email.0,
            require_pkce,
        })
    }

    fn sender(&mut self, layers: Layers<'_>) -> Result<Sender, Reported> {
        let sender = layers.sender().0;
        let key = check::SENDER.key;
        if sender.org_wide_address.is_present() {
            let key = format!("{key}.org_wide_address");
            let address = self.value(&key, &sender.org_wide_address)?;
            return address
                .map(|address| Sender::OrgWideAddress(address.0))
                .ok_or(Reported);
        }
        match self.value(&format!("{key}.display_name"), &sender.display_name)? {
            Some(name) => Ok(Sender::DisplayName(name.0)),
            None => Err(self.report(Span::default(), check::SENDER.missing(Vec::new()))),
        }
    }

    /// The renamed components; a name that stays as it is shipped is not renamed.
    fn names(
        &mut self,
        layers: Layers<'_>,
        org: Option<&Org>,
    ) -> Result<BTreeMap<String, String>, Reported> {
        let mut renamed: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut outcome = Ok(());
        let mut places = BTreeMap::new();
        for (shipped, setting, _) in layers.names() {
            match self.value(&format!("email_cases.names.{shipped}"), setting) {
                Ok(Some(name)) if name.0 != shipped => {
                    renamed.insert(shipped, name.0);
                    places.insert(shipped, setting.span());
                }
                Ok(_) => {}
                Err(reported) => outcome = Err(reported),
            }
        }
        let names = renamed
            .iter()
            .map(|(shipped, name)| (*shipped, name.as_str()));
        for collision in collisions(&names.collect()) {
            let place = places.get(collision.second).or(places.get(collision.first));
            let problem = collision.problem(org.map(|org| &org.name));
            outcome = Err(self.report(place.copied().unwrap_or_default(), problem));
        }
        let names = renamed.into_iter();
        outcome.map(|()| {
            names
                .map(|(shipped, name)| (shipped.to_owned(), name))
                .collect()
        })
    }

    /// The value of a setting, if there is one.
    fn value<T: Word>(&mut self, key: &str, setting: &Setting<T>) -> Result<Option<T>, Reported> {
        let (reference, span) = match setting {
            Setting::Absent => return Ok(None),
            Setting::Refused => return Err(Reported),
            Setting::Literal(value, _) => return Ok(Some(value.clone())),
            Setting::Reference(reference, span) => (reference, *span),
        };
        let text = reference.resolve(key, self.references);
        let value = text.and_then(|text| {
            T::read(&text).map_err(|error| Problem::Value {
                key: key.to_owned(),
                error,
                from: Some(reference.clone()),
            })
        });
        value
            .map(Some)
            .map_err(|problem| self.report(span, problem))
    }

    /// A value that must be there. An org's was found to be when the file was read; the top level
    /// alone need not be complete.
    fn required<T: Word>(
        &mut self,
        required: &Required,
        setting: &Setting<T>,
    ) -> Result<T, Reported> {
        match self.value(required.key, setting)? {
            Some(value) => Ok(value),
            None => Err(self.report(Span::default(), required.missing(Vec::new()))),
        }
    }

    fn report(&mut self, span: Span, problem: Problem) -> Reported {
        self.findings.add(span, problem);
        Reported
    }
}
