//! The Metadata API's words: types, full names, components, versions and ids. No behaviour beyond
//! parsing and showing them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// XML namespace of every metadata file and SOAP call.
pub const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Something that is not a word of the Metadata API.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not a metadata type that this tool handles.
    #[error("`{0}` is not a metadata type that opencx-sf handles")]
    UnknownType(String),
    /// Not `Type:FullName`.
    #[error(
        "`{0}` is not a component: expected `Type:FullName`, for example `ApexTrigger:CaseTrigger`"
    )]
    NotAComponent(String),
    /// Not `NN.0`.
    #[error("`{0}` is not an API version: expected a form like `66.0`")]
    NotAVersion(String),
    /// Not a 15- or 18-character id.
    #[error(
        "`{0}` is not an organisation id: expected 15 or 18 letters and digits starting with `00D`"
    )]
    NotAnOrgId(String),
}

/// The metadata types that the integration is made of, in the order in which they are listed to
/// people: what others depend on first. The last six are live messaging's, which is only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetadataType {
    /// An object of ours: a platform event, `OpenCX_Case_Event__e`, or a custom metadata type,
    /// `OpenCX_Setting__mdt`.
    CustomObject,
    /// A field of a standard or custom object; `Case.Case_From__c`.
    CustomField,
    /// A record of a custom metadata type, `OpenCX_Setting.Default`: the type without its ending, and
    /// the record.
    CustomMetadata,
    /// A permission that Apex can ask for by name.
    CustomPermission,
    /// How a Named Credential of the newer model authenticates.
    ExternalCredential,
    /// Where `callout:` goes.
    NamedCredential,
    /// A set of permissions for users.
    PermissionSet,
    /// An Apex class, test or not.
    ApexClass,
    /// An Apex trigger.
    ApexTrigger,
    /// As whom, and for how many events at once, a trigger on platform events runs.
    PlatformEventSubscriberConfig,
    /// An app of somebody else's that connects to the org: the head to which the next four belong.
    ExternalClientApplication,
    /// What holds for an External Client App in every org: callback URL, PKCE, secrets.
    ExtlClntAppGlobalOauthSettings,
    /// What an External Client App asks for: its OAuth scopes.
    ExtlClntAppOauthSettings,
    /// What the administrator of an org allows an External Client App, for OAuth.
    ExtlClntAppOauthConfigurablePolicies,
    /// What the administrator of an org allows an External Client App.
    ExtlClntAppConfigurablePolicies,
    /// A queue that people take work from.
    Queue,
    /// A flow; here one that routes conversations.
    Flow,
    /// A public key, as a JSON Web Key, by which an org checks who a customer is.
    PublicKeyCertificate,
    /// A keyset: such keys, and who signs with them.
    PublicKeyCertificateSet,
    /// Where conversations come in, and where they go.
    MessagingChannel,
    /// A deployment of Embedded Service: what a client on the web or of somebody else connects to.
    EmbeddedServiceConfig,
}

impl MetadataType {
    /// Every type, in order.
    pub const ALL: [Self; 21] = [
        Self::CustomObject,
        Self::CustomField,
        Self::CustomMetadata,
        Self::CustomPermission,
        Self::ExternalCredential,
        Self::NamedCredential,
        Self::PermissionSet,
        Self::ApexClass,
        Self::ApexTrigger,
        Self::PlatformEventSubscriberConfig,
        Self::ExternalClientApplication,
        Self::ExtlClntAppGlobalOauthSettings,
        Self::ExtlClntAppOauthSettings,
        Self::ExtlClntAppOauthConfigurablePolicies,
        Self::ExtlClntAppConfigurablePolicies,
        Self::Queue,
        Self::Flow,
        Self::PublicKeyCertificate,
        Self::PublicKeyCertificateSet,
        Self::MessagingChannel,
        Self::EmbeddedServiceConfig,
    ];

