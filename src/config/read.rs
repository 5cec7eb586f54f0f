//! From the tree to the types of the file. A key exists because it is asked for here, so the list
//! of known keys cannot differ from what is read.

use super::SHIPPED_NAMES;
use super::file::{
    ConfigFile, EmailCases, Emulator, EmulatorSetting, ExternalClientApp, ExternalClientAppSetting,
    FormatVersion, Names, Org, OrgBlock, Orgs, Outbound, Salesforce, Sender,
};
use super::names::ComponentName;
use super::problem::{Findings, Problem, shown};
use super::reference::{Reference, Text};
use super::section::Section;
use super::setting::Setting;
use super::source::Span;
use super::value::{AuthKind, ValueError};
use super::webhook::WebhookUrl;
use super::yaml::{Entry, Node, Value};

/// The one key whose value is a secret.
pub(super) const SECRET_KEY: &str = "webhook_url";

/// Reads the whole file.
pub(super) fn config_file(root: &Node, findings: &mut Findings) -> ConfigFile {
    let mut section = Section::open(String::new(), root, findings);
    let file = ConfigFile {
        version: version(&mut section),
        templates: section.setting("templates"),
        salesforce: section.section("salesforce", salesforce),
        email_cases: section.section("email_cases", |s| email_cases(s, false)),
        external_client_app: external_client_app(&mut section),
        orgs: section.section("orgs", orgs),
    };
    section.close();
    file
}

fn version(section: &mut Section<'_, '_>) -> FormatVersion {
    let Some(entry) = section.entry("version") else {
        if section.is_broken() {
            return FormatVersion;
        }
        let problem = Problem::MissingKey {
            key: "version",
            orgs: Vec::new(),
            example: "version: 1",
        };
        section.report(Span::default(), problem);
        return FormatVersion;
    };
    match &entry.node.value {
        Value::Scalar { text, plain: true } if text == "1" => {}
        Value::Scalar { text, plain: true } if entry.node.kind() == "a number" => {
            let error = ValueError::Format(text.clone());
            section.refuse(entry, error);
        }
        _ => section.wrong_type(entry, "the number 1", Some("`version: 1`".to_owned())),
    }
    FormatVersion
}

fn salesforce(mut section: Section<'_, '_>) -> Salesforce {
    let salesforce = Salesforce {
        api_version: section.setting("api_version"),
    };
    section.close();
    salesforce
}

/// `inline` says whether a secret may stand in the file.
fn email_cases(mut section: Section<'_, '_>, inline: bool) -> EmailCases {
    let email_cases = EmailCases {
        webhook_url: webhook_url(&mut section, inline),
        reply_to: section.setting("reply_to"),
        case_filter: section.setting("case_filter"),
        named_credential: section.setting("named_credential"),
        case_trigger: section.setting("case_trigger"),
        outbound: section.section("outbound", |mut section| {
            let outbound = Outbound {
                sender: section.section("sender", sender),
            };
            section.close();
            outbound
        }),
        names: section.section("names", names),
    };
    section.close();
    email_cases
}

fn external_client_app(section: &mut Section<'_, '_>) -> ExternalClientAppSetting {
    let Some(entry) = section.entry("external_client_app") else {
        return ExternalClientAppSetting(None);
    };
    let app = section.below(entry, |mut section| {
        let require_pkce = section.boolean("require_pkce");
        let app = ExternalClientApp {
            contact_email: section.setting("contact_email"),
            require_pkce,
            label: section.setting("label"),
            name: section.setting("name"),
            place: entry.key_span,
            refused_pkce: require_pkce.is_none()
                && (section.is_broken() || section.entry("require_pkce").is_some()),
        };
        section.close();
        app
    });
    ExternalClientAppSetting(Some(app))
}

fn webhook_url(section: &mut Section<'_, '_>, inline: bool) -> Setting<WebhookUrl> {
    if !inline
        && let Some(entry) = section.entry(SECRET_KEY)
        && matches!(&entry.node.value, Value::Scalar { text, .. }
            if Reference::read(text) == Text::Plain && !entry.node.is_null())
    {
        let key = section.path_of(SECRET_KEY);
        section.report(entry.node.span, Problem::InlineSecret { key });
        return Setting::Refused;
    }
    section.setting(SECRET_KEY)
}

