//! What is wrong with a document, in sentences for its author.

use std::borrow::Cow;

use apollo_compiler::diagnostic::{Diagnostic, ToCliReport};
use apollo_compiler::validation::{DiagnosticData, DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema};
use async_graphql::Pos;

use super::inputs;
use crate::graphql::guard::places::Places;

/// What is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// None where it is wrong as a whole.
    pub(super) pos: Option<Pos>,
    pub(super) sentence: Cow<'static, str>,
    pub(super) code: &'static str,
}

/// The same by its offset in bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) offset: Option<usize>,
    pub(super) sentence: Cow<'static, str>,
    code: &'static str,
    /// Whether two fields are at odds, of which one sentence is enough.
    is_conflict: bool,
}

impl Found {
    /// A rule of the specification that is broken.
    pub(super) fn invalid(offset: Option<usize>, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { offset, sentence: sentence.into(), code: "GRAPHQL_VALIDATION_FAILED", is_conflict: false }
    }
}

/// All that is wrong, each thing told once, in the order of the document.
pub(super) fn faults(schema: &Valid<Schema>, document: &str, tells: bool) -> Vec<Fault> {
    let (parsed, told) = match ExecutableDocument::parse_and_validate(schema, document, "") {
        Ok(parsed) => (parsed.into_inner(), None),
        Err(wrong) => (wrong.partial, Some(wrong.errors)),
    };
    let mut found = inputs::check(schema, &parsed, tells);
    if let Some(told) = &told {
        let follows = Follows::of(told);
        found.extend(told.iter().filter_map(|one| found_by(&one, document, &follows, tells)));
    }
    found.sort_unstable();
    found.dedup_by(|one, other| one == other || (one.is_conflict && other.is_conflict && one.offset == other.offset));
    let mut places = Places::new(document);
    let fault =
        |Found { offset, sentence, code, .. }| Fault { pos: offset.map(|offset| places.of(offset)), sentence, code };
    found.into_iter().map(fault).collect()
}

/// What apollo-compiler calls a fault; none of what does not parse. The name is no promise of its, so the version is
/// pinned; one that is not known here is told without its sentence where the schema is not told.
fn kind(diagnostic: &Diagnostic<'_, DiagnosticData>) -> Option<&'static str> {
    diagnostic.error.unstable_error_name()
}

/// What may be told only because of another fault.
struct Follows {
    /// A part of the document was left out, and what stands in it counts as not used.
    leaves_out: bool,
    /// A variable has a type that no place expects.
    has_lost_variable: bool,
    /// A fragment is on a type that has no fields.
    has_lost_fragment: bool,
}

impl Follows {
    fn of(told: &DiagnosticList) -> Self {
        let any = |kinds: &[&str]| told.iter().any(|one| kind(&one).is_some_and(|kind| kinds.contains(&kind)));
        Self {
            leaves_out: any(&[
                "UndefinedField",
                "UndefinedRootOperation",
                "UndefinedTypeInNamedFragmentTypeCondition",
                "UndefinedTypeInInlineFragmentTypeCondition",
                "SubselectionOnScalarType",
                "SubselectionOnEnumType",
            ]),
            has_lost_variable: any(&["UndefinedDefinition", "VariableInputType"]),
            has_lost_fragment: any(&["InvalidFragmentTarget"]),
        }
    }

    fn has(&self, kind: &str, at_variable: bool) -> bool {
        match kind {
            "UnusedVariable" | "UnusedFragment" | "UndefinedFragment" | "MissingSubselection" => self.leaves_out,
            "DisallowedVariableUsage" => self.has_lost_variable,
            "UnsupportedValueType" => self.has_lost_variable && at_variable,
            "InvalidFragmentSpread" | "UndefinedField" => self.has_lost_fragment,
            _ => false,
        }
    }
}

fn found_by(
    diagnostic: &Diagnostic<'_, DiagnosticData>,
    document: &str,
    follows: &Follows,
    tells: bool,
) -> Option<Found> {
    let offset = diagnostic.error.location().map(|location| location.offset());
    let at_variable = offset.and_then(|offset| document.get(offset..)).is_some_and(|rest| rest.starts_with('$'));
    let Some(kind) = kind(diagnostic) else {
        let found = Found::invalid(offset, diagnostic.error.to_string());
        return Some(Found { code: "GRAPHQL_PARSE_FAILED", ..found });
    };
    if follows.has(kind, at_variable) {
        return None;
    }
    let sentence = diagnostic.error.to_string();
    let sentence = if tells { Cow::Owned(sentence) } else { closed(kind, sentence) };
    Some(Found { is_conflict: kind.starts_with("Conflicting"), ..Found::invalid(offset, sentence) })
}

/// A sentence that names nothing of the schema but what the document does.
fn closed(kind: &str, sentence: String) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        "UndefinedField" => "there is no such field here",
        "UndefinedArgument" => "there is no such argument here",
        "UndefinedEnumValue" | "UnsupportedValueType" => "the value is none of the type that is expected here",
        "UndefinedInputValue" => "the object has a field that its type does not have",
        "RequiredArgument" => "an argument is missing that is required",
        "RequiredField" => "a field of the object is missing that is required",
        "InvalidFragmentSpread" => "what the fragment is on is never found here",
        "DisallowedVariableUsage" => "the variable is not of the type that is expected here",
        "SubselectionOnScalarType" | "SubselectionOnEnumType" => "the field has no fields of its own",
        // These name what the document itself names.
        "UniqueVariable"
        | "UniqueArgument"
        | "UniqueDirective"
        | "UndefinedDefinition"
        | "UndefinedDirective"
        | "UndefinedVariable"
        | "UndefinedFragment"
        | "UndefinedRootOperation"
        | "UndefinedTypeInNamedFragmentTypeCondition"
        | "UndefinedTypeInInlineFragmentTypeCondition"
        | "UnusedVariable"
        | "UnusedFragment"
        | "UnsupportedLocation"
        | "IntCoercionError"
        | "FloatCoercionError"
        | "MissingSubselection"
        | "InvalidFragmentTarget"
        | "VariableInputType"
        | "ConflictingFieldType"
        | "ConflictingFieldName"
        | "ConflictingFieldArgument" => return Cow::Owned(sentence),
        _ => "the document is not valid here",
    })
}
