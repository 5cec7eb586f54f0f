//! The examples of the repository load.

use super::*;

const HEADER: &str = "# yaml-language-server: $schema=../../src/config/opencx.schema.json\n";

#[test]
fn examples_load_and_their_local_org_needs_nothing() {
    for (text, orgs) in [
        (
            include_str!("../../../examples/minimal/opencx.yaml"),
            ["local", "sandbox", "production"],
        ),
        (
            include_str!("../../../examples/sandbox-and-production/opencx.yaml"),
            ["local", "sandbox", "production"],
        ),
    ] {
        assert!(text.starts_with(HEADER));
        let config = parse(text).unwrap();
        assert_eq!(config.org_names(), orgs);
        let local = config
            .target("local", &Outside::default(), Secrets::Required)
            .unwrap();
        let state = "conf/.opencx/emulator/local".into();
        assert_eq!(local.auth, Auth::Emulator { state });
        assert!(local.integration.webhook_url.value.is_some());
        let references = Outside::env([
            ("OPENCX_WEBHOOK_URL", "https://opencx.invalid/production"),
            ("UAT_WEBHOOK_URL", "https://opencx.invalid/uat"),
            ("PRODUCTION_ORG_ID", "00D000000000063"),
        ]);
        for (org, env, production) in [
            ("sandbox", "UAT_WEBHOOK_URL", false),
            ("production", "OPENCX_WEBHOOK_URL", true),
        ] {
            let target = config.target(org, &references, Secrets::Required).unwrap();
            assert_eq!(target.integration.webhook_url.env.as_deref(), Some(env));
            assert_eq!(target.production, production);
        }
    }
}
