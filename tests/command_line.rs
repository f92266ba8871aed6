//! The binary as an operator calls it.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A call in a folder of its own, without settings from outside.
fn call(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_energy-parks"));
    command.current_dir(folder).args(arguments).env_clear().env("RUST_LOG", "error");
    command.envs(settings.iter().copied()).stdin(std::process::Stdio::null()).output().unwrap()
}

/// The same, with this to read from standard input.
fn call_with(folder: &Path, arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_energy-parks"));
    command.current_dir(folder).args(arguments).env_clear().env("RUST_LOG", "error");
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.envs(settings.iter().copied()).spawn().unwrap();
    // A command that reads nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
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
        ("TRUSTED_PROXIES", "10.0.0.0/8,here"),
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
    for arguments in [&["--help"][..], &["serve", "--help"], &["load", "readings", "--help"]] {
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
    for url in databases(folder.path(), "migrations") {
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
        let again = call(folder.path(), &["migrate", "up"], &[("DATABASE_URL", &url), ("RUST_LOG", "info")]);
        assert_eq!((printed(&again), complained(&again)), (full.clone(), String::new()), "it is up already");
        migrate(&["down", "--steps", &full.lines().count().to_string()]);
        assert_eq!(migrate(&["status"]), fresh);
    }
}

/// R23: what is kept equals what the readings give, and `rebuild` would tell if it did not.
#[test]
fn rebuild_finds_nothing_after_loads_and_tells_of_stats_that_were_tampered_with() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path(), "rebuild") {
        let run = |arguments: &[&str], expected: i32| {
            let output = call(folder.path(), arguments, &[("DATABASE_URL", &url)]);
            assert_eq!(status(&output), expected, "{arguments:?}: {}", complained(&output));
            printed(&output)
        };
        run(&["generate", "files", "--parks", "2", "--days", "3"], 0);
        run(&["load", "parks", "files/parks.csv"], 0);
        run(&["load", "readings", "files/readings"], 0);
        assert_eq!(run(&["rebuild"], 0), "2 parks rebuilt, 0 days differed\n");
        execute(&url, "UPDATE day_stats SET max = max + 1 WHERE date = 19724");
        let told = run(&["rebuild"], 1);
        assert!(told.starts_with("Alqueva Solar 2024-01-02: kept count 96 "), "{told}");
        assert!(told.ends_with("2 parks rebuilt, 2 days differed\n"), "{told}");
        assert_eq!(run(&["rebuild"], 0), "2 parks rebuilt, 0 days differed\n");
    }
}

#[test]
fn customers_and_api_keys_are_kept_by_commands_and_a_key_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path(), "access") {
        let run = |arguments: &[&str], expected: i32| {
            let output = call(folder.path(), arguments, &[("DATABASE_URL", &url)]);
            assert_eq!(status(&output), expected, "{arguments:?}: {}", complained(&output));
            if expected == 0 { printed(&output) } else { complained(&output) }
        };
        run(&["generate", "files", "--parks", "2", "--days", "1"], 0);
        run(&["load", "parks", "files/parks.csv"], 0);
        assert_eq!(run(&["customer", "add", "Mills"], 0), "Added Mills.\n");
        assert!(run(&["customer", "add", "Mills"], 1).contains("already"));
        assert_eq!(run(&["customer", "grant", "Mills", "Alqueva Solar"], 0), "Mills sees 1 more park.\n");
        assert!(run(&["customer", "grant", "Mills", "Atlantis"], 1).contains("no park named Atlantis"));
        assert_eq!(run(&["customer", "list"], 0), "NAME   PARKS\nMills  Alqueva Solar\n");
        assert_eq!(run(&["customer", "revoke", "Mills", "Alqueva Solar"], 0), "Mills sees 1 fewer park.\n");

        let scopes = ["--scopes", "stats:read,parks:read", "--days", "9", "--per-day", "100"];
        let key = run(&[&["api-key", "add", "nightly", "--customer", "Mills"], &scopes[..]].concat(), 0);
        // The secret may hold an underscore too.
        let (prefix, secret) = key.trim_end().split_at("ep_0123456789ab".len());
        let list = run(&["api-key", "list"], 0);
        assert!(list.contains(prefix) && list.contains("customer Mills  until ") && !list.contains(secret), "{list}");
        assert!(list.contains("never      parks:read stats:read"), "{list}");
        assert_eq!(run(&["api-key", "revoke", prefix], 0), format!("Revoked {prefix}.\n"));
        assert_eq!(run(&["api-key", "revoke", prefix], 0), format!("Had ended already: {prefix}.\n"));
        assert!(run(&["api-key", "list"], 0).contains("customer Mills  revoked"));
        for wrong in [
            &["--user", "u", "--customer", "c"][..],
            &[],
            &["--customer", "c", "--scopes", "all"],
            &["--user", "u", "--per-day", "0"],
        ] {
            run(&[&["api-key", "add", "wrong"], wrong].concat(), 2);
        }
        assert!(run(&["api-key", "add", "wrong", "--customer", "Mills", "--scopes", "admin"], 1).contains("admin"));
        assert_eq!(run(&["customer", "remove", "Mills"], 0), "Removed Mills.\n");
        assert_eq!(run(&["api-key", "list"], 0).lines().count(), 1, "its keys went with it");
        // What was done here is in the log, and what was tried.
        assert_eq!(count(&url, "SELECT COUNT(*) FROM audit WHERE actor = 'command line' AND outcome = 'DONE'"), 8);
        assert_eq!(count(&url, "SELECT COUNT(*) FROM audit WHERE actor = 'command line' AND outcome = 'FAILED'"), 3);
        assert_eq!(
            count(
                &url,
                &format!("SELECT COUNT(*) FROM audit WHERE detail LIKE '%{secret}%' OR subject LIKE '%{secret}%'")
            ),
            0
        );
    }
}

