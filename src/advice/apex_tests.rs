//! Apex tests that fail because of what the org makes of the records that they save.

use super::{Advice, Course, row};

const TEST_FIELDS: &[&str] = &["email_cases.test_case_fields"];

pub(super) const ROWS: &[Advice] = &[
    row(
        "org/test-required-field",
        &["REQUIRED_FIELD_MISSING*Required fields are missing: [*]"],
        "A field is required in this org, and the test's record has no value in it.",
        "give it a value for tests: `email_cases: { test_case_fields: { {2}: … } }`",
    )
    .keys(TEST_FIELDS),
    row(
        "org/test-validation-rule",
        &["FIELD_CUSTOM_VALIDATION_EXCEPTION, *"],
        "A validation rule of the org refuses the record that the test saves; the text is the rule's.",
        "give the fields that the rule asks for a value for tests, or let the rule skip users with a \
         custom permission",
    )
    .keys(TEST_FIELDS),
    row(
        "org/test-picklist",
        &[
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST*",
            "bad value for restricted picklist field: *",
        ],
        "A picklist of the org takes none but its own values, and the test's record has another one.",
        "give that field one of its values for tests",
    )
    .keys(TEST_FIELDS),
    row(
        "org/test-lookup-filter",
        &["FIELD_FILTER_VALIDATION_EXCEPTION*"],
        "A lookup filter of the org refuses the record that the test saves.",
        "give the field a value for tests that the filter takes",
    )
    .keys(TEST_FIELDS),
    row(
        "org/test-record-type",
        &[
            "Record Type ID: this ID value isn't valid for the user*",
            "getRecordTypeInfosByDeveloperName",
        ],
        "The deploying user may not use the record type of the test's Case, or the org has none of \
         that API name.",
        "give the user's profile the record type, or name another one for tests",
    )
    .keys(&["email_cases.test_case_fields.RecordType"]),
    row(
        "org/test-automation",
        &[
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, *: execution of *",
            "CANNOT_EXECUTE_FLOW_TRIGGER*",
        ],
        "Another trigger or flow of the org failed when the test saved its record.",
        "look at {1}: it fails for a plain Case or EmailMessage. Give it the values that it needs for \
         tests, or repair it",
    )
    .keys(TEST_FIELDS),
    row(
        "org/test-duplicate-rule",
        &["DUPLICATES_DETECTED*"],
        "A duplicate rule of the org takes the test's record for a copy of another one.",
        "let the rule skip the deploying user, or report instead of block",
    ),
    row(
        "org/test-mail-off",
        &[
            "NO_MASS_MAIL_PERMISSION",
            "Single email is not enabled for your organization",
        ],
        "The org sends no mail: its deliverability is not `All email`.",
        "set Setup > Deliverability > Access level to All email",
    ),
    row(
        "org/test-mail-limit",
        &["SINGLE_EMAIL_LIMIT_EXCEEDED"],
        "The org has sent as many single e-mails today as it may; the count starts anew at midnight \
         GMT.",
        "run again tomorrow, or send by a mail provider",
    )
    .keys(&["email_cases.outbound.delivery"])
    .course(Course::Passes),
    row(
        "org/test-limit",
        &[
            "System.LimitException: *",
            "Too many SOQL queries: *",
            "Apex CPU time limit exceeded",
        ],
        "All automation that runs when the test saves its record together uses more than a \
         transaction may.",
        "see in a debug log of the test what of the org's triggers and flows runs on Case and \
         EmailMessage, and how much of it runs several times",
    ),
    row(
        "org/test-mixed-dml",
        &["MIXED_DML_OPERATION*"],
        "Automation of the org changes users or permissions when the test saves its record, which one \
         transaction can't do with both.",
        "move that part of the org's automation to an asynchronous one",
    ),
    row(
        "org/test-assertion",
        &["System.AssertException: *"],
        "The test found something else than it expects. In one of ours, automation of the org has \
         likely changed the records that the test made, or a template of yours behaves differently.",
        "see what the text expects, and which triggers and flows of the org change Case and \
         EmailMessage; `opencx-sf simulate` plays the same without them",
    ),
];
