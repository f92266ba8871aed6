use std::sync::atomic::{AtomicUsize, Ordering};

use apollo_compiler::Schema;

use super::{KEPT_BYTES, Validator};

fn sentences(document: &str) -> Vec<String> {
    let outcome = Validator::new(true).check(document);
    outcome.err().unwrap_or_default().into_iter().map(|error| error.message).collect()
}

#[test]
fn the_schema_is_valid() {
    let wrong = Schema::parse_and_validate(crate::graphql::sdl(), "schema.graphql").err();
    assert!(wrong.is_none(), "{}", wrong.unwrap());
}

#[test]
fn a_document_is_judged_once_as_long_as_its_verdict_is_remembered() {
    static JUDGED: AtomicUsize = AtomicUsize::new(0);
    let validator = Validator::judging(
        |document, tells| {
            JUDGED.fetch_add(1, Ordering::Relaxed);
            super::diagnosis::faults(&super::SCHEMA, document, tells)
        },
        true,
    );
    for _ in 0..3 {
        assert!(validator.check("{ __typename }").is_ok());
        assert_eq!(validator.check("{ nope }").unwrap_err().len(), 1);
    }
    assert_eq!(JUDGED.load(Ordering::Relaxed), 2);
}

#[test]
fn verdicts_take_no_more_than_their_bytes() {
    let validator = Validator::judging(
        |document, _| {
            let faults = super::diagnosis::faults(&super::SCHEMA, document, true);
            std::iter::repeat_n(faults, 100).flatten().collect()
        },
        true,
    );
    for number in 0..2_000 {
        assert!(validator.check(&format!("{{ nope{number} }}")).is_err());
    }
    assert!(validator.verdicts.weight() <= KEPT_BYTES);
    let kept = validator.verdicts.len();
    assert!((100..1_000).contains(&kept), "{kept}");
}

#[test]
fn what_is_wrong_in_a_fragment_is_told_once_for_all_operations() {
    let document = "query A { ...F } query B { ...F } fragment F on Query { nodes(ids: [1, 1.5]) { id } }";
    assert_eq!(sentences(document), ["expected value of type ID!, found a float"]);
}

#[test]
fn what_follows_from_another_fault_is_not_told() {
    let document = "query($x: Int) { nope(a: $x) { ...F } } fragment F on Query { __typename }";
    assert_eq!(sentences(document), ["type `Query` does not have a field `nope`"]);
    let document = "query($x: Int) { ...F } fragment F on Query { __typename }";
    assert_eq!(sentences(document), ["unused variable: `$x`"]);
}

#[test]
fn values_of_our_scalars_are_not_judged_here() {
    let document = r#"query($d: Date, $z: TimeZone) {
        a: parkStats(dates: { from: 1, until: "x" }, timezone: UTC) { totalCount }
        b: parkStats(dates: { from: $d, until: null }, timezone: $z) { totalCount }
        c: parks(filter: { names: "one", timezones: [$z2] }) { totalCount }
    }"#;
    assert_eq!(sentences(&document.replace("$z2", "\"UTC\"")), [""; 0]);
    assert_eq!(sentences(document), ["variable `$z2` is not defined"]);
}

#[test]
fn variables_within_values_stand_where_their_types_may() {
    let rows = |variables: &str, rows: &str| {
        sentences(&format!("mutation({variables}) {{ loadParks(source: {{ rows: {rows} }}) {{ id }} }}"))
    };
    let row = r#"{ name: $name, timezone: "UTC", energyType: WIND, capacityMw: $capacity }"#;
    let variables = "$name: String!, $capacity: Float";
    assert_eq!(rows(variables, row), [""; 0], "one for a list of it");
    assert_eq!(rows(variables, &format!("[{row}]")), [""; 0]);
    let wrong = "the variable `$name` of type `String` cannot stand here, where `String!` is expected";
    assert_eq!(rows("$name: String, $capacity: Float!", row), [wrong]);
    assert_eq!(rows("$name: String = \"a\", $capacity: Float", row), [""; 0]);
    assert_eq!(rows("$name: String = null, $capacity: Float", row), [wrong]);
    assert_eq!(rows("$rows: [ParkInput!]!", "$rows"), [""; 0]);
    assert_eq!(
        rows("$rows: [ParkInput!]", "$rows"),
        ["the variable `$rows` of type `[ParkInput!]` cannot stand here, where `[ParkInput!]!` is expected"]
    );
    assert_eq!(rows("$rows: [ParkInput!] = []", "$rows"), [""; 0]);
}

#[test]
fn a_variable_of_no_type_is_told_at_its_definition_alone() {
    let document = "query($x: Nope) { node(id: $x) { id } nodes(ids: [$x]) { id } }";
    assert_eq!(sentences(document), ["cannot find type `Nope` in this document"]);
    let document = "query($x: Park) { node(id: $x) { id } nodes(ids: [1.5]) { id } }";
    assert_eq!(
        sentences(document),
        ["`$x` variable must be of an input type", "expected value of type ID!, found a float"]
    );
}
