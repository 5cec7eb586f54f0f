//! Anonymous code, its answers and its logs.

mod callouts;

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
        one.Subject = one.Subject == 'fail' ? String.valueOf(Halver.half(0)) : 'stamped';
    }
}
";

fn execute(code: &str, levels: &LogLevels) -> Anonymous {
    execute_in(OrgData::default(), Box::new(Nobody), code, levels)
}

fn execute_in(
    org: OrgData,
    transport: Box<dyn live::Transport + Send>,
    code: &str,
    levels: &LogLevels,
) -> Anonymous {
    let class = ComponentId::new(MetadataType::ApexClass, "Halver");
    let trigger = ComponentId::new(MetadataType::ApexTrigger, "Stamp");
    let sources = [
        (class.clone(), HELPER.to_owned()),
        (trigger.clone(), TRIGGER.to_owned()),
    ];
    let program = Program::compile(&sources, &Schema::standard()).unwrap();
    let mut org = OrgData {
        now: "2026-03-04T05:06:07Z".parse().unwrap(),
        ..org
    };
    org.record_ids
        .insert(class, "01p000000000001AAA".to_owned());
    org.record_ids
        .insert(trigger, "01q000000000001AAA".to_owned());
    let user = org.user_id.to_string();
    let serving = Serving {
        user: live::User {
            id: org.user_id.to_string(),
            name: org.user_name.to_string(),
            email: org.email.to_string(),
            permissions: std::collections::BTreeSet::new(),
        },
        settings: live::Settings {
            org,
            transport,
            deliverable: true,
            mail_capacity: 1,
            chain_limit: None,
        },
        levels: [(user, levels.clone())].into(),
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
            "ENTRY|[1]|01p000000000001|Halver.Halver()",
            "EXIT|[1]|Halver",
            "ENTRY|[1]|01p000000000001|Halver.half(Integer)",
            "EXIT|[1]|01p000000000001|Halver.half(Integer)",
        ]
    );
}

// The events of a log without their times.
fn events(code: &str, levels: &LogLevels) -> Vec<String> {
    events_of(&execute(code, levels).log)
}

fn events_of(log: &str) -> Vec<String> {
    log.lines()
        .filter_map(|line| Some(line.split_once(")|")?.1.to_owned()))
        .filter(|event| !event.starts_with("USER_INFO"))
        .collect()
}

#[test]
fn queries_and_dml_are_logged_by_the_level_of_the_database() {
    let levels = LogLevels::default().with(Category::Database, Level::Info);
    let code = "String name = 'a  b';
        Savepoint start = Database.setSavepoint();
        insert new List<Contact>{ new Contact(LastName = name), new Contact(LastName = 'c') };
        Integer found = [SELECT Id, (SELECT Id FROM Cases)
            FROM Contact WHERE LastName = :name AND FirstName != 'x  y'
            LIMIT :5 - 4].size();
        Database.update(new Contact(Id = '003000000000009AAA'), false);
        Database.rollback(start);
        Database.query('SELECT Id FROM Case WHERE Subject = :name');";
    assert_eq!(
        events(code, &levels),
        [
            "SAVEPOINT_SET|[2]|0",
            "DML_BEGIN|[3]|Op:Insert|Type:Contact|Rows:2",
            "DML_END|[3]",
            "SOQL_EXECUTE_BEGIN|[4]|Aggregations:1|SELECT Id, (SELECT Id FROM Cases) FROM Contact WHERE LastName = :tmpVar1 AND FirstName != 'x  y' LIMIT :tmpVar2",
            "SOQL_EXECUTE_END|[4]|Rows:1",
            "DML_BEGIN|[7]|Op:Update|Type:Contact|Rows:1",
            "DML_END|[7]",
            "SAVEPOINT_ROLLBACK|[8]|0",
            "SOQL_EXECUTE_BEGIN|[9]|Aggregations:0|SELECT Id FROM Case WHERE Subject = :tmpVar1",
            "SOQL_EXECUTE_END|[9]|Rows:0",
        ]
    );
}

