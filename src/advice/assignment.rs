//! Permission sets that a user can't be given.

use super::{Advice, row};

const ASSIGNMENT: &str = "PermissionSetAssignment";

pub(super) const ROWS: &[Advice] = &[
    row(
        "org/assign-user-license",
        &[
            "The user license doesn't allow the permission: *",
            "user license doesn't match the permission set license",
        ],
        "The user's licence does not hold a permission of the set. OpenCX needs a user with a full \
         Salesforce licence that may send mail.",
        "give the user another licence in Setup > Users, or name another user: {1} is not in its licence",
    )
    .of_type(ASSIGNMENT),
    row(
        "org/assign-license-used-up",
        &[
            "LICENSE_LIMIT_EXCEEDED",
            "PermissionSetLicenseAssign*",
            "license required*",
        ],
        "The set asks for a permission set licence that the user doesn't have, or of which the org has \
         none left.",
        "assign the licence in Setup > Users > the user > Permission Set License Assignments, then run \
         again",
    )
    .of_type(ASSIGNMENT),
    row(
        "org/assign-inactive-user",
        &["INACTIVE_OWNER_OR_USER", "user is inactive"],
        "The user is not active.",
        "activate the user in Setup > Users, or name another one",
    )
    .of_type(ASSIGNMENT),
    row(
        "org/assign-not-allowed",
        &[
            "INSUFFICIENT_ACCESS",
            "insufficient access rights",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        ],
        "The deploying user may not give permission sets to others.",
        "give it the permission Assign Permission Sets, or let an administrator assign the set: Setup > \
         Permission Sets > the set > Manage Assignments",
    )
    .of_type(ASSIGNMENT),
];
