//! Files in requests (the GraphQL multipart request specification).

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::{By, TestServer};

const BOUNDARY: &str = "----parks7MA4YWxk";

/// Sends a document whose variable `file` is a file of this name and bytes.
pub async fn upload(
    server: &TestServer,
    by: By,
    document: &str,
    variables: &Value,
    name: &str,
    bytes: &[u8],
) -> (StatusCode, Value) {
    let mut variables = variables.clone();
    variables["file"] = Value::Null;
    let operations = json!({ "query": document, "variables": variables }).to_string();
    let mut body = Vec::new();
    for (part, text) in [("operations", operations.as_str()), ("map", r#"{"0":["variables.file"]}"#)] {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{part}\"\r\n\r\n");
        body.extend_from_slice(format!("{head}{text}\r\n").as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let (status, answer) = server.send(by, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await;
    (status, serde_json::from_str(&answer).unwrap())
}
