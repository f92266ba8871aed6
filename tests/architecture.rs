//! The walls between the rooms: who may use whom, who alone names a dependency, and how long a file may be.
//!
//! It reads the sources as text, so that it needs no build of theirs, and prints the row of the table that is broken.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may use. Every room of `src/` stands here; itself it may always use.
const ROOMS: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("error", &["domain"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("storage", &["domain", "error"]),
    ("warehouse", &["domain", "error"]),
    ("auth", &["domain", "error", "storage"]),
    ("ingest", &["domain", "error", "storage", "warehouse"]),
    ("app", &["domain", "error", "config", "storage", "warehouse", "auth", "ingest"]),
    ("graphql", &["domain", "error", "storage", "auth", "ingest", "app"]),
    ("http", &["domain", "error", "config", "telemetry", "storage", "warehouse", "auth", "ingest", "app", "graphql"]),
    (
        "cli",
        &["domain", "error", "config", "telemetry", "storage", "warehouse", "auth", "ingest", "app", "graphql", "http"],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Dependency, and the only rooms that name it.
const NAMED_BY: [(&str, &[&str]); 20] = [
    ("chrono", &["domain"]),
    ("chrono_tz", &["domain"]),
    ("sea_orm", &["storage"]),
    ("sea_orm_migration", &["storage"]),
    ("migration", &["storage"]),
    ("object_store", &["warehouse"]),
    ("parquet", &["warehouse"]),
    ("arrow", &["warehouse"]),
    ("argon2", &["auth"]),
    ("jsonwebtoken", &["auth"]),
    ("tokio_rustls", &["auth"]),
    ("rdkafka", &["ingest"]),
    ("csv", &["ingest"]),
    ("async_graphql", &["graphql"]),
    ("apollo_compiler", &["graphql"]),
    ("dataloader", &["graphql"]),
    ("axum", &["http"]),
    ("tower_http", &["http"]),
    ("async_graphql_axum", &["http"]),
    ("rust_embed", &["http"]),
];

/// The longest file, its tests aside.
const MAX_LINES: usize = 500;

#[test]
fn every_room_uses_only_the_rooms_it_may() {
    let mut broken = Vec::new();
    for Source { path, room, text } in sources() {
        let Some((_, may_use)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            broken.push(format!("{path}: `{room}` is no row of the table of rooms"));
            continue;
        };
        for used in rooms_used(&text, &module_path(&path)) {
            let is_room = ROOMS.iter().any(|(name, _)| *name == used);
            if is_room && used != room && !may_use.contains(&used.as_str()) {
                broken.push(format!("{path}: {room} may use [{}], not `{used}`", may_use.join(", ")));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_dependency_with_a_room_is_named_there_alone() {
    let mut broken = Vec::new();
    for Source { path, room, text } in sources() {
        let named = crates_named(&text);
        for (dependency, rooms) in NAMED_BY {
            if named.contains(dependency) && !rooms.contains(&room.as_str()) {
                broken.push(format!("{path}: `{dependency}` is named by [{}] alone, not by {room}", rooms.join(", ")));
            }
        }
        if named.contains("anyhow") && room != "cli" {
            broken.push(format!("{path}: `anyhow` is for cli alone; {room} has the crate's own error"));
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn the_orm_s_models_never_leave_storage() {
    let storage = sources().into_iter().filter(|source| source.room == "storage");
    let public: Vec<_> = storage.filter(|source| source.text.contains("pub mod entity")).map(|it| it.path).collect();
    assert!(public.is_empty(), "storage/entity is to be private: {public:?}");
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let length = |text: &str| text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
    let sources = sources().into_iter().map(|source| (source.path, length(&source.text)));
    let code = sources.filter(|(path, _)| !path.ends_with("tests.rs"));
    let long: Vec<_> = code.filter(|(_, lines)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines, their tests aside: {long:?}");
}

#[test]
fn the_reader_of_sources_sees_every_way_to_name_a_room() {
    let used = |text: &str, module: &[&str]| -> Vec<String> {
        rooms_used(text, &module.iter().map(ToString::to_string).collect::<Vec<_>>()).into_iter().collect()
    };
    assert_eq!(used("use crate::http::Router;", &["domain"]), ["http"]);
    assert_eq!(used("use crate::{auth, storage::{Reads, x}, error::Error};", &["a"]), ["auth", "error", "storage"]);
    assert_eq!(used("fn f() { energy_parks::cli::main() }", &["main"]), ["cli"]);
    assert_eq!(used("use super::super::http::x;", &["domain", "zone"]), ["http"]);
    assert_eq!(used("mod tests { use super::super::http::x; }", &["domain"]), ["http"]);
    assert_eq!(used("mod tests { use super::http::x; } use super::http;", &["domain"]), ["http"]);
    assert_eq!(used("mod tests { use super::http::x; }", &["domain"]), [""; 0]);
    assert_eq!(
        used("use super::range; // crate::http\nconst A: &str = \"crate::auth\";", &["domain", "park"]),
        [""; 0]
    );
    assert_eq!(used("/* crate::http */ r#\"crate::auth\"#", &["a"]), [""; 0]);
    assert_eq!(used("use crate::domain::park; 'a'; '\"'; use crate::http;", &["a"]), ["domain", "http"]);
}

#[test]
fn the_reader_of_sources_tells_a_dependency_from_a_path_s_middle() {
    let named = |text: &str| crates_named(text).contains("chrono");
    assert!(named("use chrono::Utc;") && named("use ::chrono::Utc;") && named("chrono::Utc::now()"));
    assert!(named("use {serde::Serialize, chrono::Utc};") && named("use chrono as time;"));
    assert!(!named("use crate::domain::chrono; use chrono::Utc;"));
    assert!(!named("use crate::domain::chrono::Utc;") && !named("let chrono = 1;"));
    assert!(!named("use crate::domain::{chrono, park};") && !named("use crate::domain::{chrono::Utc, park};"));
}

struct Source {
    /// From the folder `src` on.
    path: String,
    room: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    gather(&top, &mut files);
    assert!(files.len() > 20, "the sources are to be found in {}", top.display());
    let source = |file: &PathBuf| {
        let path = file.strip_prefix(&top).unwrap().to_str().expect("names are ASCII").to_owned();
        let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        Source { path, room, text: fs::read_to_string(file).unwrap() }
    };
    files.iter().map(source).collect()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// The module that a file is: `ingest/portfolio/sun.rs` is `ingest`, `portfolio`, `sun`.
fn module_path(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The names that follow the crate's root, however it is named: `crate`, `energy_parks`, or enough `super`s.
fn rooms_used(text: &str, module: &[String]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for Use { parents, path } in paths(text) {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let first = path.first().map(String::as_str).unwrap_or_default();
        let after_root = match first {
            "crate" | "energy_parks" => path.get(1),
            "super" if supers == module.len() + parents => path.get(supers),
            _ => None,
        };
        used.extend(after_root.cloned());
    }
    used
}

/// The first names of paths, those aside that the file takes from elsewhere; a dependency is among them if it is named.
fn crates_named(text: &str) -> BTreeSet<String> {
    let (mut first, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for Use { path, .. } in paths(text) {
        taken.extend(path.iter().skip(1).next_back().cloned());
        first.extend(path.into_iter().next());
    }
    &first - &taken
}

/// A path in the text, and how many modules written out in the file it stands in.
struct Use {
    parents: usize,
    path: Vec<String>,
}

/// All paths of two names and more, groups spread out, and what `use` names.
fn paths(text: &str) -> Vec<Use> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let (mut depth, mut modules) = (0_usize, Vec::new());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                modules.retain(|opened| *opened <= depth);
            }
            "mod" if tokens.get(at + 2).is_some_and(|next| next == "{") => modules.push(depth + 1),
            "use" => {
                at = tree(&tokens, at + 1, &[], modules.len(), &mut found);
                continue;
            }
            name if is_name(name) && tokens.get(at + 1).is_some_and(|next| next == "::") => {
                let mut path = vec![name.to_owned()];
                while tokens.get(at + 1).is_some_and(|next| next == "::")
                    && tokens.get(at + 2).is_some_and(|next| is_name(next))
                {
                    at += 2;
                    path.push(tokens[at].clone());
                }
                found.push(Use { parents: modules.len(), path });
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A test or file that `docs/security.md` names as a proof is there; `…` stands for the rest of a name.
#[test]
fn every_proof_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        gather(&root.join(folder), &mut files);
    }
    for path in files {
        let tokens = tokens(&fs::read_to_string(path).unwrap());
        names.extend(tokens.windows(2).filter(|two| two[0] == "fn").map(|two| two[1].clone()));
    }
    let text = fs::read_to_string(root.join("docs/security.md")).unwrap();
    // Every second piece between backticks stands within two; the first is the text before them.
    let proofs: Vec<_> = text.split('`').skip(1).step_by(2).collect();
    let is_test =
        |word: &&&str| word.matches('_').count() > 2 && !word.contains(|c: char| c.is_uppercase() || " /.".contains(c));
    let is_there = |proof: &str| match proof.split_once('…') {
        Some((start, end)) => names.iter().any(|name| name.starts_with(start) && name.ends_with(end)),
        None => names.contains(proof),
    };
    let tests: Vec<_> = proofs.iter().filter(is_test).collect();
    assert!(tests.len() > 50, "{tests:?}");
    let missing: Vec<_> = tests.into_iter().filter(|proof| !is_there(proof)).collect();
    assert!(missing.is_empty(), "no test is called {missing:?}");
    let is_file = |word: &&&str| word.contains('/') && [".rs", ".mjs", ".py"].iter().any(|end| word.ends_with(end));
    let missing: Vec<_> = proofs
        .iter()
        .filter(is_file)
        .filter(|file| !root.join(file).exists() && !root.join("src").join(file).exists())
        .collect();
    assert!(missing.is_empty(), "no file is called {missing:?}");
}

/// Reads a `use` tree from the token `at` on; returns the token after it.
fn tree(tokens: &[String], mut at: usize, before: &[String], parents: usize, found: &mut Vec<Use>) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "::" => {}
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, parents, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            "as" => at += 1,
            name if is_name(name) || name == "*" => path.push(name.to_owned()),
            _ => break,
        }
        at += 1;
    }
    found.push(Use { parents, path });
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Names, `::` and single marks; comments, texts and characters are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_text(rest) {
            length
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            character(rest)
        } else if is_name(rest) {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    tokens
}

/// The length of a raw text at the start, if there is one.
fn raw_text(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(rest.len() - body.len() + body.find(&close)? + close.len())
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The length of a character such as `'"'`, or of a lifetime's mark.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 3),
        Some(_) => characters.next().filter(|(_, second)| *second == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}
