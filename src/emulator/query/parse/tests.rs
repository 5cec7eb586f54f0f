//! Reading queries, right and wrong.

use proptest::prelude::*;

use super::*;

#[test]
fn reads_a_query_of_every_part() {
    let query = parse(
        "select Id, CreatedBy.Name, (SELECT Id FROM Ys) FROM X WHERE A = 'it\\'s' AND b != null and \
         c IN (1, -2.5) AND d NOT IN (true) AND e >= 2026-05-09T17:00:41Z AND (NOT f LIKE 'a%' OR g = 1) \
         ORDER BY Id DESC, A NULLS LAST LIMIT 5 OFFSET 2",
    )
    .unwrap();
    let fields: Vec<String> = query.fields.iter().map(Field::text).collect();
    assert_eq!(fields, ["Id", "CreatedBy.Name"]);
    assert_eq!(query.children[0].object.text, "Ys");
    let Some(Filter::All(terms)) = query.filter else {
        panic!("joined by AND");
    };
    let conditions: Vec<&Condition> = terms
        .iter()
        .filter_map(|term| match term {
            Filter::One(condition) => Some(condition),
            _ => None,
        })
        .collect();
    let Some(Filter::Any(either)) = terms.last() else {
        panic!("joined by OR");
    };
    assert!(matches!(&either[0], Filter::Not(inner)
        if matches!(&**inner, Filter::One(one) if one.operator == Operator::Like)));
    let operators: Vec<Operator> = conditions.iter().map(|one| one.operator).collect();
    assert_eq!(
        operators,
        [
            Operator::Equal,
            Operator::NotEqual,
            Operator::In,
            Operator::NotIn,
            Operator::GreaterOrEqual
        ]
    );
    assert_eq!(conditions[0].values, [Literal::Text("it's".to_owned())]);
    assert_eq!(
        conditions[2].values,
        [Literal::Number(1.0), Literal::Number(-2.5)]
    );
    assert_eq!(
        query
            .order
            .iter()
            .map(|one| (one.descending, one.nulls_last))
            .collect::<Vec<_>>(),
        [(true, false), (false, true)]
    );
    assert_eq!((query.limit, query.offset), (Some(5), 2));
}

#[test]
fn says_where_a_query_is_malformed() {
    let refusal = parse("SELECT Id FRM ApexClass").unwrap_err();
    assert_eq!(refusal.code, "MALFORMED_QUERY");
    assert_eq!(
        refusal.message,
        "\nSELECT Id FRM ApexClass\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FRM'"
    );
    for bad in [
        "",
        "SELECT",
        "SELECT Id FROM X WHERE",
        "SELECT Id FROM X LIMIT x",
        "SELECT 'a FROM X",
        "SELECT Id FROM X WHERE a = 1 AND b = 2 OR c = 3",
        "SELECT COUNT(Id FROM X",
        "SELECT Id, (SELECT COUNT(Id) FROM C) FROM B",
        "SELECT (SELECT (SELECT Id FROM C) FROM B) FROM A",
        "SELECT Id FROM X OFFSET 1 LIMIT 1",
        "SELECT Id FROM X;",
        "SELECT A, COUNT(Id) FROM X HAVING COUNT(Id) > 1",
        "SELECT Id FROM X WHERE COUNT(Id) > 1",
        "SELECT Id FROM X WHERE Y IN (SELECT Id FROM Z",
        "SELECT Id FROM X x y",
        "SELECT FIELDS(SOME) FROM X",
        "SELECT Id FROM X FOR LATER",
        "SELECT TYPEOF What FROM X",
        "SELECT TYPEOF What WHEN Case THEN Id FROM X",
        "SELECT CALENDAR_YEAR(convertTimezone(A) FROM X",
        "SELECT A FROM X GROUP BY ROLLUP(A",
    ] {
        assert_eq!(parse(bad).unwrap_err().code, "MALFORMED_QUERY", "{bad}");
    }
}

#[test]
fn shows_32_characters_before_the_place() {
    let text = "SELECT Id,Name,BillingCity,IsDeleted FROM Accout";
    assert_eq!(
        located(text, 42, "no"),
        "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\n\
         ERROR at Row:1:Column:43\nno"
    );
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_almost_soql(
        text in "(SELECT |FROM |WHERE |AND |OR |IN |NOT |LIKE |COUNT|ORDER BY |LIMIT |OFFSET |[a-zA-Zé.,()='<>!\\\\ 0-9:-]){0,30}"
    ) {
        let _ = parse(&text);
    }
}

#[test]
fn what_is_valid_and_unknown_is_called_so() {
    let refusal = parse("SELECT Id, FORMAT(CreatedDate) FROM Case").unwrap_err();
    let last = refusal.message.lines().last();
    assert_eq!(last, Some("this local org does not know FORMAT of SOQL"));
}

#[test]
fn an_alias_is_taken_off_its_fields() {
    let query =
        parse("SELECT c.Id, Case.Owner.Name FROM Case c WHERE NOT c.Subject = null ORDER BY c.Id")
            .unwrap();
    let fields: Vec<String> = query.fields.iter().map(Field::text).collect();
    assert_eq!(fields, ["Id", "Owner.Name"]);
    assert_eq!(query.order[0].field.text(), "Id");
    assert!(matches!(query.filter, Some(Filter::Not(term))
        if matches!(&*term, Filter::One(one) if one.field.text() == "Subject")));
}
