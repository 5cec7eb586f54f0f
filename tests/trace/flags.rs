//! Whose flags are used, kept and removed: others', those of killed traces, and of two at once.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use opencx_sf::sf::Clock;
use opencx_sf::trace::{self, Ending, Event, LEVEL_PREFIX, Listener, Subject};
use serde_json::json;
use tokio::sync::Notify;

use crate::traced::{Saver, Traced, ended};

#[tokio::test]
async fn flags_of_others_stay_and_leftovers_go() {
    let traced = Traced::new().await;
    // What a killed run has left, and what Dana has set for herself.
    let mut ids = Vec::new();
    for name in [LEVEL_PREFIX, "Danas"] {
        let level = json!({ "DeveloperName": name, "MasterLabel": name, "ApexCode": "FINE", "Callout": "INFO" });
        ids.push(traced.insert("tooling/sobjects/DebugLevel", &level).await);
    }
    let agent = traced
        .org
        .clone()
        .set_minimal_profile("Rita Rep", true)
        .unwrap();
    for (level, user, minutes) in [(&ids[0], &agent, 5), (&ids[1], &traced.facts.user_id, 60)] {
        let until = traced.clock.wall() + Duration::from_secs(60 * minutes);
        let until = until.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
        let flag = json!({
            "TracedEntityId": user, "LogType": "USER_DEBUG", "DebugLevelId": level,
            "ExpirationDate": until,
        });
        traced.insert("tooling/sobjects/TraceFlag", &flag).await;
    }
    traced.clock.machine_sleeps(Duration::from_secs(6 * 60));
    let told = traced.told(&Subject::NextEmail, traced.reply()).await;
    assert_eq!(ended(&told).0, "trace/mail-handed-over");
    let admin = told
        .users
        .iter()
        .find(|user| user.name == "Local Admin")
        .unwrap();
    assert!(
        matches!(&admin.traced, trace::Traced::Theirs { level, is_enough: true, .. } if level == "Danas"),
        "{admin:?}"
    );
    assert_eq!(traced.flag_count().await, 1, "Dana's flag stays");
}

/// Two traces in one org, the second of which begins when the first has waited for longer than a flag
/// lives by itself.
#[derive(Default)]
struct Two {
    first_is_old: Notify,
    second_traces: Cell<bool>,
    first_is_done: Cell<bool>,
}

struct First<'a> {
    two: &'a Two,
    saver: Saver,
}

impl Listener for First<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting { left, .. } if left < Duration::from_secs(280) => {
                self.two.first_is_old.notify_one();
                if self.two.second_traces.get() {
                    self.saver.event(event);
                }
            }
            Event::Removed => self.two.first_is_done.set(true),
            _ => {}
        }
    }
}

struct Second<'a> {
    two: &'a Two,
    saver: Saver,
    looks: u32,
}

impl Listener for Second<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Tracing(users) => {
                let admin = users
                    .iter()
                    .find(|user| user.name == "Local Admin")
                    .unwrap();
                assert!(admin.traced.is_of_another_trace(), "{admin:?}");
                self.two.second_traces.set(true);
            }
            // The first look after the first trace finds out; what is saved then is logged.
            Event::Waiting { .. } if self.two.first_is_done.get() => {
                self.looks += 1;
                if self.looks > 1 {
                    self.saver.event(event);
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn two_traces_leave_each_other_alone() {
    let traced = Traced::new().await;
    let two = Two::default();
    let mut first = First {
        two: &two,
        saver: traced.saver(traced.reply()),
    };
    let case = (
        "sobjects/Case".to_owned(),
        json!({ "Case_From__c": "opencx" }),
    );
    let mut second = Second {
        two: &two,
        saver: traced.saver(case),
        looks: 0,
    };
    let never = async || std::future::pending().await;
    let (one, other) = tokio::join!(
        traced.trace_with(&Subject::NextEmail, never, &mut first),
        async {
            two.first_is_old.notified().await;
            traced
                .trace_with(&Subject::NextCase, never, &mut second)
                .await
        }
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(ended(&one).0, "trace/mail-handed-over");
    assert_eq!(ended(&other).0, "trace/case-left-out");
    for outcome in [&one, &other] {
        let mut users = outcome.users.iter();
        let admin = users.find(|user| user.name == "Local Admin").unwrap();
        assert_eq!(admin.traced, trace::Traced::Ours);
    }
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_stopped_wait_and_one_in_vain_leave_nothing() {
    let traced = Traced::new().await;
    let mut saver = Saver {
        saved: None,
        url: String::new(),
        token: String::new(),
        said: "stop me".to_owned(),
        stop: Rc::default(),
    };
    let outcome = traced.trace(&Subject::NextEmail, &mut saver).await.unwrap();
    assert_eq!(outcome.ending, Ending::Interrupted);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
    saver.said.clear();
    let outcome = traced.trace(&Subject::NextCase, &mut saver).await.unwrap();
    assert_eq!(outcome.ending, Ending::NothingHappened);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
    assert!(saver.said.contains("Removed"));
}