#[test]
fn callouts_and_mail_are_logged() {
    let levels = LogLevels::default()
        .with(Category::Callout, Level::Info)
        .with(Category::ApexCode, Level::Info);
    let code = "Messaging.SingleEmailMessage mail = new Messaging.SingleEmailMessage();
        mail.setToAddresses(new List<String>{ 'a@example.com' });
        mail.setPlainTextBody('secret');
        HttpRequest request = new HttpRequest();
        request.setEndpoint('callout:Name/messages');
        request.setMethod('POST');
        try { new Http().send(request); } catch (CalloutException e) { request = null; }
        Messaging.sendEmail(new List<Messaging.SingleEmailMessage>{ mail });";
    assert_eq!(
        events(code, &levels),
        [
            "EXECUTION_STARTED",
            "CODE_UNIT_STARTED|[EXTERNAL]|execute_anonymous_apex",
            "CALLOUT_REQUEST|[7]|System.HttpRequest[Endpoint=callout:Name/messages, Method=POST]",
            "EXCEPTION_THROWN|[7]|System.CalloutException: nobody answers",
            "EMAIL_QUEUE|[8]",
            "CODE_UNIT_FINISHED|execute_anonymous_apex",
            "EXECUTION_FINISHED",
        ]
    );
}

#[test]
fn statements_and_variables_are_logged_at_the_finest_levels() {
    let code = "class Box {
            Integer size;
            Box(Integer size) { this.size = size; }
        }
        List<String> names = new List<String>{ 'a\"b' };
        Box box = new Box(2);
        Case one = new Case();
        one.Subject = 'x';";
    let finer = LogLevels::default().with(Category::ApexCode, Level::Finer);
    let found = events(code, &finer);
    let statements: Vec<&String> = found
        .iter()
        .filter(|event| event.starts_with("STATEMENT"))
        .collect();
    assert_eq!(
        statements,
        [
            "STATEMENT_EXECUTE|[5]",
            "STATEMENT_EXECUTE|[6]",
            "STATEMENT_EXECUTE|[3]",
            "STATEMENT_EXECUTE|[7]",
            "STATEMENT_EXECUTE|[8]",
        ]
    );
    assert!(!found.iter().any(|event| event.starts_with("VARIABLE")));
    let finest = LogLevels::default().with(Category::ApexCode, Level::Finest);
    let found = events(code, &finest);
    let variables: Vec<&String> = found
        .iter()
        .filter(|event| event.starts_with("VARIABLE"))
        .collect();
    assert_eq!(
        variables,
        [
            "VARIABLE_SCOPE_BEGIN|[5]|names|List<String>|true|false",
            "VARIABLE_ASSIGNMENT|[5]|names|[\"a\\\"b\"]|0x10000010",
            "VARIABLE_SCOPE_BEGIN|[6]|box|Box|true|false",
            "VARIABLE_SCOPE_BEGIN|[3]|this|Box|true|false",
            "VARIABLE_ASSIGNMENT|[3]|this|{}|0x10000020",
            "VARIABLE_SCOPE_BEGIN|[3]|size|Integer|false|false",
            "VARIABLE_ASSIGNMENT|[3]|size|2",
            "VARIABLE_ASSIGNMENT|[3]|this.size|2",
            "VARIABLE_ASSIGNMENT|[6]|box|{\"size\":2}|0x10000020",
            "VARIABLE_SCOPE_BEGIN|[7]|one|Case|true|false",
            "VARIABLE_ASSIGNMENT|[7]|one|{}|0x10000030",
            "VARIABLE_ASSIGNMENT|[8]|this.Subject|\"x\"",
        ]
    );
}

#[test]
fn a_trigger_that_fails_ends_its_code_unit() {
    let levels = LogLevels::default().with(Category::ApexCode, Level::Error);
    let code = "insert new Case(Subject = 'fail');";
    let found = events(code, &levels);
    assert_eq!(
        found[2],
        "CODE_UNIT_STARTED|[EXTERNAL]|01q000000000001|Stamp on Case trigger event BeforeInsert|__sfdc_trigger/Stamp"
    );
    assert!(
        found[3].starts_with("FATAL_ERROR|System.MathException: Divide by 0"),
        "{found:?}"
    );
    assert_eq!(
        found[4],
        "CODE_UNIT_FINISHED|Stamp on Case trigger event BeforeInsert|__sfdc_trigger/Stamp"
    );
    assert!(
        found[5].starts_with("FATAL_ERROR|System.DmlException: Insert failed."),
        "{found:?}"
    );
}
