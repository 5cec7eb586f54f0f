//! Components that are not code.

use super::{Advice, Course, row};

pub(super) const ROWS: &[Advice] = &[
    row(
        "org/external-client-app-off",
        &[
            "Not available for deploy for this organization",
            "is not available in this organization",
        ],
        "The org doesn't let External Client Apps be deployed: they are not switched on, or its edition \
         has none.",
        "switch on Setup > External Client App Settings > Opt in to External Client Apps, then run \
         again; or leave `external_client_app` out and make the app by hand",
    )
    .of_type("ExternalClientApplication")
    .keys(&["external_client_app"]),
    row(
        "org/feature-missing",
        &[
            "Not available for deploy for this organization",
            "is not available in this organization",
            "is not enabled for this organization",
        ],
        "The org lacks the feature, the edition or the permission that this type of component needs.",
        "enable the feature in Setup, or switch off in the config what needs it",
    ),
    row(
        "org/api-version",
        &["Invalid api version*", "apiVersion can't be *"],
        "The org is of an older release than the API version in the config: production is upgraded \
         weeks after sandboxes.",
        "lower the version in the config; `opencx-sf orgs` shows the org's",
    )
    .keys(&["salesforce.api_version"]),
    row(
        "org/not-in-package",
        &["was named in package.xml, but was not found in zipped directory"],
        "The package's manifest names a component whose file is not in it.",
        "if you deploy a folder that was rendered, render it anew with `opencx-sf render --out`; a file \
         was renamed or removed in it",
    ),
    row(
        "org/managed",
        &["Cannot modify managed object*"],
        "The component of that name belongs to a managed package, which only its publisher can change.",
        "give ours another name in the config",
    )
    .keys(&["email_cases.names"]),
    row(
        "org/unknown-user",
        &[
            "no User named * found",
            "Cannot find a user that matches any of the following usernames*",
        ],
        "A component names a user that the org does not have. Sandboxes append their name to usernames.",
        "write the username as it is in this org, in the block of the org",
    )
    .keys(&["email_cases.webhook.event_user"]),
    row(
        "org/unknown-object",
        &["no CustomObject named * found"],
        "A component refers to an object that the org does not have.",
        "enable the feature that brings {1}, or switch off in the config what refers to it",
    ),
    row(
        "org/unknown-field",
        &["no CustomField named * found"],
        "A component refers to a field that the org does not have.",
        "create {1} in the org, or correct its name in the config",
    ),
    row(
        "org/unknown-reference",
        &["In field: * - no * named * found"],
        "A component refers to another one that is neither in the package nor in the org.",
        "run `opencx-sf deploy` for the whole package; if it comes again, somebody deleted or renamed \
         the other component in the org",
    ),
    row(
        "org/unknown-permission",
        &["Unknown user permission: *"],
        "The permission set names a permission that the org does not have: it comes with a licence or \
         a feature.",
        "enable what brings {1}, or take it out of the template of the permission set",
    ),
    row(
        "org/permission-depends",
        &["Permission * depends on permission(s): *"],
        "The permission set gives a permission without another one that belongs to it.",
        "add {2} to the template of the permission set",
    ),
    row(
        "org/permission-license",
        &["The user license doesn't allow the permission: *"],
        "The permission set gives what its licence does not hold.",
        "take {1} out of the template of the permission set, or give the set another licence",
    ),
    row(
        "org/required-field-permission",
        &["You cannot deploy to a required field: *"],
        "A permission set gives access to a field that is required in the org; that needs none, so it \
         is refused.",
        "make {1} optional in Setup > Object Manager, or take it out of the template of the permission \
         set",
    ),
    row(
        "org/duplicate-label",
        &["Duplicate label: *"],
        "The org has a value of that label under another API name.",
        "rename {1} in Setup",
    ),
    row(
        "org/duplicate-value",
        &["duplicates value on record with id: *"],
        "The org has a record or component with the same value where each must have its own.",
        "open {1} in the org (append the id to its address) and rename it, or give ours another name",
    )
    .keys(&["email_cases.names", "external_client_app.name"]),
    row(
        "org/field-type-change",
        &[
            "Cannot change type due to existing data",
            "Cannot update a field to a * from something else",
            "Cannot update a field from a * to something else",
        ],
        "The field of that name in the org has another type, which no deploy can change.",
        "rename or delete the field in Setup > Object Manager, after a look at who uses it (Where is \
         this used?)",
    ),
    row(
        "org/broken-xml",
        &["Error parsing file: *"],
        "The file is not well-formed XML.",
        "correct the template that is named here; `opencx-sf lint` finds the same offline",
    ),
    row(
        "org/unknown-element",
        &[
            "Element * invalid at this location in type *",
            "Element * is duplicated at this location in type *",
        ],
        "The file has an element that the API version of the package doesn't know at that place.",
        "correct the template that is named here, or raise the API version if the element is newer",
    )
    .keys(&["salesforce.api_version"]),
    row(
        "org/required-element",
        &["Required field is missing: *"],
        "The file lacks an element that this type of component must have.",
        "add {1} to the template that is named here",
    ),
    row(
        "org/too-long",
        &[
            "Value too long for field: * maximum length is:*",
            "data value too large: * (max length=*)",
        ],
        "A text is longer than its field takes.",
        "shorten it: {1} takes {2} characters",
    ),
    row(
        "org/still-referenced",
        &[
            "is referenced elsewhere in salesforce.com*",
            "This * is referenced by *",
        ],
        "Something in the org still uses what is to be deleted.",
        "remove what the text names from your own code, flows, layouts or reports, then run again; \
         our triggers can be switched off until then",
    ),
    row(
        "org/nothing-to-delete",
        &["No * named: * found"],
        "What is to be deleted is not in the org any more.",
        "nothing: it is gone",
    ),
    row(
        "org/check-only-limit",
        &["Test only deployment cannot update *"],
        "The org can't try this out in a validation; the deploy itself may pass.",
        "deploy without `--dry-run`, first to a sandbox",
    ),
    row(
        "org/no-access",
        &[
            "insufficient access rights on cross-reference id",
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            "insufficient access rights on entity",
        ],
        "The deploying user may not change this component, or something that it refers to.",
        "`opencx-sf orgs` shows which permissions of a deploy the user lacks; a component of a \
         Setup area with a permission of its own (Manage External Client Apps, Manage Named \
         Credentials) needs that one too",
    ),
    row(
        "org/job-pending",
        &[
            "has jobs pending or in progress*",
            "has batch or future jobs pending or in progress*",
            "has asynchronous Apex jobs pending or in progress*",
            "allowing deployments with Apex jobs",
        ],
        "Apex jobs of this class wait or run in the org, and the org doesn't replace code under them.",
        "wait until they are over (Setup > Apex Jobs, Scheduled Jobs) and run again; or allow it in \
         Setup > Deployment Settings",
    )
    .course(Course::Passes),
];