    /// The name in `package.xml`, which is the root element of the type's own file too.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomObject => "CustomObject",
            Self::CustomField => "CustomField",
            Self::CustomMetadata => "CustomMetadata",
            Self::CustomPermission => "CustomPermission",
            Self::ExternalCredential => "ExternalCredential",
            Self::NamedCredential => "NamedCredential",
            Self::PermissionSet => "PermissionSet",
            Self::ApexClass => "ApexClass",
            Self::ApexTrigger => "ApexTrigger",
            Self::PlatformEventSubscriberConfig => "PlatformEventSubscriberConfig",
            Self::ExternalClientApplication => "ExternalClientApplication",
            Self::ExtlClntAppGlobalOauthSettings => "ExtlClntAppGlobalOauthSettings",
            Self::ExtlClntAppOauthSettings => "ExtlClntAppOauthSettings",
            Self::ExtlClntAppOauthConfigurablePolicies => "ExtlClntAppOauthConfigurablePolicies",
            Self::ExtlClntAppConfigurablePolicies => "ExtlClntAppConfigurablePolicies",
            Self::Queue => "Queue",
            Self::Flow => "Flow",
            Self::PublicKeyCertificate => "PublicKeyCertificate",
            Self::PublicKeyCertificateSet => "PublicKeyCertificateSet",
            Self::MessagingChannel => "MessagingChannel",
            Self::EmbeddedServiceConfig => "EmbeddedServiceConfig",
        }
    }

    /// The folder in a package of metadata format.
    pub fn folder(self) -> &'static str {
        match self {
            Self::CustomObject | Self::CustomField => "objects",
            Self::CustomMetadata => "customMetadata",
            Self::CustomPermission => "customPermissions",
            Self::ExternalCredential => "externalCredentials",
            Self::NamedCredential => "namedCredentials",
            Self::PermissionSet => "permissionsets",
            Self::ApexClass => "classes",
            Self::ApexTrigger => "triggers",
            Self::PlatformEventSubscriberConfig => "PlatformEventSubscriberConfigs",
            // These folders don't follow from the names of their types.
            Self::ExternalClientApplication => "externalClientApps",
            Self::ExtlClntAppGlobalOauthSettings => "extlClntAppGlobalOauthSets",
            Self::ExtlClntAppOauthSettings => "extlClntAppOauthSettings",
            Self::ExtlClntAppOauthConfigurablePolicies => "extlClntAppOauthPolicies",
            Self::ExtlClntAppConfigurablePolicies => "extlClntAppPolicies",
            Self::Queue => "queues",
            Self::Flow => "flows",
            Self::PublicKeyCertificate => "PublicKeyCertificate",
            Self::PublicKeyCertificateSet => "PublicKeyCertificateSet",
            Self::MessagingChannel => "messagingChannels",
            Self::EmbeddedServiceConfig => "EmbeddedServiceConfig",
        }
    }

    /// The file suffix in metadata format, without a dot. For `CustomField` it is that of the
    /// object whose file the field lives in.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::CustomObject | Self::CustomField => "object",
            Self::CustomMetadata => "md",
            Self::CustomPermission => "customPermission",
            Self::ExternalCredential => "externalCredential",
            Self::NamedCredential => "namedCredential",
            Self::PermissionSet => "permissionset",
            Self::ApexClass => "cls",
            Self::ApexTrigger => "trigger",
            Self::PlatformEventSubscriberConfig => "platformEventSubscriberConfig",
            Self::ExternalClientApplication => "eca",
            Self::ExtlClntAppGlobalOauthSettings => "ecaGlblOauth",
            Self::ExtlClntAppOauthSettings => "ecaOauth",
            Self::ExtlClntAppOauthConfigurablePolicies => "ecaOauthPlcy",
            Self::ExtlClntAppConfigurablePolicies => "ecaPlcy",
            Self::Queue => "queue",
            Self::Flow => "flow",
            Self::PublicKeyCertificate => "PublicKeyCertificate",
            Self::PublicKeyCertificateSet => "PublicKeyCertificateSet",
            Self::MessagingChannel => "messagingChannel",
            Self::EmbeddedServiceConfig => "EmbeddedServiceConfig",
        }
    }

    /// Whether this is a part of an External Client App, named in `externalClientApplication`.
    pub fn belongs_to_app(self) -> bool {
        matches!(
            self,
            Self::ExtlClntAppGlobalOauthSettings
                | Self::ExtlClntAppOauthSettings
                | Self::ExtlClntAppOauthConfigurablePolicies
                | Self::ExtlClntAppConfigurablePolicies
        )
    }

    /// Whether what stands in a component belongs to an administrator as soon as the org has it:
    /// it is made once, and never written over.
    pub fn is_the_administrators(self) -> bool {
        self == Self::CustomMetadata
    }

    /// Whether a component is a code file with a `-meta.xml` beside it.
    pub fn has_source(self) -> bool {
        matches!(self, Self::ApexClass | Self::ApexTrigger)
    }
}

impl fmt::Display for MetadataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MetadataType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::UnknownType(text.to_owned()))
    }
}