fn sender(mut section: Section<'_, '_>) -> Sender {
    let sender = Sender {
        display_name: section.setting("display_name"),
        org_wide_address: section.setting("org_wide_address"),
    };
    if sender.display_name.is_present()
        && let Some(second) = section.entry("org_wide_address")
    {
        section.report(second.key_span, Problem::TwoSenders);
    }
    section.close();
    sender
}

fn names(mut section: Section<'_, '_>) -> Names {
    let names = SHIPPED_NAMES.iter().filter_map(|&(shipped, _)| {
        let name: Setting<ComponentName> = section.setting(shipped);
        name.is_present().then_some((shipped, name))
    });
    let names = Names(names.collect());
    section.close();
    names
}

fn orgs(mut section: Section<'_, '_>) -> Orgs {
    let mut orgs: Vec<Org> = Vec::new();
    for entry in section.all() {
        // The same for a good name; a bad one goes no further than into findings.
        let name = shown(&entry.key);
        if !is_org_name(&entry.key) {
            section.report(entry.key_span, Problem::OrgName(name.clone()));
        }
        // Names are folders of emulator states, and not every file system tells case apart.
        if let Some(first) = orgs.iter().find(|org| org.name.eq_ignore_ascii_case(&name)) {
            let problem = Problem::SimilarOrgNames(first.name.clone(), name.clone());
            section.report(entry.key_span, problem);
        }
        let block = section.below(entry, |section| org_block(section, entry));
        orgs.push(Org { name, block });
    }
    Orgs(orgs)
}

fn is_org_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn org_block(mut section: Section<'_, '_>, org: &Entry) -> OrgBlock {
    let name = || shown(&org.key);
    let auth = auth(&mut section);
    let emulator = section.entry("emulator").map(|entry| {
        section.below(entry, |mut section| {
            let emulator = Emulator {
                state: section.setting("state"),
            };
            section.close();
            emulator
        })
    });
    if emulator.is_none() && !auth.is_present() {
        section.report(org.key_span, Problem::NoAccess(name()));
    }
    if auth.is_present()
        && let Some(entry) = section.entry("emulator")
    {
        section.report(entry.key_span, Problem::TwoAccesses(name()));
    }
    let production = section.boolean("production");
    if production == Some(true)
        && emulator.is_some()
        && let Some(entry) = section.entry("production")
    {
        section.report(entry.key_span, Problem::ProductionEmulator(name()));
    }
    let inline = emulator.is_some();
    let block = OrgBlock {
        auth,
        emulator: EmulatorSetting(emulator),
        org_id: section.setting("org_id"),
        production,
        email_cases: section.section("email_cases", |s| email_cases(s, inline)),
        external_client_app: external_client_app(&mut section),
    };
    section.close();
    block
}

/// Other ways to authenticate will be sections, so a section is named by its first key.
fn auth(section: &mut Section<'_, '_>) -> Setting<AuthKind> {
    if let Some(entry) = section.entry("auth")
        && let Some(kind) = entry.node.entries().first()
    {
        section.refuse(entry, ValueError::Auth(kind.key.clone()));
        return Setting::Refused;
    }
    section.setting("auth")
}

/// The values that must not be shown, wherever they are: whatever stands under a secret's key, but
/// for whole references.
pub(super) fn secrets(node: &Node) -> Vec<Span> {
    let mut found = Vec::new();
    for entry in node.entries() {
        if entry.key == SECRET_KEY && !is_reference(&entry.node) {
            // An anchor stands before its value, and an alias' value somewhere else.
            found.push(Span {
                start: entry.key_span.end,
                end: entry.node.span.start,
            });
            found.push(entry.node.span);
        }
        found.extend(secrets(&entry.node));
    }
    found
}

fn is_reference(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar { text, .. }
        if matches!(Reference::read(text), Text::Reference(_)))
}
