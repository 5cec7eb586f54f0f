//! The org as a whole: features that are off, locks, limits, its own errors.

use super::{Advice, Course, row};

pub(super) const ROWS: &[Advice] = &[
    row(
        "org/email-to-case-off",
        &[
            "Invalid type: EmailMessage",
            "Invalid type: Schema.EmailMessage",
            "Variable does not exist: EmailMessage",
            "SObject type is invalid: EmailMessage",
            "sObject type 'EmailMessage' is not supported",
            "no CustomObject named EmailMessage found",
        ],
        "The org has no EmailMessage object: Email-to-Case was never enabled. That is done once, and \
         can't be undone.",
        "enable Setup > Email-to-Case, then run again",
    ),
    row(
        "org/record-locked",
        &[
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record",
            "Record Currently Unavailable*",
        ],
        "Somebody or something else was changing the same records at that moment.",
        "run the same command again",
    )
    .course(Course::Passes),
    row(
        "org/setup-locked",
        &[
            "ALREADY_IN_PROCESS",
            "administration setup has already been locked by another change",
        ],
        "Another change of the org's setup is under way: a deploy, a change in Setup, a package \
         installation.",
        "run again when it is over; Setup > Deployment Status shows deploys",
    )
    .course(Course::Passes),
    row(
        "org/internal-error",
        &[
            "Please include this ErrorId if you contact support: *",
            "Salesforce System Error: *",
            "UNKNOWN_EXCEPTION",
            "Internal Salesforce.com Error",
            "System.UnexpectedException",
        ],
        "The org failed by itself; the number in the text is for Salesforce's support.",
        "run again once; if it comes again, open a case with Salesforce and give them the number {1}",
    )
    .course(Course::Passes),
    row(
        "org/storage-full",
        &["STORAGE_LIMIT_EXCEEDED"],
        "The org's data storage is full, so nothing can be saved.",
        "free some: Setup > Storage Usage",
    ),
    row(
        "org/code-size",
        &["maximum size of all Apex code", "Apex code size limit"],
        "The org has as much Apex as its licence allows.",
        "delete classes that are no longer used (Setup > Apex Classes shows the size), or ask \
         Salesforce for a higher limit",
    ),
    row(
        "org/production-needs-tests",
        &["testLevel of NoTestRun cannot be used in production"],
        "A production org takes Apex only with tests.",
        "run again without `--test-level NoTestRun`",
    ),
    row(
        "org/coverage-too-low",
        &[
            "Test coverage of selected * is *, at least *",
            "Average test coverage across all Apex Classes and Triggers is *",
        ],
        "The tests that ran cover too little: production takes 75 % of each class and trigger with the \
         package's own tests, and 75 % of all code with the org's.",
        "if our own tests could not do their work, the failures above say why; for the average of the \
         whole org run without `--test-level`, which takes our own tests alone",
    ),
];
