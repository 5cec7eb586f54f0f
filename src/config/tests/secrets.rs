//! A webhook's token is never shown, however it got into the file.

use proptest::prelude::*;

use super::*;

const TOKEN: &str = "T0kenT0kenT0ken";

/// Everything that a failed or a successful read could show.
fn everything(text: &str) -> String {
    match parse(text) {
        Ok(config) => format!("{config:?}{:?}", config.origins("local")),
        Err(diagnostics) => {
            format!(
                "{diagnostics:?}{}",
                serde_json::to_string(&diagnostics).unwrap()
            )
        }
    }
}

#[test]
fn an_inline_secret_is_refused_and_its_line_masked() {
    let text = format!("version: 1\nemail_cases:\n  webhook_url: \"https://a.example/{TOKEN}\"\n");
    let diagnostics = parse(&text).unwrap_err();
    let found = diagnostics
        .iter()
        .find(|found| found.code.0 == "config/inline-secret");
    let Some(Place::File(snippet)) = &found.unwrap().place else {
        panic!("{diagnostics:?}");
    };
    let shown = (snippet.text.as_str(), snippet.column, snippet.length);
    assert_eq!(shown, ("  webhook_url: [redacted]", 16, 10));
}

#[test]
fn no_spelling_of_a_secret_is_shown() {
    for line in [
        "webhook_url: https://a.example/TOKEN",
        "webhook_url: 'TOKEN'",
        "webhook_url: ${env:HOOK}TOKEN",
        "webhook_url: ${TOKEN",
        "webhook_url: [TOKEN]",
        "webhook_url: { token: TOKEN }",
        "webhook_url: >-\n    TOKEN",
        "webhook_url: TOKEN\n    TOKEN",
        "webhok_url: https://a.example/TOKEN",
        "webhook_url: &a TOKEN",
        "webhook_url: https://a.example/x\n  webhook_url: TOKEN",
        "webhook_url: \"TOKEN",
        "webhook_url: \"\n    TOKEN",
        "{ webhook_url: TOKEN",
        "reply_to: https://a.example/TOKEN",
        "case_filter: https://a.example/TOKEN",
        "https://a.example/TOKEN: a",
        "a: 1\norgs:\n  https://a.example/TOKEN: {}",
    ] {
        let line = line.replace("TOKEN", TOKEN);
        let text = format!("version: 1\nemail_cases:\n  {line}\n");
        assert!(parse(&text).is_err(), "{line}");
        assert!(!everything(&text).contains(TOKEN), "{line}");
    }
}

#[test]
fn an_emulators_inline_webhook_is_taken_and_not_shown() {
    let local = format!(
        "orgs: {{ local: {{ emulator: {{}}, email_cases: {{ webhook_url: https://a.example/{TOKEN} }} }} }}"
    );
    let text = format!("{TOP}{local}\n");
    let config = parse(&text).unwrap();
    let target = config
        .target("local", &Outside::default(), Secrets::Required)
        .unwrap();
    assert!(!format!("{target:?}").contains(TOKEN));
    assert!(!everything(&text).contains(TOKEN));
    let value = target.integration.webhook_url.value.unwrap();
    assert_eq!(value.expose(), format!("https://a.example/{TOKEN}"));
    let broken = text.replace("emulator", "emulators");
    assert!(!everything(&broken).contains(TOKEN));
}

#[test]
fn a_resolved_secret_that_is_refused_is_not_shown() {
    let references = Outside::env([("HOOK", "ftp://user:T0kenT0kenT0ken@a.example/")]);
    let config = parse(TOP).unwrap();
    let found = config.integration(&references, Secrets::Required);
    assert!(!format!("{:?}", found.unwrap_err()).contains(TOKEN));
}

proptest! {
    #[test]
    fn no_value_of_the_key_is_shown(
        before in "[^#\\n\\r\\u{85}\\u{2028}\\u{2029}]{0,12}",
        after in any::<String>(),
    ) {
        let quoted = serde_json::to_string(&format!("{before}{TOKEN}{after}")).unwrap();
        for value in [quoted, format!("{before}{TOKEN}")] {
            let text = format!("version: 1\nemail_cases:\n  webhook_url: {value}\n  zzz: 1\n");
            prop_assert!(!everything(&text).contains(TOKEN), "{}", text);
        }
    }
}
