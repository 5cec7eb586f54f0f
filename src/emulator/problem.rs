//! Problems that a deploy can be given by name, in the words that users of the platform report.

use crate::metadata::MetadataType;

/// A problem that has a name.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    name: &'static str,
    with: With,
    text: &'static str,
}

/// What it is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// The first component of the type.
    Component(MetadataType),
    /// The first test of the package; the first class of the package is on its stack.
    Test,
    /// A test that the org has of its own.
    ForeignTest,
    /// The deploy as a whole; its `StatusCode`.
    Whole(&'static str),
}

const CLASS: With = With::Component(MetadataType::ApexClass);
const CREDENTIAL: With = With::Component(MetadataType::NamedCredential);
const FIELD: With = With::Component(MetadataType::CustomField);
const SET: With = With::Component(MetadataType::PermissionSet);
const APP: With = With::Component(MetadataType::ExternalClientApplication);

const fn problem(name: &'static str, with: With, text: &'static str) -> Problem {
    Problem { name, with, text }
}

/// Every one that has a name.
static NAMED: [Problem; 47] = [
    problem(
        "dependent-class",
        CLASS,
        "Dependent class is invalid and needs recompilation:\n Class Other : line 3, column 5: Variable does not exist: x",
    ),
    problem(
        "unknown-field-in-apex",
        CLASS,
        "No such column 'Region__c' on entity 'Case'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.",
    ),
    problem(
        "unknown-variable",
        CLASS,
        "Variable does not exist: Region__c",
    ),
    problem("unknown-type", CLASS, "Invalid type: OtherClass"),
    problem(
        "unknown-method",
        CLASS,
        "Method does not exist or incorrect signature: void run(String) from the type Other",
    ),
    problem("apex-syntax", CLASS, "Missing ';' at '}'"),
    problem("email-to-case-off", CLASS, "Invalid type: EmailMessage"),
    problem(
        "job-pending",
        CLASS,
        "This schedulable class has jobs pending or in progress - CronTrigger IDs (08e000000000001). You can bypass this error by allowing deployments with Apex jobs in the Deployment Settings page in Setup.",
    ),
    problem("api-version", CLASS, "Invalid api version:88.0"),
    problem(
        "not-in-package",
        CLASS,
        "An object 'X' of type ApexClass was named in package.xml, but was not found in zipped directory",
    ),
    problem(
        "no-access",
        CLASS,
        "insufficient access rights on cross-reference id",
    ),
    problem(
        "managed",
        CLASS,
        "Cannot modify managed object: entity=ApexClass, component=01p000000000001, field=Body",
    ),
    problem(
        "feature-missing",
        CREDENTIAL,
        "Not available for deploy for this organization",
    ),
    problem(
        "external-client-app-off",
        APP,
        "Not available for deploy for this organization",
    ),
    problem(
        "unknown-user",
        CREDENTIAL,
        "In field: username - no User named ci@acme.example found",
    ),
    problem(
        "unknown-object",
        SET,
        "In field: field - no CustomObject named Region__c found",
    ),
    problem(
        "unknown-field",
        SET,
        "In field: field - no CustomField named Case.Region__c found",
    ),
    problem(
        "unknown-reference",
        SET,
        "In field: apexClass - no ApexClass named Other found",
    ),
    problem(
        "unknown-permission",
        SET,
        "Unknown user permission: SendEmail",
    ),
    problem(
        "permission-depends",
        SET,
        "Permission EditCase depends on permission(s): ReadCase",
    ),
    problem(
        "required-field-permission",
        SET,
        "You cannot deploy to a required field: Case.Case_From__c",
    ),
    problem("duplicate-label", FIELD, "Duplicate label: OpenCX"),
    problem(
        "duplicate-value",
        CREDENTIAL,
        "duplicate value found: DeveloperName duplicates value on record with id: 0XA000000000001",
    ),
    problem(
        "field-type-change",
        FIELD,
        "Cannot change type due to existing data",
    ),
    problem(
        "broken-xml",
        CREDENTIAL,
        "Error parsing file: The markup in the document following the root element must be well-formed.",
    ),
    problem(
        "unknown-element",
        CREDENTIAL,
        "Element {http://soap.sforce.com/2006/04/metadata}colour invalid at this location in type NamedCredential",
    ),
    problem(
        "required-element",
        CREDENTIAL,
        "Required field is missing: label",
    ),
    problem(
        "too-long",
        CREDENTIAL,
        "Value too long for field: MasterLabel maximum length is:80",
    ),
    problem(
        "check-only-limit",
        FIELD,
        "Test only deployment cannot update Case_From__c",
    ),
    problem(
        "record-locked",
        CLASS,
        "UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record",
    ),
    problem(
        "setup-locked",
        With::Whole("ALREADY_IN_PROCESS"),
        "The changes you requested require salesforce.com to temporarily lock your organization's administration setup. However, the administration setup has already been locked by another change. Please wait for the previous action to finish, then try again later.",
    ),
    problem(
        "internal-error",
        With::Whole("UNKNOWN_EXCEPTION"),
        "UNKNOWN_EXCEPTION: An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)",
    ),
    problem(
        "internal-error-in-test",
        With::Test,
        "System.UnexpectedException: Salesforce System Error: 1234567890-12345 (1234567890)",
    ),
    problem(
        "test-required-field",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: REQUIRED_FIELD_MISSING, Required fields are missing: [Region__c]: [Region__c]",
    ),
    problem(
        "test-validation-rule",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: FIELD_CUSTOM_VALIDATION_EXCEPTION, Every Case needs a region: [Region__c]",
    ),
    problem(
        "test-picklist",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, bad value for restricted picklist field: null: [Region__c]",
    ),
    problem(
        "test-lookup-filter",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: FIELD_FILTER_VALIDATION_EXCEPTION, Value does not exist or does not match filter criteria.: [ContactId]",
    ),
    problem(
        "test-record-type",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: INVALID_CROSS_REFERENCE_KEY, Record Type ID: this ID value isn't valid for the user: 012000000000001: [RecordTypeId]",
    ),
    problem(
        "test-automation",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, TheirCaseTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException: Attempt to de-reference a null object\n\nTrigger.TheirCaseTrigger: line 7, column 1: []",
    ),
    problem(
        "test-duplicate-rule",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: DUPLICATES_DETECTED, You're creating a duplicate record. We recommend you use an existing record instead.: []",
    ),
    problem(
        "test-mail-off",
        With::Test,
        "System.EmailException: SendEmail failed. First exception on row 0; first error: NO_MASS_MAIL_PERMISSION, Single email is not enabled for your organization or profile. (deactivated by admin): []",
    ),
    problem(
        "test-mail-limit",
        With::Test,
        "System.HandledException: The daily limit for the org would be exceeded by this request: SINGLE_EMAIL_LIMIT_EXCEEDED",
    ),
    problem(
        "test-limit",
        With::Test,
        "System.LimitException: Too many SOQL queries: 101",
    ),
    problem(
        "test-mixed-dml",
        With::Test,
        "System.DmlException: Insert failed. First exception on row 0; first error: MIXED_DML_OPERATION, DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa): User, original object: Case: []",
    ),
    problem(
        "test-assertion",
        With::Test,
        "System.AssertException: Assertion Failed: Expected: 1, Actual: 0",
    ),
    problem(
        "storage-full",
        With::ForeignTest,
        "System.DmlException: Insert failed. First exception on row 0; first error: STORAGE_LIMIT_EXCEEDED, storage limit exceeded: []",
    ),
    problem(
        "unexplained",
        CLASS,
        "Diese Klasse kann nicht gespeichert werden \u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}",
    ),
];

impl Problem {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        NAMED.iter().find(|problem| problem.name == name)
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        NAMED.iter()
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is wrong with.
    pub fn with(&self) -> With {
        self.with
    }

    /// What the org says.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The type of the component that it is wrong with; empty when it is none.
    pub fn component_type(&self) -> &'static str {
        match self.with {
            With::Component(kind) => kind.name(),
            With::Test | With::ForeignTest => MetadataType::ApexClass.name(),
            With::Whole(_) => "",
        }
    }
}