#[test]
fn each_command_that_changes_something_leaves_one_entry_and_those_that_only_tell_leave_none() {
    let folder = tempfile::tempdir().unwrap();
    let missing = "load readings|Alqueva Solar|FAILED|FAILED from nowhere.csv: 0 rows read";
    for url in databases(folder.path(), "audit") {
        let mut seen = 0;
        for (arguments, expected) in [
            (&["migrate", "up"][..], "migrate up|-|DONE|m0001_park, m0002_readings"),
            (&["migrate", "up"], "migrate up|-|DONE|no step"),
            (&["migrate", "status"], ""),
            (&["generate", "files", "--parks", "2", "--days", "1"], ""),
            (
                &["load", "parks", "files/parks.csv"],
                "load parks|parks.csv|DONE|LOADED from parks.csv: 2 rows read, 2 inserted, 0 updated",
            ),
            (
                &["load", "readings", "files/readings/Alqueva Solar.csv", "--park", "Alqueva Solar", "--dry-run"],
                "load readings|Alqueva Solar|DONE|DRY_RUN from Alqueva Solar.csv: 96 rows read, 96 inserted",
            ),
            (&["load", "readings", "nowhere.csv", "--park", "Alqueva Solar"], missing),
            (
                &["load", "readings", "files/parks.csv", "--park", "Atlantis"],
                "load readings|Atlantis|FAILED|REFUSED from parks.csv: 0 rows read",
            ),
            (&["rebuild"], "rebuild|-|DONE|2 parks rebuilt, 0 days differed"),
            (&["user", "add", "ann", "--role", "admin", "--password-stdin"], "user add|ann|DONE|role: ADMIN"),
            (
                &["user", "add", "ann", "--role", "admin", "--password-stdin"],
                "user add|ann|FAILED|there is a user named ann already",
            ),
            (&["user", "passwd", "ann", "--password-stdin"], "user passwd|ann|DONE|-"),
            (&["user", "passwd", "bob", "--password-stdin"], "user passwd|bob|FAILED|there is no user of that name"),
            (&["user", "disable", "bob"], "user disable|bob|FAILED|there is no user of that name"),
            (&["user", "enable", "ann"], "user enable|ann|DONE|-"),
            (&["user", "list"], ""),
            (&["customer", "add", "Mills"], "customer add|Mills|DONE|-"),
            (&["customer", "grant", "Mills", "Alqueva Solar"], "customer grant|Mills: Alqueva Solar|DONE|-"),
            (
                &["customer", "revoke", "Mills", "Atlantis"],
                "customer revoke|Mills: Atlantis|FAILED|there is no park named Atlantis",
            ),
            (&["customer", "list"], ""),
            (
                &["api-key", "add", "nightly", "--customer", "Mills", "--scopes", "stats:read"],
                "api-key add|nightly|DONE|ep_",
            ),
            (
                &["api-key", "revoke", "ep_0123456789ab_hunter2-hunter2"],
                "api-key revoke|ep_0123456789ab|FAILED|there is no API key of that prefix",
            ),
            (&["api-key", "list"], ""),
            (&["customer", "remove", "Mills"], "customer remove|Mills|DONE|-"),
            (&["migrate", "down"], "migrate down|-|DONE|m00"),
        ] {
            let output = call_with(folder.path(), arguments, &[("DATABASE_URL", &url)], "hunter2-hunter2\n");
            if arguments == ["migrate", "down"] {
                // What reads the log is of the schema that is whole.
                assert_eq!(status(&call(folder.path(), &["migrate", "up"], &[("DATABASE_URL", &url)])), 0);
            }
            let told = audit(&url);
            let new = &told[seen..];
            let wanted = usize::from(!expected.is_empty());
            assert!(new.len() >= wanted, "{arguments:?}: {}", complained(&output));
            assert!(
                new.iter().zip([expected]).all(|(line, expected)| line.starts_with(expected)),
                "{arguments:?}: {new:?}"
            );
            assert_eq!(new.len(), wanted + usize::from(arguments == ["migrate", "down"]), "{arguments:?}: {new:?}");
            seen = told.len();
        }
        assert!(!audit(&url).concat().contains("hunter2"));
        // A schema without a log has nowhere to tell it.
        assert_eq!(status(&call(folder.path(), &["migrate", "down", "--steps", "99"], &[("DATABASE_URL", &url)])), 0);
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

/// A pipe whose reader has gone.
fn closed() -> std::process::Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_has_gone_neither_stops_a_load_nor_changes_how_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path(), "readers") {
        let run = |arguments: &[&str], expected: i32| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_energy-parks"));
            command.current_dir(folder.path()).args(arguments).env_clear();
            command.env("DATABASE_URL", &url).env("RUST_LOG", "trace").stdout(closed()).stderr(closed());
            assert_eq!(command.status().unwrap().code(), Some(expected), "{arguments:?}");
        };
        run(&["generate", "files", "--parks", "3", "--days", "1"], 0);
        run(&["load", "parks", "files/parks.csv"], 0);
        fs::write(folder.path().join("files/readings/A wrong one.csv"), "datetime,MW\nx,y\n").unwrap();
        run(&["load", "readings", "files/readings"], 1);
        assert_eq!(count(&url, "SELECT COUNT(DISTINCT park_id) FROM reading_block"), 3, "the others are loaded");
        fs::remove_file(folder.path().join("files/readings/A wrong one.csv")).unwrap();
        run(&["load", "readings", "files/readings"], 0);
        run(&["load", "readings", "files/readings", "--json"], 0);
        for command in [&["migrate", "status"][..], &["rebuild"], &["schema"], &["user", "list"], &["customer", "list"]]
        {
            run(command, 0);
        }
        run(&["load", "readings", "files/readings", "--park", "x"], 2);
        run(&["user", "disable", "nobody"], 1);
    }
}

