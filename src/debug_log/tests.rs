use proptest::prelude::*;

use super::*;

const LOG: &str = "\
66.0 APEX_CODE,FINE;APEX_PROFILING,INFO;CALLOUT,INFO;DB,INFO
09:18:22.6 (100)|USER_INFO|[EXTERNAL]|005000000000001AAA|ann@acme.example|(GMT+00:00)|GMTZ
09:18:22.6 (200)|EXECUTION_STARTED
09:18:22.6 (300)|CODE_UNIT_STARTED|[EXTERNAL]|01q000000000001|CaseTrigger on Case trigger event AfterInsert for [500000000000001]|__sfdc_trigger/CaseTrigger
09:18:22.7 (400)|USER_DEBUG|[12]|ERROR|OpenCX: first | second
third

fourth
09:18:22.8 (500)|CODE_UNIT_STARTED|[EXTERNAL]|Validation:Case:new
09:18:22.8 (600)|CODE_UNIT_FINISHED|CaseTrigger on Case trigger event AfterInsert for [500000000000001]|__sfdc_trigger/CaseTrigger
*** Skipped 22,606,355 bytes of detailed log
left over
09:18:23.100 (700)|CUMULATIVE_LIMIT_USAGE
09:18:23.100 (700)|LIMIT_USAGE_FOR_NS|(default)|
  Number of SOQL queries: 1 out of 100
  Maximum heap size: 0 out of 6000000 ******* CLOSE TO LIMIT

09:18:23.100 (700)|CUMULATIVE_LIMIT_USAGE_END

*********** MAXIMUM DEBUG LOG SIZE REACHED ***********
";

#[test]
fn a_log_is_read_with_its_units_gaps_and_limits() {
    let log = parse(LOG);
    assert_eq!(log.header.as_ref().unwrap().api_version, "66.0");
    assert_eq!(log.level("CALLOUT"), Some("INFO"));
    assert_eq!(log.level("SYSTEM"), None);
    let names: Vec<&str> = log.events.iter().map(|event| event.name).collect();
    assert_eq!(
        names,
        [
            "USER_INFO",
            "EXECUTION_STARTED",
            "CODE_UNIT_STARTED",
            "USER_DEBUG",
            "CODE_UNIT_STARTED",
            "CODE_UNIT_FINISHED",
            "CUMULATIVE_LIMIT_USAGE",
            "LIMIT_USAGE_FOR_NS",
            "CUMULATIVE_LIMIT_USAGE_END",
        ]
    );
    assert_eq!(
        log.truncations,
        [
            Truncation::Skipped {
                bytes: Some(22_606_355),
                before: 6
            },
            Truncation::Full
        ]
    );
    assert_eq!(log.stray_lines, 1);
    let debug = &log.events[3];
    assert_eq!(debug.line(), Some(12));
    assert_eq!(
        debug.debug(),
        Some(("ERROR", "OpenCX: first | second\nthird\n\nfourth"))
    );
    assert_eq!(
        parse("09:18:22.6 (1)|EMAIL_QUEUE|[126]").events[0].detail(),
        ""
    );
    assert_eq!(debug.unit, Some(0));
    assert_eq!(log.events[4].unit, Some(1));
    assert_eq!(
        log.events[6].unit, None,
        "the inner unit ended with the outer"
    );
    assert_eq!(log.units[1].parent, Some(0));
    assert_eq!(log.units[0].nanoseconds, Some(300));
    assert_eq!(log.units[1].nanoseconds, None);
    assert_eq!(
        log.units[0].kind,
        UnitKind::Trigger {
            name: "CaseTrigger",
            object: "Case",
            event: "AfterInsert",
            records: "500000000000001",
        }
    );
    let limits = limits(log.events[7].text);
    assert_eq!(limits[1].what, "Maximum heap size");
    assert_eq!((limits[0].used, limits[0].allowed), (1, 100));
}

#[test]
fn callouts_are_read_in_the_forms_that_logs_have() {
    let sent =
        request("System.HttpRequest[Endpoint=callout:OpenCX_Integration, Method=POST]").unwrap();
    assert_eq!(
        (sent.endpoint, sent.method),
        ("callout:OpenCX_Integration", "POST")
    );
    assert_eq!(
        answer("System.HttpResponse[Status=Gone, StatusCode=410]"),
        Some(410)
    );
    assert_eq!(answer("System.HttpResponse[Status=, StatusCode=]"), None);
    for text in [
        "NamedCallout[Named Credential Id=0XA1, Named Credential Name=OpenCX_Integration, Endpoint=https://a.example/t0ken, Method=POST]",
        "[8]|Named Credential Id=0XA1|Named Credential Name=OpenCX_Integration|Endpoint=https://a.example/t0ken",
    ] {
        assert_eq!(named_callout(text), Some("OpenCX_Integration"));
    }
    assert_eq!(
        status_of_named("Status Code=201|Response Size bytes=2,048"),
        Some(201)
    );
}

