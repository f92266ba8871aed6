//! What a document may hold, decided before anything walks it.
//!
//! A short document can cost a machine: lists nested two thousand deep overflow the parser's stack, and two dozen
//! fragments that each spread the next twice keep every visitor busy for seconds. So a document is looked at four
//! times, each look bounded by the one before: its bytes ([`scan`]), its parse, its fragments, each weighed once
//! ([`weight`]), and whether it is valid ([`validation`]). The members of a batch are counted together.

use std::borrow::Cow;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{ErrorExtensionValues, Request, Response, ServerError, UploadValue, Value, Variables, value};

use self::cost::Prices;
pub use self::validation::Validator;
use self::weight::{Scales, Weight};
use crate::error::Error;

mod cost;
mod escapes;
mod places;
pub mod plain;
mod scan;
#[cfg(test)]
mod tests;
mod validation;
mod weight;

/// How async-graphql marks an upload among the variables; nobody may write one by hand.
const UPLOAD_MARK: &str = "#__graphql_file__:";

/// The mutations that need no credential, and bring their own.
const SIGN_IN: [&str; 3] = ["login", "refreshToken", "logout"];

/// The queries of parks, readings and stats, and of nothing else.
const OF_DATA: [&str; 5] = ["park", "parks", "parkStats", "energyTypeStats", "__typename"];

/// The most that introspection may answer with, about: three times what tools ask for.
const MAX_INTROSPECTION: usize = 1_000_000;

/// What one HTTP request may hold, all members of a batch together; `depth` and `nesting` are each document's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the documents.
    pub bytes: usize,
    /// Names, numbers, strings and punctuators of the documents.
    pub tokens: usize,
    /// Brackets of any kind within each other, as written.
    pub nesting: usize,
    /// Fields within each other, fragments resolved.
    pub depth: usize,
    /// Fields, fragments resolved.
    pub fields: usize,
    /// Of these, those at the root.
    pub root_fields: usize,
    /// Aliases, fragments resolved.
    pub aliases: usize,
    /// Directives, fragments resolved.
    pub directives: usize,
    /// Fragments that are defined.
    pub fragments: usize,
    /// Values in the variables of queries.
    pub variables: usize,
    /// Fields that the answer could hold.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // GraphiQL's introspection has 183 tokens, 239 fields and a depth of 14.
        Self {
            bytes: 1 << 20,
            tokens: 10_000,
            nesting: 100,
            depth: 20,
            fields: 2_000,
            root_fields: 100,
            aliases: 100,
            directives: 200,
            fragments: 100,
            variables: 10_000,
            cost: 10_000_000,
        }
    }
}

/// A file of a multipart request, and the place among the variables where it belongs: `variables.source.file`.
pub struct Upload {
    /// The dotted path, as the request's map has it.
    pub path: String,
    /// The file.
    pub file: UploadValue,
}

/// What is known of a request before it is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The kind of operation that will run.
    pub kind: OperationType,
    /// Whether it only reads parks, readings and stats, so that the same data and the same time give the same answer.
    pub is_of_data: bool,
    /// Whether it does nothing but sign in or out, for which no credential is needed.
    pub only_signs_in: bool,
    /// Fields that its answer could hold.
    pub cost: u64,
    /// What the other members of its batch may cost still.
    pub left: u64,
}

impl Admission {
    /// Tells the cost in an answer's extensions.
    pub fn tell(self, response: &mut Response) {
        let cost = value!({ "requested": self.cost, "left": self.left });
        response.extensions.insert("cost".to_owned(), cost);
    }
}

/// The guard of one HTTP request.
pub struct Guard<'a> {
    limits: &'a Limits,
    validator: &'a Validator,
    bytes: usize,
    tokens: usize,
    fragments: usize,
    variables: usize,
    weight: Weight,
    cost: u64,
}

impl<'a> Guard<'a> {
    /// A guard that has seen nothing yet.
    pub fn new(limits: &'a Limits, validator: &'a Validator) -> Self {
        Self { limits, validator, bytes: 0, tokens: 0, fragments: 0, variables: 0, weight: Weight::default(), cost: 0 }
    }

