//! From the file's values to those of one org: layers merged, references followed, defaults last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::address::MailAddress;
use super::announce::{EventNamesSection, RepRepliesSection, Webhook};
use super::check;
use super::conflict::Chosen;
use super::file::{
    Attachments as AttachmentsSection, ConfigFile, DriftSection, EmailCases, Emulator,
    ExternalClientApp as AppSection, OnlyWhen as OnlyWhenSection, Org, Outbound as OutboundSection,
    Salesforce, Sender as SenderSection,
};
use super::layer::{Found, Layers};
use super::names::{Names, collisions};
use super::option::{Absent, Key, Missing, Part};
use super::outbound::DeliveryKind;
use super::problem::{Findings, Problem};
use super::reference::Reference;
use super::setting::Setting;
use super::source::Span;
use super::value::Word;
use super::webhook::WebhookUrl;
use super::{
    Announcements, Attachments, Auth, Delivery, EventNames, ExternalClientApp, Integration,
    OnlyWhen, Outbound, References, RepReplies, SecretRef, Secrets, Sender, Target,
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
        let auth = self.reach(org);
        let org_id = self.value(&format!("orgs.{}.org_id", org.name), &org.block.org_id);
        let user = format!("orgs.{}.integration_user", org.name);
        let integration_user = self.value(&user, &org.block.integration_user);
        let integration = self.integration(file, Some(org));
        Ok(Target {
            name: org.name.clone(),
            auth: auth?,
            org_id: org_id?,
            integration_user: integration_user?.map(|user| user.0),
            production: org.block.production.unwrap_or_default(),
            integration: integration?,
        })
    }

    pub(super) fn emulator(&mut self, emulator: &Emulator, org: &str) -> Result<Auth, Reported> {
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
        let cases = check::email_cases(file, org);
        let emulator = org.is_some_and(|org| org.block.emulator.0.is_some());
        let salesforce = Layers::new("salesforce", Some(&file.salesforce), None);
        let api_version = self.get(&salesforce, &Salesforce::api_version());
        let templates = self.value("templates", &file.templates);
        let webhook_url = self.webhook(&cases, emulator);
        let reply_to = self.get(&cases, &EmailCases::reply_to());
        let case_filter = self.get(&cases, &EmailCases::case_filter());
        let outbound = cases.section(&EmailCases::outbound());
        let sender = self.sender(&outbound);
        let announcements = self.announcements(&cases);
        let named_credential = self.get(&cases, &EmailCases::named_credential());
        let case_trigger = self.get(&cases, &EmailCases::case_trigger());
        let app = check::external_client_app(file, org);
        let app = app.map(|app| self.external_client_app(&app));
        let live_messaging = self.live_messaging(file, org);
        let outbound = self.outbound(&outbound);
        let runtime_settings = self.get(&cases, &EmailCases::runtime_settings());
        let drift = Layers::new("drift", Some(&file.drift), None);
        let drift_reader = self.get(&drift, &DriftSection::reader_permission_set());
        let names = self.names(&cases.below(&EmailCases::names()), org);
        let test_case_fields = cases.below(&EmailCases::test_case_fields());
        Ok(Integration {
            api_version: api_version?,
            webhook_url: webhook_url?,
            reply_to: reply_to?.0,
            case_filter: case_filter?,
            sender: sender?,
            announcements: announcements?,
            test_case_fields: test_case_fields
                .fields()
                .into_iter()
                .map(|(field, (value, _))| (field.clone(), value.clone()))
                .collect(),
            named_credential: named_credential?,
            case_trigger: case_trigger?,
            external_client_app: app.transpose()?,
            live_messaging: live_messaging?,
            outbound: outbound?,
            runtime_settings: runtime_settings?,
            drift_reader: drift_reader?,
            names: names?,
            templates: templates?.map(|path| self.folder.join(path.0)),
        })
    }

    fn webhook(
        &mut self,
        cases: &Layers<'_, EmailCases>,
        emulator: bool,
    ) -> Result<SecretRef, Reported> {
        let key = EmailCases::webhook_url();
        let Found { path, setting, .. } = cases.setting(&key);
        let env = match setting.reference() {
            Some(Reference::Env(name)) => Some(name.clone()),
            _ => None,
        };
        if setting.reference().is_some() && self.secrets == Secrets::Unresolved {
            return Ok(SecretRef { env, value: None });
        }
        let url = self.get(cases, &key)?;
        if url.loopback && !emulator {
            let problem = Problem::Value {
                key: path,
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

    fn announcements(&mut self, cases: &Layers<'_, EmailCases>) -> Result<Announcements, Reported> {
        let webhook = cases.section(&EmailCases::webhook());
        let context = self.get(&webhook, &Webhook::async_context());
        let user = self.get(&webhook, &Webhook::event_user());
        let names = webhook.section(&Webhook::event_names());
        let case_created = self.get(&names, &EventNamesSection::case_created());
        let case_updated = self.get(&names, &EventNamesSection::case_updated());
        let case_closed = self.get(&names, &EventNamesSection::case_closed());
        let email_sent = self.get(&names, &EventNamesSection::email_sent());
        let comment_created = self.get(&names, &EventNamesSection::comment_created());
        let replies = cases.section(&EmailCases::rep_replies());
        let emails = self.get(&replies, &RepRepliesSection::emails());
        let comments = self.get(&replies, &RepRepliesSection::comments());
        let case_changes = self.get(&replies, &RepRepliesSection::case_changes());
        let include_text = self.get(&replies, &RepRepliesSection::include_text());
        Ok(Announcements {
            async_context: context?,
            event_user: user?.map(|user| user.0),
            event_names: EventNames {
                case_created: case_created?.0,
                case_updated: case_updated?.0,
                case_closed: case_closed?.0,
                email_sent: email_sent?.0,
                comment_created: comment_created?.0,
            },
            rep_replies: RepReplies {
                emails: emails?,
                comments: comments?,
                case_changes: case_changes?,
                include_text: include_text?,
            },
        })
    }

    fn external_client_app(
        &mut self,
        app: &Layers<'_, AppSection>,
    ) -> Result<ExternalClientApp, Reported> {
        let name = self.get(app, &AppSection::name());
        let label = self.get(app, &AppSection::label());
        let contact_email = self.get(app, &AppSection::contact_email());
        let require_pkce = self.get(app, &AppSection::require_pkce());
        let name = name?.0;
        Ok(ExternalClientApp {
            label: label?.map_or_else(|| name.clone(), |label| label.0),
            name,
            contact_email: contact_email?.0,
            require_pkce: require_pkce?,
        })
    }

    fn sender(&mut self, outbound: &Layers<'_, OutboundSection>) -> Result<Sender, Reported> {
        let key = OutboundSection::sender();
        let sender = outbound.section(&key);
        let address = self.get(&sender, &SenderSection::org_wide_address())?;
        let name = self.get(&sender, &SenderSection::display_name())?;
        if let Some(sender) = address
            .map(|address| Sender::OrgWideAddress(address.0))
            .or(name.map(|name| Sender::DisplayName(name.0)))
        {
            return Ok(sender);
        }
        let mut missing = Vec::new();
        Part::missing(outbound, &key, &mut missing);
        for missing in missing {
            self.report(Span::default(), missing.problem(Vec::new()));
        }
        Err(Reported)
    }

    fn outbound(&mut self, section: &Layers<'_, OutboundSection>) -> Result<Outbound, Reported> {
        let on_failure = self.get(section, &OutboundSection::on_failure());
        let delivery = self.get(section, &OutboundSection::delivery());
        let region = self.get(section, &OutboundSection::region());
        let from_address = self.get(section, &OutboundSection::from_address());
        let domain = self.get(section, &OutboundSection::mailgun_domain());
        let attachments = self.attachments(&section.section(&OutboundSection::attachments()));
        let fallback = self.get(section, &OutboundSection::recipients_fallback());
        let only_when = section.section(&OutboundSection::only_when());
        let field = self.get(&only_when, &OnlyWhenSection::field());
        let equals = self.get(&only_when, &OnlyWhenSection::equals());

        let attachments = attachments?;
        let chosen = Chosen {
            on_failure: on_failure?,
            delivery: delivery?,
            attachments: attachments.is_some(),
            region: region?,
        };
        // Those of values in the file itself were found when it was read.
        if let Some((span, conflict)) = chosen.conflicts(section).into_iter().next() {
            return Err(self.report(span, Problem::Conflict(conflict)));
        }
        let delivery = match (chosen.delivery, from_address?) {
            (DeliveryKind::Provider(provider), Some(MailAddress(from_address))) => {
                let own = from_address.rsplit('@').next().unwrap_or_default();
                let domain = domain?.map_or_else(|| own.to_owned(), |domain| domain.0);
                Delivery::Provider {
                    provider,
                    url: provider.url(chosen.region, &domain),
                    from_address,
                }
            }
            _ => Delivery::Salesforce,
        };
        let condition = field?.zip(equals?);
        Ok(Outbound {
            on_failure: chosen.on_failure,
            delivery,
            attachments,
            recipients_fallback: fallback?,
            only_when: condition.map(|(field, equals)| OnlyWhen {
                field: field.0,
                equals: equals.0,
            }),
        })
    }

    fn attachments(
        &mut self,
        section: &Layers<'_, AttachmentsSection>,
    ) -> Result<Option<Attachments>, Reported> {
        let enabled = self.get(section, &AttachmentsSection::enabled());
        let minutes = self.get(section, &AttachmentsSection::delay_minutes());
        let megabytes = self.get(section, &AttachmentsSection::max_megabytes());
        let attachments = Attachments {
            delay_minutes: minutes?.0,
            max_megabytes: megabytes?.0,
        };
        Ok(enabled?.then_some(attachments))
    }

    /// The renamed components; a name that stays as it is shipped is not renamed.
    fn names(
        &mut self,
        layers: &Layers<'_, Names>,
        org: Option<&Org>,
    ) -> Result<BTreeMap<String, String>, Reported> {
        let mut renamed: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut outcome = Ok(());
        let mut places = BTreeMap::new();
        for (shipped, setting, _) in layers.renamed() {
            match self.value(&layers.path_of(shipped), setting) {
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

    /// What an option comes to. One that is missing was found to be when the file was read, but
    /// that the top level alone need not be complete.
    pub(super) fn get<S, W: Word, T>(
        &mut self,
        layers: &Layers<'_, S>,
        key: &Key<S, Setting<W>, T>,
    ) -> Result<T, Reported> {
        let Found { path, setting, .. } = layers.setting(key);
        if let Some(value) = self.value(&path, setting)? {
            return Ok((key.given)(value));
        }
        match key.absent {
            Absent::Nothing(nothing) => Ok(nothing()),
            Absent::Default(default) => Ok((key.given)(default())),
            Absent::Missing(example) => {
                let missing = Missing { key: path, example };
                Err(self.report(Span::default(), missing.problem(Vec::new())))
            }
        }
    }

    /// The value of a setting, if there is one.
    pub(super) fn value<T: Word>(
        &mut self,
        key: &str,
        setting: &Setting<T>,
    ) -> Result<Option<T>, Reported> {
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

    pub(super) fn report(&mut self, span: Span, problem: Problem) -> Reported {
        self.findings.add(span, problem);
        Reported
    }
}
