//! `@skip` and `@include`.

use async_graphql::parser::types::Directive;
use async_graphql::{Positioned, Value, Variables};

/// Whether directives leave out what they stand at, for variables that have their defaults.
pub fn is_skipped(directives: &[Positioned<Directive>], variables: &Variables) -> bool {
    directives.iter().any(|directive| {
        let value = directive
            .node
            .get_argument("if")
            .and_then(|value| value.node.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok());
        let skips = directive.node.name.node == "skip";
        (skips || directive.node.name.node == "include") && value == Some(Value::Boolean(skips))
    })
}
