//! Executing what was admitted: in its caller's turn, within its time, and once for all who ask the same of the same data.

use std::sync::Arc;
use std::time::Duration;

use super::body::Member;
use super::crowd::Place;
use super::kept::{Answer, Question};
use super::router::Server;
use super::visitor::Visitor;
use crate::auth::Principal;
use crate::error::Error;
use crate::graphql::guard::{Admission, Guard};
use crate::graphql::wire::{self, OperationType};

/// A request that may be executed.
pub struct Admitted {
    /// What is known of it.
    pub admission: Admission,
    request: wire::Request,
    /// Whether it has the server remember its document, and so is more than a question.
    teaches: bool,
}

/// What came of it.
pub enum Outcome {
    /// An answer without errors, which may have been computed for somebody else.
    Answer(Arc<Answer>),
    /// Any other.
    Response(Box<wire::Response>),
}

impl Admitted {
    /// Looks at a request, and fills in the document where it came by its name.
    pub fn of(
        server: &Server,
        visitor: &Visitor,
        guard: &mut Guard<'_>,
        mut member: Member,
    ) -> Result<Self, Vec<wire::ServerError>> {
        let teaches = member.name.hash.is_some() && !member.request.query.is_empty();
        server.documents.fill_in(&mut member).map_err(|error| {
            if wire::code_of(&error) == Some("FORBIDDEN") {
                let principal = visitor.principal().ok().flatten();
                server.api.refused("document", principal.as_ref(), None, visitor.address, error.message.clone());
            }
            vec![error]
        })?;
        let Member { mut request, uploads, .. } = member;
        let admission = guard.admit(&mut request, uploads)?;
        Ok(Self { admission, request, teaches })
    }

    /// Executes it. What reads waits for its turn and has an end; a load takes its time.
    pub async fn execute(
        self,
        server: &Server,
        place: &Place,
        principal: Option<Principal>,
        visitor: &Visitor,
        question: Option<&Question>,
    ) -> Outcome {
        let Self { admission, request, teaches } = self;
        let clock = server.api.clock();
        // Large, since it holds what a query needs: not on every caller's stack.
        let execution = Box::pin(server.api.execute(request, principal, visitor, &clock));
        let computed = async {
            let mut response = execution.await;
            admission.tell(&mut response);
            response
        };
        if admission.kind == OperationType::Mutation {
            return Outcome::Response(Box::new(computed.await));
        }
        let in_turn = async {
            let _turn = place.turn().await;
            let Some(question) = question.filter(|_| admission.is_of_data && !teaches) else {
                return Outcome::Response(Box::new(computed.await));
            };
            match server.kept.find_or_turn(question, clock.now.timestamp()).await {
                Ok(answer) => Outcome::Answer(answer),
                Err(turn) => {
                    let response = computed.await;
                    let is_kept = response.is_ok() && response.http_headers.is_empty();
                    let Some(text) = is_kept.then(|| wire::json(&response)).and_then(Result::ok) else {
                        return Outcome::Response(Box::new(response));
                    };
                    let answer =
                        Arc::new(Answer { text: text.into_boxed_slice().into(), same_within: clock.same_within() });
                    turn.keep(&answer);
                    Outcome::Answer(answer)
                }
            }
        };
        within(server.settings.query_timeout, in_turn).await
    }
}

/// The answer, or a refusal where it takes too long: it is given up then, its statements too.
async fn within(limit: Duration, execution: impl Future<Output = Outcome>) -> Outcome {
    tokio::time::timeout(limit, execution).await.unwrap_or_else(|_| {
        tracing::warn!(seconds = limit.as_secs(), "a query took too long and was given up");
        let sentence = format!("the query took longer than {} seconds; ask for less", limit.as_secs());
        Outcome::Response(Box::new(wire::refused(&Error::TooComplex(sentence))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_query_that_takes_too_long_is_given_up() {
        let Outcome::Response(answer) = within(Duration::from_millis(1), std::future::pending()).await else {
            panic!()
        };
        assert_eq!(wire::code(&answer), Some("TOO_COMPLEX"));
        assert!(wire::is_request_error(&answer));
    }
}