#[test]
fn a_file_that_cannot_be_loaded_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("parks.csv"), "park_name,timezone,energy_type\na,UTC,Wind\n").unwrap();
    let run = |file: &str| call(folder.path(), &["load", "readings", file, "--park", "a"], &[]);
    assert_eq!(status(&call(folder.path(), &["load", "parks", "parks.csv"], &[])), 0);
    for (file, told) in [
        ("none.csv", "none.csv: there is no such file\n"),
        ("/dev/null", "null: the file is empty\n"),
        ("-", "standard input: the file is empty\n"),
    ] {
        let output = run(file);
        assert_eq!((status(&output), complained(&output)), (1, told.to_owned()));
    }
    fs::write(folder.path().join("few.csv"), "datetime,MW\n2024-01-01 00:00,1\n").unwrap();
    assert!(complained(&run("few.csv")).contains("that takes four rows"));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_a_full_disk_swallows_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_energy-parks"));
        command.current_dir(folder.path()).args(arguments).env_clear().env("RUST_LOG", "error");
        command.stdout(fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap()
    };
    let schema = run(&["schema"]);
    assert_eq!(status(&schema), 1);
    assert!(complained(&schema).starts_with("energy-parks: the output cannot be written: "), "{schema:?}");
    fs::write(folder.path().join("parks.csv"), "park_name,timezone,energy_type\na,UTC,Wind\n").unwrap();
    let load = run(&["load", "parks", "parks.csv"]);
    assert_eq!((status(&load), complained(&load).lines().count()), (0, 1), "{load:?}");
}

/// The addresses of new databases: SQLite's in the folder, and PostgreSQL's where the runner has a cluster.
fn databases(folder: &Path, name: &str) -> Vec<String> {
    let mut urls = vec![format!("sqlite://{}", folder.join("parks.db").display())];
    if let Ok(admin) = std::env::var("TEST_POSTGRES_URL") {
        let name = format!("{name}_{}", std::process::id());
        execute(&admin, &format!("CREATE DATABASE {name}"));
        let (cluster, _) = admin.rsplit_once('/').unwrap();
        urls.push(format!("{cluster}/{name}"));
    }
    urls
}

/// The audit log of a database, the earliest first: action, subject, outcome and detail; all by the command line.
fn audit(url: &str) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = sea_orm::Database::connect(url).await.unwrap();
        let sql = "SELECT action, subject, outcome, detail, actor FROM audit WHERE address IS NULL ORDER BY at, id";
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                let text = |column| row.try_get::<Option<String>>("", column).unwrap().unwrap_or("-".into());
                assert_eq!(text("actor"), "command line");
                ["action", "subject", "outcome", "detail"].map(text).join("|")
            })
            .collect()
    })
}

fn count(url: &str, sql: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = sea_orm::Database::connect(url).await.unwrap();
        let statement = Statement::from_string(database.get_database_backend(), sql);
        database.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    })
}

fn execute(url: &str, sql: &str) {
    use sea_orm::ConnectionTrait;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = sea_orm::Database::connect(url).await.unwrap();
        database.execute_unprepared(sql).await.unwrap();
    });
}