#[test]
fn what_only_resembles_an_event_is_text() {
    for text in [
        "9:18 (1)|A",
        "09:18:22.6 (1)A|B",
        "09:18:22.6 (x)|A",
        "09:18:22.6 (1)|a",
        "09:18:22:6 (1)|A",
        "66.0 hello",
        "*** Skipped",
    ] {
        let log = parse(text);
        assert!(log.events.is_empty() && log.header.is_none(), "{text}");
        assert_eq!(log.stray_lines, 1, "{text}");
    }
}

/// Pieces that a log is made of, and some that it is not.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,3}:[0-9]{2}:[0-9]{2}\\.[0-9]{1,4} \\([0-9]{1,22}\\)\\|[A-Z_]{1,8}\\|\\PC{0,8}\n",
        "09:18:22\\.6 \\(1\\)\\|CODE_UNIT_(STARTED\\|\\[EXTERNAL\\]|FINISHED)\\|[ab]\n",
        "66\\.0 APEX_CODE,(FINE|INFO);?\r?\n",
        "\\*\\*\\* Skipped [0-9,]{0,9} bytes of detailed log\n",
        Just("*********** MAXIMUM DEBUG LOG SIZE REACHED ***********\n".to_owned()),
        "(\\PC|\n|\\||\\(|\\)){0,12}",
    ]
}

fn check(text: &str) {
    let log = parse(text);
    let mut end = 0;
    for event in &log.events {
        // Slices of the log in its order, which do not overlap.
        let at = event.clock.as_ptr() as usize - text.as_ptr() as usize;
        assert!(at >= end);
        end = event.text.as_ptr() as usize - text.as_ptr() as usize + event.text.len();
        assert!(end <= text.len());
        assert!(event.unit.is_none_or(|unit| unit < log.units.len()));
        let _ = (event.line(), event.debug(), event.fields().count());
        let _ = (request(event.detail()), answer(event.detail()));
        let _ = (
            named_callout(event.detail()),
            status_of_named(event.detail()),
        );
        let _ = limits(event.text);
    }
    for (index, unit) in log.units.iter().enumerate() {
        assert!(unit.parent.is_none_or(|parent| parent < index));
        assert_eq!(log.events[unit.event].name, "CODE_UNIT_STARTED");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_are_read(bytes: Vec<u8>) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn logs_in_disorder_are_read(pieces in prop::collection::vec(piece(), 0..40)) {
        check(&pieces.concat());
    }

    #[test]
    fn what_was_written_is_read_back(
        written in prop::collection::vec(("[A-Z][A-Z_]{0,9}", "[ a-z|=]{0,12}", 0_u64..1 << 40), 0..30),
    ) {
        let lines: Vec<String> = written
            .iter()
            .map(|(name, text, at)| format!("09:18:22.6 ({at})|{name}|{text}\nmore"))
            .collect();
        let text = lines.join("\n");
        let read: Vec<_> = parse(&text)
            .events
            .iter()
            .map(|event| (event.name.to_owned(), event.text.to_owned(), event.nanoseconds))
            .collect();
        let expected: Vec<_> = written
            .into_iter()
            .map(|(name, text, at)| (name, format!("{text}\nmore"), at))
            .collect();
        prop_assert_eq!(read, expected);
    }
}

/// An end for which there is no beginning, as often as there are units open: by the look of each one
/// this would take a thousand times longer than the log has lines.
#[test]
fn ends_without_beginnings_cost_no_more_than_lines() {
    let count = 40_000;
    let begin = "09:18:22.6 (1)|CODE_UNIT_STARTED|[EXTERNAL]|a\n".repeat(count);
    let end = "09:18:22.6 (1)|CODE_UNIT_FINISHED|b\n".repeat(count);
    let text = begin + &end;
    let log = parse(&text);
    assert_eq!(log.events.len(), 2 * count);
    assert!(log.units.iter().all(|unit| unit.nanoseconds.is_none()));
}
