//! Anonymous code, its answers and its logs.

use super::super::Program;
use super::super::data::schema::Schema;
use super::super::log::LogLevels;
use super::super::org::OrgData;
use super::*;

const HELPER: &str = "public class Halver {
    public static Integer half(Integer value) {
        return 10 / value;
    }
}
";

const TRIGGER: &str = "trigger Stamp on Case (before insert) {
    for (Case one : Trigger.new) {
        one.Subject = 'stamped';
    }
}
";

fn execute(code: &str, levels: &LogLevels) -> Anonymous {
    let class = ComponentId::new(MetadataType::ApexClass, "Halver");
    let trigger = ComponentId::new(MetadataType::ApexTrigger, "Stamp");
    let sources = [
        (class.clone(), HELPER.to_owned()),
        (trigger.clone(), TRIGGER.to_owned()),
    ];
    let program = Program::compile(&sources, &Schema::standard()).unwrap();
    let mut org = OrgData {
        now: "2026-03-04T05:06:07Z".parse().unwrap(),
        ..OrgData::default()
    };
    org.record_ids
        .insert(class, "01p000000000001AAA".to_owned());
    org.record_ids
        .insert(trigger, "01q000000000001AAA".to_owned());
    let serving = Serving {
        user: live::User {
            id: org.user_id.to_string(),
            name: org.user_name.to_string(),
            email: org.email.to_string(),
            permissions: std::collections::BTreeSet::new(),
        },
        settings: live::Settings {
            org,
            transport: Box::new(Nobody),
            deliverable: true,
            mail_capacity: 1,
            chain_limit: None,
        },
        levels: levels.clone(),
    };
    program
        .execute_anonymous(code, serving, &mut Database::default())
        .0
}

struct Nobody;

impl live::Transport for Nobody {
    fn send(&mut self, _: &live::HttpCall) -> Result<live::HttpReply, String> {
        Err("nobody answers".to_owned())
    }
}

fn answer(code: &str) -> (bool, bool, i64, i64, Option<String>) {
    let answer = execute(code, &LogLevels::default()).answer();
    let text = answer.compile_problem.or(answer.exception_message);
    (
        answer.compiled,
        answer.success,
        answer.line,
        answer.column,
        text,
    )
}

#[test]
fn code_runs_or_says_why_not() {
    assert_eq!(
        answer("Integer i = Halver.half(5);\nSystem.assertEquals(2, i);"),
        (true, true, -1, -1, None)
    );
    let (compiled, success, line, column, text) = answer("Integer i = 1;\n  i = missing;");
    assert_eq!((compiled, success, line, column), (false, false, 2, 7));
    assert_eq!(text.as_deref(), Some("Variable does not exist: missing"));
    let (compiled, success, line, column, text) = answer("\nHalver.half(0);");
    assert_eq!((compiled, success, line, column), (true, false, 2, 1));
    assert_eq!(text.as_deref(), Some("System.MathException: Divide by 0"));
    let (compiled, _, line, column, text) = answer("Integer i = 1");
    assert_eq!((compiled, line, column), (false, 1, 14));
    assert!(text.unwrap().contains(';'));
}

#[test]
fn methods_and_classes_may_stand_among_the_statements() {
    let code = "class OopsException extends Exception {}
        enum Kind { ONE, TWO }
        Integer twice(Integer value) { return value * 2; }
        System.assertEquals(4, twice(2));
        System.assertEquals(1, Kind.TWO.ordinal());
        throw new OopsException('no');";
    let found = execute(code, &LogLevels::default()).answer();
    assert_eq!(
        found.exception_message.as_deref(),
        Some("OopsException: no")
    );
    assert_eq!(
        found.exception_stack_trace.as_deref(),
        Some("AnonymousBlock: line 6, column 1")
    );
}

