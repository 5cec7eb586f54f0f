use std::collections::BTreeMap;

use super::*;
use crate::diag::Snippet;

fn unreached(name: &str, message: &str) -> Inspection {
    let finding = Diagnostic::error(Code("auth/refused"), Category::Auth, message);
    Inspection {
        target: name.to_owned(),
        config: "opencx.yaml".to_owned(),
        outcome: Err(vec![finding]),
        places: BTreeMap::new(),
        place: Snippet {
            file: "opencx.yaml".to_owned(),
            line: 1,
            column: 1,
            text: String::new(),
            length: 1,
            label: String::new(),
        },
        requests: 0,
        usage: None,
    }
}

fn rendered(template: &Template) -> Result<Value, Box<Diagnostic>> {
    let orgs = [unreached("eu \"<!channel>\"", "said\n<no> & \\")];
    let report = Report {
        orgs: &orgs,
        findings: &[],
        at: "2026-06-01T04:17:00Z".parse().unwrap(),
    };
    let text = template.render(report, Some("https://ci.example/1?a=b&c"))?;
    Ok(serde_json::from_str(&text).unwrap())
}

#[test]
fn slack_takes_no_value_for_a_mention() {
    let message = rendered(&Template::shipped("slack").unwrap()).unwrap();
    let text = message["text"].as_str().unwrap();
    assert_eq!(message.as_object().unwrap().len(), 1);
    assert_eq!(
        text,
        ":grey_question: Salesforce drift: not everything could be read (0 of 1 orgs differ, 1 not reached)\n\
         • *eu \"&lt;!channel&gt;\"*: not reached; said\n&lt;no&gt; &amp; \\ (`auth/refused`)\n\
         <https://ci.example/1?a=b&amp;c|Report>"
    );
}

#[test]
fn the_whole_is_passed_on_as_it_is() {
    let message = rendered(&Template::shipped("json").unwrap()).unwrap();
    assert_eq!(message["status"], "error");
    assert_eq!(message["orgs"][0]["org"], "eu \"<!channel>\"");
    assert_eq!(
        message["orgs"][0]["findings"][0]["message"],
        "said\n<no> & \\"
    );
    assert_eq!(message["link"], "https://ci.example/1?a=b&c");
}

#[test]
fn a_template_of_the_users_writes_values_between_quotes() {
    let text = r#"{ "a": "{{ orgs[0].org }}", "n": {{ counts.error }} }"#;
    let message = rendered(&Template::parse("mine", text).unwrap()).unwrap();
    assert_eq!(message, json!({ "a": "eu \"<!channel>\"", "n": 1 }));
    for (text, told) in [
        ("{{ ", "mine"),
        ("{{ nothing }}", "nothing"),
        ("text", "no JSON"),
    ] {
        let error = Template::parse("mine", text).and_then(|made| rendered(&made));
        let error = *error.unwrap_err();
        assert_eq!(error.code, Code("notify/bad-template"));
        assert!(error.because[0].contains(told), "{error:?}");
    }
}

#[test]
fn only_an_address_that_keeps_the_message_is_taken() {
    for good in [
        "https://hooks.slack.example/services/T/B/x",
        "http://127.0.0.1:9/x\n",
    ] {
        assert!(Webhook::new(good).is_ok(), "{good}");
    }
    for bad in [
        "http://hooks.slack.example/x",
        "hooks.slack.example",
        "",
        "file:///etc/x",
    ] {
        let error = Webhook::new(bad).unwrap_err();
        assert!(!format!("{error:?}").contains("slack.example"), "{error:?}");
    }
}
