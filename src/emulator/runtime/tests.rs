//! No source makes the compiler or the machine panic.

use proptest::prelude::*;

use super::*;

fn class(source: &str) -> Result<Program, Vec<CompileError>> {
    let id = ComponentId::new(MetadataType::ApexClass, "C");
    Program::compile(&[(id, source.to_owned())], &Schema::standard())
}

const SAMPLE: &str = "@IsTest private class C {
    static Map<Id, List<Case>> found = new Map<Id, List<Case>>();
    @IsTest static void t() {
        for (Case one : [SELECT Id, Contact.Email FROM Case WHERE Subject LIKE 'a%' LIMIT :1 + 2]) {
            found.put(one.Id, new List<Case>{ one });
        }
        Integer n = 0;
        try {
            n = 7 / found.size();
        } catch (MathException e) {
            n += e.getMessage().length();
        } finally {
            n--;
        }
        switch on n { when 1 { n = 2; } when else { n = found.isEmpty() ? n << 2 : ~n; } }
        insert new Case(Subject = String.valueOf(n));
        System.Assert.areEqual(1, [SELECT COUNT() FROM Case]);
    }
}";

fn outcomes(program: &Program) -> Vec<Outcome> {
    let run = program.run_tests(&["C".to_owned()], &OrgData::default());
    run.results
        .into_iter()
        .map(|result| result.outcome)
        .collect()
}

#[test]
fn the_sample_passes() {
    assert_eq!(outcomes(&class(SAMPLE).unwrap()), [Outcome::Passed]);
}

#[test]
fn a_value_that_holds_itself_has_no_text() {
    let source = "@IsTest private class C { @IsTest static void t() {
        List<Object> l = new List<Object>(); l.add(l);
        Set<Object> s = new Set<Object>{ l };
        System.debug(s.contains(l));
        String text = String.valueOf(l);
    } }";
    let found = outcomes(&class(source).unwrap());
    assert!(
        matches!(&found[..], [Outcome::Unsupported { .. }]),
        "{found:?}"
    );
}

#[test]
fn what_no_page_tells_is_not_guessed() {
    for code in [
        "'abc'.charAt(3)",
        "'abc'.charAt(-1)",
        "Integer.valueOf((String) null)",
        "Long.valueOf(null)",
        "String.join(new List<String>{ 'a', null }, ',')",
    ] {
        let source = format!(
            "@IsTest private class C {{ @IsTest static void t() {{ Object o = {code}; }} }}"
        );
        let found = outcomes(&class(&source).unwrap());
        assert!(
            matches!(&found[..], [Outcome::Unsupported { .. }]),
            "{code}: {found:?}"
        );
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let program = class(&format!("public class C {{ Integer i = {deep}; }}")).unwrap();
    let gaps: Vec<String> = program.gaps().iter().map(ToString::to_string).collect();
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].contains("nested so deeply"), "{gaps:?}");
}

#[test]
fn a_method_in_a_trigger_is_a_gap_and_no_mistake_of_its_author() {
    let trigger = ComponentId::new(MetadataType::ApexTrigger, "T");
    let source =
        "trigger T on Case (before insert) {\n    Integer one() {\n        return 1;\n    }\n}\n";
    let program = Program::compile(&[(trigger, source.to_owned())], &Schema::standard()).unwrap();
    let gaps: Vec<String> = program.gaps().iter().map(ToString::to_string).collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].contains("a method in a trigger"), "{gaps:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_compiles_or_not(text in "\\PC{0,80}") {
        let _ = class(&text);
        let _ = class(&format!("public class C {{ static void f() {{ {text} }} }}"));
    }

    #[test]
    fn damaged_code_compiles_or_not(from in 0..SAMPLE.len(), length in 1_usize..40) {
        let mut source = SAMPLE.to_owned();
        let end = (from + length).min(source.len());
        source.replace_range(from..end, "");
        if let Ok(program) = class(&source) {
            outcomes(&program);
        }
    }
}