    /// Admits the next member of the request: parses its document, which must be valid, and keeps the result in it, puts
    /// its uploads in place, and fills in the defaults of its variables.
    pub fn admit(&mut self, request: &mut Request, uploads: Vec<Upload>) -> Result<Admission, Vec<ServerError>> {
        let document = self.document(request).map_err(|error| vec![error])?;
        self.validator.check(&request.query)?;
        self.prepare(request, document, uploads).map_err(|error| vec![error])
    }

    /// The document of a request, once it is weighed.
    fn document(&mut self, request: &mut Request) -> Result<ExecutableDocument, ServerError> {
        self.bytes = self.bytes.saturating_add(request.query.len());
        within(self.bytes, self.limits.bytes, "bytes")?;
        let left = self.limits.tokens.saturating_sub(self.tokens);
        let tokens = scan::tokens(&request.query, self.limits.nesting, left).map_err(|excess| match excess {
            scan::Excess::Nesting => too_complex("brackets within each other", self.limits.nesting),
            scan::Excess::Tokens => too_complex("tokens", self.limits.tokens),
        })?;
        self.tokens += tokens;

        if let Cow::Owned(resolved) = escapes::resolve(&request.query)? {
            request.query = resolved;
        }
        let document = parse_query(&request.query).map_err(unparsed)?;
        self.fragments += document.fragments.len();
        within(self.fragments, self.limits.fragments, "fragments")?;
        self.weigh(&document)?;
        Ok(document)
    }

    /// Makes a request whose document is valid ready to be executed.
    fn prepare(
        &mut self,
        request: &mut Request,
        mut document: ExecutableDocument,
        uploads: Vec<Upload>,
    ) -> Result<Admission, ServerError> {
        let count = self.count(&request.variables)?;
        // An escape may hide the mark; without one, and without its words, there is none and nothing to look through.
        let suspect = request.query.contains("graphql_file") || request.query.contains("\\u");
        if request.variables.values().any(marked) || (suspect && weight::any_value(&document, marked)) {
            return Err(refusal(&Error::invalid("a file is sent as a part of a multipart request")));
        }
        for Upload { path, file } in uploads {
            let before = request.uploads.len();
            request.set_upload(&path, file);
            if request.uploads.len() == before {
                return Err(refusal(&Error::Invalid(format!("the map names {path}, where no variable is"))));
            }
        }
        // Without an operation to run, executing says what is wrong.
        let (mut kind, mut cost) = (OperationType::Query, 0);
        let (mut only_signs_in, mut is_of_data) = (false, false);
        if let Some(operation) = selected(&document, request.operation_name.as_deref()) {
            fill_in(operation, &mut request.variables)?;
            kind = operation.ty;
            only_signs_in = kind == OperationType::Mutation && weight::only_fields(operation, &SIGN_IN);
            is_of_data = kind == OperationType::Query && weight::only_fields(operation, &OF_DATA);
            cost = Prices::new(&document, &request.variables).operation(operation);
            self.price(cost)?;
            if kind != OperationType::Mutation {
                self.variables = self.variables.saturating_add(count);
                within(self.variables, self.limits.variables, "values in variables")?;
            }
        }
        plain::make_plain(&mut document, &request.variables);
        request.set_parsed_query(document);
        Ok(Admission { kind, is_of_data, only_signs_in, cost, left: self.limits.cost - self.cost })
    }

    /// How many values the variables hold, none of them too deep.
    fn count(&self, variables: &Variables) -> Result<usize, ServerError> {
        let counted = variables.values().map(|value| values(value, self.limits.nesting));
        counted.sum::<Option<usize>>().ok_or_else(|| too_complex("brackets within each other", self.limits.nesting))
    }

