//! The Login URL that OpenCX needs for this org.

use super::Check;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::diag::Code;
use crate::sf::OrgKind;
use crate::sf::text::clean;

const OF: (Code, Group) = (Code("doctor/login-url"), Group::Connection);
pub(super) const HOST: Check = Check {
    code: OF.0,
    judge: host,
};

const PRODUCTION: &str = "https://login.salesforce.com";
const SANDBOX: &str = "https://test.salesforce.com";

/// What OpenCX was given only its dashboard shows; somebody may have read it out there.
fn host(scene: &Scene<'_>) -> Option<Finding> {
    let (kind, right) = match scene.org.kind {
        OrgKind::Sandbox | OrgKind::Scratch => ("a sandbox", SANDBOX),
        OrgKind::Production => ("a production org", PRODUCTION),
        OrgKind::Developer => ("a Developer Edition org", PRODUCTION),
        OrgKind::Trial => ("a trial org", PRODUCTION),
    };
    let place = "Company Information > Organization Edition and Instance, for the kind of the org";
    let Some(given) = scene.request.login_url else {
        return Some(
            Finding::unknown(
                OF,
                format!("which Login URL, key and secret OpenCX has can't be seen from here; this is {kind}"),
            )
            .fix(format!(
                "in OpenCX (Settings > Integrations > Salesforce > Email) the Login URL must be \
                 {right}. To have all three checked, run this with `--login-url URL` and \
                 `--credentials-stdin`"
            ))
            .setup("External Client App Manager > your app > Settings > Consumer Key and Secret"),
        );
    };
    let fix = format!("write {right} into Login URL, with nothing before or after it");
    let failed = |found: String| {
        Finding::failed(OF, found)
            .effect("Salesforce looks for the app in another place, and the credentials don't save")
            .fix(fix.clone())
            .setup(place)
    };
    if given == right {
        return Some(Finding::passed(
            OF,
            format!("the Login URL is the one for {kind}"),
        ));
    }
    let bare = given.trim();
    let host = bare.trim_end_matches('/');
    Some(if bare != given {
        failed("the Login URL has a blank before or after it".to_owned())
    } else if host == right {
        failed("the Login URL ends in a slash; OpenCX's page has it without".to_owned())
    } else if host == SANDBOX {
        failed(format!(
            "the Login URL is that of sandboxes, and this is {kind}"
        ))
    } else if host == PRODUCTION {
        failed(format!(
            "the Login URL is that of production orgs, and this is {kind}"
        ))
    } else if !bare.starts_with("https://") {
        failed("the Login URL does not begin with https://".to_owned())
    } else if host.ends_with(".lightning.force.com") || host.ends_with(".salesforce-setup.com") {
        failed(
            "the Login URL is an address of Salesforce's pages, which takes no logins".to_owned(),
        )
    } else if host.ends_with(".my.salesforce.com") {
        Finding::unknown(
            OF,
            format!(
                "the Login URL is a My Domain ({}); Salesforce takes logins there, OpenCX's page \
                 names only {PRODUCTION} and {SANDBOX}",
                clean(host)
            ),
        )
        .fix(fix)
        .setup("My Domain > Policies, whether logins at login.salesforce.com are prevented")
    } else {
        failed("the Login URL is none of Salesforce's".to_owned())
    })
}
