//! Documents at the limits of the guard that would be slow to judge if anything were done for each pair of their parts, or
//! for each way through their fragments. What they take is not asserted; that they end, and in how many faults, is.

use std::fmt::Write as _;

use async_graphql::Request;

use super::Validator;
use crate::graphql::guard::{Guard, Limits};

/// The faults of a document that the guard admits.
fn faults(document: &str) -> usize {
    let limits = Limits::default();
    let validator = Validator::of_anything();
    let mut request = Request::new(document);
    let admitted = Guard::new(&limits, &validator).document(&mut request);
    assert!(admitted.is_ok(), "{:?}", admitted.err());
    Validator::new(true).check(&request.query).err().map_or(0, |faults| faults.len())
}

fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn two_thousand_fields_of_one_key() {
    assert_eq!(faults(&format!("{{ parks {{ nodes {{ {} }} }} }}", "id ".repeat(1_998))), 0);
    assert_eq!(faults(&format!("{{ parks {{ nodes {{ id: name {} }} }} }}", "id ".repeat(1_997))), 1_997);
}

#[test]
fn a_hundred_fields_of_one_key_each_with_the_same_below() {
    let inner = "customer { parks { nodes { readings { nodes { megawatts } } } } }";
    let root = format!("users {{ nodes {{ {inner} {inner} }} edges {{ node {{ {inner} }} }} }}");
    assert_eq!(faults(&format!("{{ {} }}", root.repeat(90))), 0);
}

#[test]
fn a_chain_of_fragments_in_a_hundred_operations() {
    let operations = each(100, |at| format!("query A{at} {{ ...F0 }}"));
    let chain = each(29, |at| format!("fragment F{at} on Query {{ ...F{} }}", at + 1));
    let end = |fields: &str| format!("fragment F29 on Query {{ viewer {{ {fields} }} }}");
    assert_eq!(faults(&format!("{operations} {chain} {}", end(&"name ".repeat(19)))), 0);
    assert_eq!(faults(&format!("{operations} {chain} {}", end("name(a: 1)"))), 1);
}

#[test]
fn lists_of_ten_thousand_values() {
    assert_eq!(faults(&format!("{{ nodes(ids: [{}]) {{ id }} }}", "1 ".repeat(9_900))), 0);
    assert_eq!(faults(&format!("{{ nodes(ids: [{}]) {{ id }} }}", "1.5 ".repeat(9_900))), 9_900);
}

#[test]
fn a_thousand_variables_in_thousands_of_places() {
    let variables = each(1_100, |at| format!("$v{at}: ID!"));
    let mut uses = each(1_100, |at| format!("$v{at}"));
    write!(uses, " {}", "$v1099 ".repeat(900)).unwrap();
    assert_eq!(faults(&format!("query({variables}) {{ nodes(ids: [{uses}]) {{ id }} }}")), 0);
    let nullable = variables.replace('!', "");
    assert_eq!(faults(&format!("query({nullable}) {{ nodes(ids: [{uses}]) {{ id }} }}")), 2_000);
}

#[test]
fn a_hundred_operations_over_one_fragment() {
    let operations = each(100, |at| format!("query A{at} {{ ...F }}"));
    let fragment = format!("fragment F on Query {{ nodes(ids: [{}]) {{ id }} }}", "1.5 ".repeat(98));
    assert_eq!(faults(&format!("{operations} {fragment}")), 98);
    let fragment = format!("fragment F on Query {{ parks {{ {} }} }}", "nope ".repeat(18));
    assert_eq!(faults(&format!("{operations} {fragment}")), 18);
}

#[test]
fn objects_of_thousands_of_fields() {
    let fields = each(3_300, |at| format!("f{at}: 1"));
    assert_eq!(faults(&format!("{{ parks(filter: {{ {fields} }}) {{ totalCount }} }}")), 1);
    assert_eq!(
        faults(&format!("{{ parks(filter: {{ {} }}) {{ totalCount }} }}", "search: \"\" ".repeat(3_300))),
        3_299
    );
}