    fn price(&mut self, cost: u64) -> Result<(), ServerError> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost <= self.limits.cost {
            return Ok(());
        }
        Err(refusal(&Error::TooComplex(format!(
            "the answer could hold {} fields, and at most {} are allowed: ask for a shorter range, smaller pages or fewer \
             fields",
            self.cost, self.limits.cost
        ))))
    }

    /// Every operation is weighed, since validation walks them all.
    fn weigh(&mut self, document: &ExecutableDocument) -> Result<(), ServerError> {
        let mut scales = Scales::new(document);
        scales.fragments()?;
        for (_, operation) in document.operations.iter() {
            self.weight = self.weight.plus(scales.operation(&operation.node)?);
        }
        within(self.weight.depth, self.limits.depth, "fields within each other")?;
        within(self.weight.fields, self.limits.fields, "fields")?;
        within(self.weight.roots, self.limits.root_fields, "fields at the root")?;
        within(self.weight.aliases, self.limits.aliases, "aliases")?;
        within(self.weight.directives, self.limits.directives, "directives")?;
        within(self.weight.values, self.limits.tokens, "values in arguments")?;
        within(self.weight.introspection, MAX_INTROSPECTION, "fields of the schema itself")?;
        // Aliases would make one request a thousand guesses at a password.
        within(self.weight.logins, 1, "sign-ins")
    }
}

/// The operation that will run, if the document and the name agree on one.
pub fn selected<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    found.map(|operation| &operation.node)
}

/// Fills in the defaults of variables, which async-graphql 7.2.1 forgets in `@skip` and `@include`, and refuses what
/// the specification calls a request error: a variable that must have a value and has none.
fn fill_in(operation: &OperationDefinition, variables: &mut Variables) -> Result<(), ServerError> {
    for definition in &operation.variable_definitions {
        let (name, var_type) = (&definition.node.name.node, &definition.node.var_type.node);
        if let Some(default) = &definition.node.default_value {
            variables.entry(name.clone()).or_insert_with(|| default.node.clone());
        }
        if !var_type.nullable && matches!(variables.get(name), None | Some(Value::Null)) {
            let mut error = refusal(&Error::Invalid(format!("the variable ${name} of type {var_type} needs a value")));
            error.locations.push(definition.pos);
            return Err(error);
        }
    }
    Ok(())
}

/// How many values there are in one, itself too; `None` where brackets nest deeper than `nesting`.
fn values(value: &Value, nesting: usize) -> Option<usize> {
    let within = |inner: &Value| values(inner, nesting.checked_sub(1)?);
    let inner: usize = match value {
        Value::List(_) | Value::Object(_) if nesting == 0 => return None,
        Value::List(items) => items.iter().map(within).sum::<Option<_>>()?,
        Value::Object(fields) => fields.values().map(within).sum::<Option<_>>()?,
        _ => 0,
    };
    Some(inner + 1)
}

fn marked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(UPLOAD_MARK),
        Value::List(items) => items.iter().any(marked),
        Value::Object(fields) => fields.values().any(marked),
        _ => false,
    }
}

fn within(count: usize, limit: usize, what: &str) -> Result<(), ServerError> {
    if count > limit { Err(too_complex(what, limit)) } else { Ok(()) }
}

fn too_complex(what: &str, limit: usize) -> ServerError {
    refusal(&Error::TooComplex(format!("a request may hold at most {limit} {what}")))
}

/// The parser draws the line it failed in, however long; what it expected, and where, is enough. Of validation it knows
/// that names are told apart.
fn unparsed(error: async_graphql::parser::Error) -> ServerError {
    use async_graphql::parser::Error::{FragmentDuplicated, MultipleOperations, OperationDuplicated};
    let is_invalid =
        matches!(error, FragmentDuplicated { .. } | MultipleOperations { .. } | OperationDuplicated { .. });
    let mut error = ServerError::from(error);
    if is_invalid {
        return coded(error, "GRAPHQL_VALIDATION_FAILED");
    }
    if let Some((_, expected)) = error.message.rsplit_once("= ") {
        error.message = format!("syntax error: {}", expected.trim());
    }
    coded(error, "GRAPHQL_PARSE_FAILED")
}

/// The error of a request that is not executed.
pub fn refusal(error: &Error) -> ServerError {
    coded(ServerError::new(error.to_string(), None), error.code())
}

/// An error with its code.
pub fn coded(mut error: ServerError, code: &str) -> ServerError {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
    error
}
