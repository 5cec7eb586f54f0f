//! Apex that doesn't compile.

use super::{Advice, Course, row};

pub(super) const ROWS: &[Advice] = &[
    row(
        "org/dependent-class",
        &["Dependent class is invalid and needs recompilation"],
        "A class that this one uses does not compile.",
        "repair the other problems: this one goes with them. When it is the only one, the class that \
         it names does not compile in the org: open it in Setup > Apex Classes and save it there",
    )
    .course(Course::Follows),
    row(
        "org/unknown-field-in-apex",
        &["No such column '*' on entity '*'", "Field does not exist: *"],
        "The Apex reads a field that the org does not have, or that the deploying user may not see.",
        "create {1} in the org, give the deploying user access to it, or correct its name in the \
         config or template that is named here",
    ),
    row(
        "org/unknown-variable",
        &["Variable does not exist: *"],
        "The Apex uses a name that the org does not know: a field, class or feature that it lacks. \
         For a field that came with the same deploy the org's compiler can be a moment behind.",
        "run the deploy once more; if it comes again, look for {1} in Setup > Object Manager",
    ),
    row(
        "org/unknown-type",
        &["Invalid type: *"],
        "The Apex uses a class or object that the org does not have: a feature that is not enabled, \
         or a class that is missing from a template.",
        "enable the feature that brings {1}, or, for a class of a template of yours, add it",
    ),
    row(
        "org/unknown-method",
        &["Method does not exist or incorrect signature: *"],
        "The Apex calls a method that the class in the org does not have in this form. A class of the \
         same name may be in the org that is not ours, or an older one of ours.",
        "see with `opencx-sf plan` whose classes of these names are in the org; a template of yours \
         may call what the shipped ones no longer have",
    ),
    row(
        "org/apex-syntax",
        &[
            "Missing '*' at '*'",
            "Unexpected token '*'",
            "Extra '*', at '*'",
            "Expecting '*' but was: '*'",
            "Invalid identifier '*'",
        ],
        "The code is not Apex at that place.",
        "correct the template at the line that is named here; `opencx-sf lint` finds the same offline",
    ),
    row(
        "org/apex-name-taken",
        &["Duplicate class name: *", "is already in use by another *"],
        "The org has something of that name already.",
        "give ours another name in the config",
    )
    .keys(&["email_cases.names"]),
];
