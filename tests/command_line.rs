//! The binary as an operator calls it.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A call in a folder of its own, without settings from outside.
fn call(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_energy-parks"));
    command.current_dir(folder).args(arguments).env_clear().env("RUST_LOG", "error");
    command.envs(settings.iter().copied()).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_wrong_setting_ends_the_start_with_one_sentence_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = [
        ("LISTEN", "here"),
        ("DATABASE_URL", "mysql://u:hunter2@host/db"),
        ("DATABASE_CONNECTIONS", "0"),
        ("PUBLIC_URL", "parks"),
        ("MAX_DEPTH", "-1"),
        ("MAX_COST", "much"),
        ("QUERY_TIMEOUT", "0"),
        ("INTROSPECTION", "maybe"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "a=b=c"),
        ("ADMIN_USERNAME", " "),
    ];
    for (variable, value) in wrong {
        let output = call(folder.path(), &["migrate", "status"], &[(variable, value)]);
        let sentence = complained(&output);
        assert_eq!((status(&output), sentence.lines().count()), (2, 1), "{variable}: {sentence}");
        assert!(sentence.starts_with(&format!("energy-parks: {variable} ")), "{sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let folder = tempfile::tempdir().unwrap();
    let empty = ["DATABASE_URL", "LISTEN", "MAX_COST", "JWT_PRIVATE_KEY", "PUBLIC_URL", "INTROSPECTION", "LOG_FORMAT"];
    let output = call(folder.path(), &["migrate", "up"], &empty.map(|variable| (variable, "")));
    assert_eq!(status(&output), 0, "{}", complained(&output));
    assert!(folder.path().join("data/energy-parks.db").exists(), "the default stands");
}

#[test]
fn help_names_every_setting_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = ["DATABASE_URL", "ADMIN_PASSWORD", "JWT_PRIVATE_KEY"].map(|variable| (variable, "hunter2"));
    for arguments in [&["--help"][..], &["serve", "--help"], &["user", "add", "--help"]] {
        let help = printed(&call(folder.path(), arguments, &secrets));
        assert!(!help.contains("hunter2"), "{arguments:?}: {help}");
        for variable in ["DATABASE_URL", "LISTEN", "PUBLIC_URL", "ADMIN_USERNAME", "MAX_UPLOAD_MB", "RUST_LOG"] {
            assert!(help.contains(variable), "{arguments:?} does not tell of {variable}");
        }
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |to: &str, seed: &str| {
        let arguments = ["generate", to, "--parks", "3", "--days", "2", "--interval", "30m", "--seed", seed];
        let output = call(folder.path(), &arguments, &[]);
        assert_eq!(status(&output), 0, "{}", complained(&output));
        let read = |name: &str| fs::read(folder.path().join(to).join(name)).unwrap();
        (read("parks.csv"), read("readings/Lauwersmeer Wind.csv"))
    };
    let first = write("first", "7");
    assert_eq!(first, write("second", "7"));
    assert_ne!(first.1, write("third", "8").1);
    let rows = String::from_utf8(first.1).unwrap();
    assert!(rows.starts_with("datetime,MW\n2024-01-01T00:00:00Z,"), "{rows}");
    assert_eq!(rows.lines().count(), 1 + 96);
}

#[test]
fn migrations_go_up_and_down_on_both_databases() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec!["sqlite://parks.db".to_owned()];
    urls.extend(std::env::var("TEST_POSTGRES_URL").ok().map(|admin| database(&admin, "command_line")));
    for url in urls {
        let migrate = |way: &[&str]| {
            let output = call(folder.path(), &[&["migrate"], way].concat(), &[("DATABASE_URL", &url)]);
            assert_eq!(status(&output), 0, "{}", complained(&output));
            printed(&output)
        };
        let fresh = migrate(&["status"]);
        assert!(fresh.lines().count() > 3 && fresh.lines().all(|line| line.starts_with("pending ")), "{fresh}");
        let full = migrate(&["up"]);
        assert!(full.lines().all(|line| line.starts_with("applied ")), "{full}");
        let down = migrate(&["down"]);
        assert!(down.lines().next_back().unwrap().starts_with("pending "), "{down}");
        assert_eq!(migrate(&["up"]), full);
        assert_eq!(migrate(&["up"]), full, "it is up already");
        migrate(&["down", "--steps", &full.lines().count().to_string()]);
        assert_eq!(migrate(&["status"]), fresh);
    }
}

#[test]
fn a_server_that_is_not_there_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = call(folder.path(), &["health"], &[("LISTEN", &address)]);
    assert_eq!(status(&output), 1);
    assert!(complained(&output).contains("cannot be reached"));
}

/// The address of a database made afresh on the cluster.
fn database(admin: &str, name: &str) -> String {
    use sea_orm::ConnectionTrait;
    let name = format!("{name}_{}", std::process::id());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let cluster = sea_orm::Database::connect(admin).await.unwrap();
        cluster.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    });
    let (cluster, _) = admin.rsplit_once('/').unwrap();
    format!("{cluster}/{name}")
}
