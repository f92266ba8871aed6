//! Errors as clients see them: a public sentence and a code.
//!
//! Resolvers return the crate's [`Error`]; async-graphql keeps it as the source of its own. Here each gets its code, the
//! private cause goes to the log, and what is none of ours is given a code by where it arose.

use std::sync::Arc;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextRequest, NextValidation,
};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ErrorExtensionValues, Response, ServerError, ServerResult, ValidationResult, Variables};

use super::scalars;
use crate::error::{Cause, Error};

/// The extension that gives errors their codes.
#[derive(Clone, Copy)]
pub struct ErrorCodes {
    /// Whether the schema tells of itself.
    pub tells: bool,
}

impl ExtensionFactory for ErrorCodes {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for ErrorCodes {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        publish_all(&mut response.errors);
        response
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        next.run(ctx, query, variables).await.map_err(|mut error| {
            publish(&mut error, "GRAPHQL_PARSE_FAILED");
            error
        })
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await.map_err(|mut errors| {
            for error in &mut errors {
                let wanted = scalars::wanted(&error.message);
                if !self.tells {
                    cut_types(&mut error.message);
                }
                match wanted {
                    Some(wanted) => {
                        error.message = format!("{}: {wanted}", error.message);
                        publish(error, "BAD_USER_INPUT");
                    }
                    None => {
                        publish(error, "GRAPHQL_VALIDATION_FAILED");
                    }
                }
            }
            errors
        })
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        publish_all(&mut response.errors);
        response
    }
}

/// Leaves of a sentence like `Invalid value for argument "a.b", expected type "C"` what the caller has written.
fn cut_types(sentence: &mut String) {
    match sentence.find("\", ") {
        Some(end) if sentence.starts_with("Invalid value for argument \"") => sentence.truncate(end + 1),
        _ => "the request is not valid".clone_into(sentence),
    }
}

/// Publishes the errors of fields. A cause that many of them share, as those of one batch do, is logged once.
fn publish_all(errors: &mut [ServerError]) {
    let mut logged: Vec<Cause> = Vec::new();
    for error in errors {
        if let Some((code, cause)) = publish(error, "BAD_USER_INPUT")
            && !logged.iter().any(|other| Arc::ptr_eq(other, &cause))
        {
            log(error, code, &cause);
            logged.push(cause);
        }
    }
}

/// Sets the code of an error that has none yet. Answers with the private cause, which is to be logged.
fn publish(error: &mut ServerError, otherwise: &'static str) -> Option<(&'static str, Cause)> {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_some() {
        return None;
    }
    let ours = error.source.as_ref().and_then(|source| source.downcast_ref::<Error>());
    let code = ours.map_or(otherwise, Error::code);
    extensions.set("code", code);
    if let Some(seconds) = ours.and_then(Error::retry_after) {
        extensions.set("retryAfter", seconds);
    }
    ours.and_then(Error::cause).map(|cause| (code, cause.clone()))
}

fn log(error: &ServerError, code: &str, cause: &Cause) {
    let path: Vec<_> = error.path.iter().map(|segment| format!("{segment:?}")).collect();
    tracing::error!(code, cause = cause.to_string(), path = path.join("."), "a field could not be resolved");
}