impl Serialize for MetadataType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The name of a component within its type. Salesforce compares them without regard to case, and
/// so do `==`, ordering and hashing here; it prints as it was given.
#[derive(Debug, Clone)]
pub struct FullName(String);

impl FullName {
    /// Takes a name as it is.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for FullName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FullName {}

impl Hash for FullName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl Ord for FullName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0
            .to_ascii_lowercase()
            .cmp(&other.0.to_ascii_lowercase())
    }
}

impl PartialOrd for FullName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What identifies a component in an org: `ApexTrigger:CaseTrigger`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId {
    /// Its type.
    pub kind: MetadataType,
    /// Its name within the type.
    pub full_name: FullName,
}

impl ComponentId {
    /// The component of that type and name.
    pub fn new(kind: MetadataType, full_name: impl Into<String>) -> Self {
        Self {
            kind,
            full_name: FullName::new(full_name),
        }
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.full_name)
    }
}

impl FromStr for ComponentId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (kind, name) = text
            .split_once(':')
            .ok_or_else(|| Error::NotAComponent(text.to_owned()))?;
        if name.is_empty() {
            return Err(Error::NotAComponent(text.to_owned()));
        }
        Ok(Self::new(kind.parse()?, name))
    }
}

impl Serialize for ComponentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One component with its content.
///
/// `xml` is a whole document whose root element is the type: the `-meta.xml` of Apex, the file
/// itself for the others, and for a `CustomField` the file of source format (in metadata format
/// the field is a `<fields>` element of its object's file; `package` converts).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Which component.
    pub id: ComponentId,
    /// The Apex code, for types that have any.
    pub source: Option<String>,
    /// The metadata XML, UTF-8, with LF line ends.
    pub xml: String,
}

/// An API version, `66.0`. Compares as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// The version with that major number; Salesforce has no minor ones.
    pub const fn new(major: u16) -> Self {
        Self(major)
    }

    /// `66` of `66.0`.
    pub fn major(self) -> u16 {
        self.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

impl FromStr for ApiVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let major = text.strip_suffix(".0").unwrap_or_default();
        match major.parse() {
            Ok(number) if !major.starts_with(['+', '0']) => Ok(Self(number)),
            _ => Err(Error::NotAVersion(text.to_owned())),
        }
    }
}

impl Serialize for ApiVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The id of an org. 15 or 18 characters name the same org: the last three are a checksum, so
/// comparison looks at the first 15, with case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgId(String);

impl OrgId {
    /// As given, 15 or 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for OrgId {
    fn eq(&self, other: &Self) -> bool {
        self.0.get(..15) == other.0.get(..15)
    }
}

impl Eq for OrgId {}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrgId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = matches!(text.len(), 15 | 18)
            && text.starts_with("00D")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::NotAnOrgId(text.to_owned()))
        }
    }
}

impl TryFrom<String> for OrgId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<OrgId> for String {
    fn from(id: OrgId) -> Self {
        id.0
    }
}

/// The 18-character form of a 15-character Salesforce id: three checksum characters, each made
/// from which of five characters are capitals. Anything else is returned as it is.
pub fn id18(id: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    if id.len() != 15 || !id.is_ascii() {
        return id.to_owned();
    }
    let mut out = id.to_owned();
    for chunk in id.as_bytes().chunks(5) {
        let bits = chunk
            .iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_uppercase())
            .fold(0, |bits, (index, _)| bits | (1_usize << index));
        out.push(char::from(ALPHABET[bits]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_print_as_given() {
        let upper: ComponentId = "ApexTrigger:CaseTrigger".parse().unwrap();
        let lower: ComponentId = "ApexTrigger:casetrigger".parse().unwrap();
        assert_eq!(upper, lower);
        assert_eq!(upper.to_string(), "ApexTrigger:CaseTrigger");
    }

    #[test]
    fn versions_compare_as_numbers() {
        let old: ApiVersion = "9.0".parse().unwrap();
        let new: ApiVersion = "66.0".parse().unwrap();
        assert!(old < new);
        for bad in ["66", "66.1", "v66.0", "", ".0", "+6.0", "066.0"] {
            assert!(bad.parse::<ApiVersion>().is_err(), "{bad}");
        }
    }

    #[test]
    fn org_ids_of_15_and_18_characters_are_equal() {
        let short: OrgId = "00D000000000062".parse().unwrap();
        let long: OrgId = id18("00D000000000062").parse().unwrap();
        assert_eq!(short, long);
        assert_eq!(long.as_str(), "00D000000000062EAA");
        assert!("005000000000062".parse::<OrgId>().is_err());
    }
}
