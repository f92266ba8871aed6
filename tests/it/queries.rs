//! Questions of every kind that the schema takes, each with its name: what the two databases must answer alike.

mod errors;
mod loads;
mod parks;
mod readings;
mod stats;

use serde_json::{Value, json};

use crate::server::{By, TestServer};

/// A question and what becomes of it.
pub struct Question {
    pub name: &'static str,
    pub document: &'static str,
    pub by: By,
    /// The code of the first error; `None` where there must be none.
    pub fails: Option<&'static str>,
    variables: Value,
    /// Variables that stand in the answer to another document: their name, the document, and the place (RFC 6901).
    taken: Vec<(&'static str, &'static str, &'static str)>,
}

impl Question {
    fn new(name: &'static str, document: &'static str) -> Self {
        Self { name, document, by: By::Operator, fails: None, variables: json!({}), taken: Vec::new() }
    }

    fn with(mut self, variables: Value) -> Self {
        self.variables = variables;
        self
    }

    /// Takes a variable from the answer to another document.
    fn taking(mut self, variable: &'static str, document: &'static str, place: &'static str) -> Self {
        self.taken.push((variable, document, place));
        self
    }

    fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    fn failing(mut self, code: &'static str) -> Self {
        self.fails = Some(code);
        self
    }

    /// Asks, and answers with the body of the answer.
    pub async fn ask(&self, server: &TestServer) -> String {
        let mut variables = self.variables.clone();
        for (variable, document, place) in &self.taken {
            let data = server.data(document, &json!({})).await;
            let value = data.pointer(place).unwrap_or_else(|| panic!("{}: no {place} in {data}", self.name));
            assert!(!value.is_null(), "{}: {place} of {data}", self.name);
            variables[*variable] = value.clone();
        }
        server.ask_by(self.by, self.document, &variables).await
    }
}

/// All questions.
pub fn all() -> Vec<Question> {
    [parks::all(), readings::all(), stats::all(), loads::all(), errors::all()].into_iter().flatten().collect()
}