#[test]
fn it_is_no_test_and_its_callouts_leave() {
    assert_eq!(
        answer("System.assert(!Test.isRunningTest());"),
        (true, true, -1, -1, None)
    );
    let code = "new Http().send(new HttpRequest());";
    let (_, success, .., text) = answer(code);
    assert!(!success);
    assert_eq!(
        text.as_deref(),
        Some("System.CalloutException: nobody answers")
    );
}

#[test]
fn the_log_has_the_platforms_form() {
    let levels = LogLevels::default()
        .with(Category::ApexCode, Level::Debug)
        .with(Category::ApexProfiling, Level::Info);
    let code = "System.debug(LoggingLevel.FINE, 'not shown');
try { Halver.half(0); } catch (MathException e) { System.debug(e.getMessage()); }
insert new Case();
System.debug(LoggingLevel.ERROR, [SELECT Subject FROM Case].Subject);
Object o = null;
o.toString();";
    let log = execute(code, &levels).log;
    // The times are the same each time, but say nothing here.
    let events: Vec<&str> = log
        .lines()
        .map(|line| match line.split_once(")|") {
            Some((time, event)) if time.starts_with("05:06:07.0 (") => event,
            _ => line,
        })
        .collect();
    assert_eq!(
        events.join("\n"),
        "66.0 APEX_CODE,DEBUG;APEX_PROFILING,INFO
Execute Anonymous: System.debug(LoggingLevel.FINE, 'not shown');
Execute Anonymous: try { Halver.half(0); } catch (MathException e) { System.debug(e.getMessage()); }
Execute Anonymous: insert new Case();
Execute Anonymous: System.debug(LoggingLevel.ERROR, [SELECT Subject FROM Case].Subject);
Execute Anonymous: Object o = null;
Execute Anonymous: o.toString();
USER_INFO|[EXTERNAL]|005000000000001AAA|admin@local.example|(GMT+00:00) Greenwich Mean Time (GMT)|GMTZ
EXECUTION_STARTED
CODE_UNIT_STARTED|[EXTERNAL]|execute_anonymous_apex
EXCEPTION_THROWN|[3]|System.MathException: Divide by 0
USER_DEBUG|[2]|DEBUG|Divide by 0
CODE_UNIT_STARTED|[EXTERNAL]|01q000000000001|Stamp on Case trigger event BeforeInsert|__sfdc_trigger/Stamp
CODE_UNIT_FINISHED|Stamp on Case trigger event BeforeInsert|__sfdc_trigger/Stamp
USER_DEBUG|[4]|ERROR|stamped
EXCEPTION_THROWN|[6]|System.NullPointerException: Attempt to de-reference a null object
FATAL_ERROR|System.NullPointerException: Attempt to de-reference a null object

AnonymousBlock: line 6, column 1
CUMULATIVE_LIMIT_USAGE
LIMIT_USAGE_FOR_NS|(default)|
  Number of SOQL queries: 1 out of 100
  Number of query rows: 1 out of 50000
  Number of SOSL queries: 0 out of 20
  Number of DML statements: 1 out of 150
  Number of Publish Immediate DML: 0 out of 150
  Number of DML rows: 1 out of 10000
  Maximum CPU time: 0 out of 10000
  Maximum heap size: 0 out of 6000000
  Number of callouts: 0 out of 100
  Number of Email Invocations: 0 out of 10
  Number of future calls: 0 out of 50
  Number of queueable jobs added to the queue: 0 out of 50
  Number of Mobile Apex push calls: 0 out of 10

CUMULATIVE_LIMIT_USAGE_END

CODE_UNIT_FINISHED|execute_anonymous_apex
EXECUTION_FINISHED"
    );
}

#[test]
fn methods_are_logged_when_that_is_asked_for() {
    let levels = LogLevels::default().with(Category::ApexCode, Level::Fine);
    let log = execute("Halver.half(1);", &levels).log;
    let entries: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once(")|METHOD_").map(|(_, event)| event))
        .collect();
    assert_eq!(
        entries,
        [
            "ENTRY|[1]|01p000000000001|Halver.half(Integer)",
            "EXIT|[1]|01p000000000001|Halver.half(Integer)",
        ]
    );
}
