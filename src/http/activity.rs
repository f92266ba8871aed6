//! What a connection is at: one that asks nothing, or does not take its answers, is closed after a while.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

/// The largest piece that an answer is written in: what is taken of it is seen at each.
const PIECE: usize = 64 << 10;

/// How long a connection may be of no use.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until the head of its first request is there.
    pub first: Duration,
    /// Between an answer and the next request.
    pub next: Duration,
    /// Between two pieces of an answer.
    pub answer: Duration,
}

/// The requests of one connection.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    in_flight: usize,
    /// Since when nothing is in flight, if nothing is.
    idle_since: Instant,
    has_asked: bool,
    /// When the next piece of each answer was last asked for.
    answers: HashMap<u64, Instant>,
    next_id: u64,
}

impl Activity {
    /// Of a connection that has asked nothing yet.
    pub fn new() -> Self {
        let (in_flight, has_asked, answers, next_id) = (0, false, HashMap::new(), 0);
        Self(Arc::new(Mutex::new(State { in_flight, idle_since: Instant::now(), has_asked, answers, next_id })))
    }

    /// A request begins.
    pub fn begin(&self) -> InFlight {
        self.with(|state| {
            state.in_flight += 1;
            state.has_asked = true;
            state.next_id += 1;
            InFlight { id: state.next_id, activity: self.clone() }
        })
    }

    /// Comes when the connection is of no use any more.
    pub async fn ceased(&self, patience: Patience) {
        while let Some(due) = self.due(patience) {
            // What begins meanwhile may be due earlier than what is known now.
            tokio::time::sleep_until(due.min(Instant::now() + patience.answer)).await;
        }
    }

    /// Whether a request is at work, and its answer taken.
    pub fn is_busy(&self, patience: Patience) -> bool {
        self.with(|state| state.in_flight > 0) && self.due(patience).is_some()
    }

    /// When to look again; `None` if the connection is of no use now.
    fn due(&self, patience: Patience) -> Option<Instant> {
        let now = Instant::now();
        let due = self.with(|state| {
            let limit = if state.has_asked { patience.next } else { patience.first };
            let idle = (state.in_flight == 0).then(|| state.idle_since + limit);
            let taken = state.answers.values().min().map(|taken| *taken + patience.answer);
            idle.into_iter().chain(taken).min().unwrap_or(now + patience.answer)
        });
        (due > now).then_some(due)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request, until its answer is sent or given up.
#[derive(Debug)]
pub struct InFlight {
    id: u64,
    activity: Activity,
}

impl InFlight {
    /// The answer, by whose body the request is in flight on.
    pub fn answered(self, response: Response) -> hyper::Response<Watched> {
        self.is_taken();
        response.map(|body| Watched { body, rest: Bytes::new(), in_flight: self })
    }

    fn is_taken(&self) {
        self.activity.with(|state| state.answers.insert(self.id, Instant::now()));
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.activity.with(|state| {
            state.in_flight -= 1;
            state.idle_since = Instant::now();
            state.answers.remove(&self.id);
        });
    }
}

/// The body of an answer, written in pieces: the next is asked for when there is room for it.
pub struct Watched {
    body: Body,
    /// What is left of the frame at hand.
    rest: Bytes,
    in_flight: InFlight,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.in_flight.is_taken();
        if self.rest.is_empty() {
            let frame = match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
