use std::error::Error as _;
use std::task::Poll;
use std::time::Duration;

use super::testing::{databases, everywhere, noon};
use super::{Database, Settings};
use crate::domain::access::Visibility;
use crate::domain::park::ParkFilter;
use crate::error::Error;

async fn refusal(url: &str) -> Error {
    let settings = Settings { patience: Duration::from_millis(100), ..Settings::new(url) };
    match Database::connect(&settings).await {
        Ok(_) => panic!("{url} is taken"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_wrong_url_is_refused_by_a_sentence() {
    for url in ["", "mysql://a", "sqlite::memory:", "sqlite://", "sqlite://a.db?mode=memory", "postgres://h:port/d"] {
        assert!(matches!(refusal(url).await, Error::Invalid(_)), "{url}");
    }
}

#[tokio::test]
async fn a_password_is_in_no_error_and_no_trace() {
    let url = "postgres://someone:hunter2@127.0.0.1:1/none?application_name=x";
    let error = refusal(url).await;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error} {error:?} {:?}", error.source()).contains("hunter2"));
    assert!(!format!("{:?}", Settings::new(url)).contains("hunter2"));
    assert_eq!(error.cause().unwrap().to_string(), "the database at 127.0.0.1:1 refuses connections");
}

#[tokio::test]
async fn a_server_that_is_none_of_postgresql_is_told_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    };
    let url = format!("postgres://someone:hunter2@{address}/none");
    let error = tokio::select! {
        error = refusal(&url) => error,
        () = answering => unreachable!("it answers for ever"),
    };
    assert_eq!(error.cause().unwrap().to_string(), format!("what listens at {address} is no PostgreSQL database"));
}

#[tokio::test]
async fn what_the_server_objects_to_is_told_without_words_of_the_driver() {
    for each in databases().await.unwrap() {
        if each.database.is_postgres() {
            let error = refusal(&format!("{}_that_is_not_there", each.settings.url)).await;
            let told = error.cause().unwrap().to_string();
            assert!(told.starts_with("the database answers: ") && told.ends_with("does not exist"), "{told}");
        }
    }
}

/// R9: what stood folded by lower case is folded anew, and back.
#[tokio::test]
async fn names_that_stand_are_folded_anew_by_the_migration() {
    for each in databases().await.unwrap() {
        let database = &each.database;
        database.migrate_up(None).await.unwrap();
        for name in ["Straße", "ΣΊΣΥΦΟΣ", "Plain"] {
            super::testing::park(database, name, "UTC").await.unwrap();
        }
        let folded = async || {
            let sql = database.sql("SELECT name_folded FROM park ORDER BY id");
            let rows = sql.rows(database.pool()).await.unwrap();
            rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
        };
        let steps = database.migrate_status().await.unwrap();
        let place = steps.iter().position(|step| step.name == "m0007_fold_case").unwrap();
        assert_eq!(folded().await, ["strasse", "σίσυφοσ", "plain"]);
        database.migrate_down(u32::try_from(steps.len() - place).ok()).await.unwrap();
        assert_eq!(folded().await, ["straße", "σίσυφοσ", "plain"]);
        database.migrate_up(None).await.unwrap();
        assert_eq!(folded().await, ["strasse", "σίσυφοσ", "plain"]);
    }
}

#[tokio::test]
async fn an_sqlite_file_is_made_with_its_folder_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a/b/parks.db");
    let database = Database::connect(&Settings::new(format!("sqlite://{}", file.display()))).await.unwrap();
    database.ping().await.unwrap();
    assert!(!database.is_postgres());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// The commands of another process see what a server wrote at once, and the other way round.
#[tokio::test]
async fn two_handles_on_one_database_see_each_others_writes() {
    for each in databases().await.unwrap() {
        each.database.migrate_up(None).await.unwrap();
        let other = Database::connect(&each.settings).await.unwrap();
        let count = async |database: &Database| {
            database.reads(Visibility::Everything).park_count(&ParkFilter::default()).await.unwrap()
        };
        assert_eq!(count(&other).await, 0);
        super::testing::park(&each.database, "a", "UTC").await.unwrap();
        assert_eq!(count(&other).await, 1);
        super::testing::park(&other, "b", "UTC").await.unwrap();
        assert_eq!(count(&each.database).await, 2);
    }
}

/// A reader beside an open write transaction is not held up by it and sees nothing of it.
#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    everywhere(|database| async move {
        let write = database.write().await?;
        write.insert_park(&super::testing::details("a", "UTC"), noon()).await?;
        let reads = database.reads(Visibility::Everything);
        assert_eq!(reads.park_count(&ParkFilter::default()).await?, 0);
        write.commit().await?;
        assert_eq!(reads.park_count(&ParkFilter::default()).await?, 1);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn queries_leave_connections_for_who_is_asking() {
    for each in databases().await.unwrap() {
        each.database.migrate_up(None).await.unwrap();
        let settings =
            Settings { max_connections: 4, patience: Duration::from_millis(100), ..Settings::new(&each.settings.url) };
        let database = Database::connect(&settings).await.unwrap();
        let mut moments = Vec::new();
        let read =
            async |moment: &Database| moment.reads(Visibility::Everything).park_count(&ParkFilter::default()).await;
        for _ in 0..3 {
            let moment = database.at_one_moment();
            read(&moment).await.unwrap();
            moments.push(moment);
        }
        let one_more = database.at_one_moment();
        assert!(matches!(read(&one_more).await, Err(Error::Unavailable(_))), "it waits, and in vain");
        assert!(database.find_user("ann").await.unwrap().is_none(), "but who is asking is told");
        moments.pop();
        assert_eq!(read(&one_more).await.unwrap(), 0);
        drop((moments, one_more));
        database.close().await.unwrap();
    }
}

#[tokio::test]
async fn who_gives_up_a_question_leaves_no_transaction_behind() {
    for each in databases().await.unwrap() {
        each.database.migrate_up(None).await.unwrap();
        let settings = Settings { max_connections: 2, ..Settings::new(&each.settings.url) };
        let database = Database::connect(&settings).await.unwrap();
        let read = async || {
            let moment = database.at_one_moment();
            moment.reads(Visibility::Everything).park_count(&ParkFilter::default()).await
        };
        for steps in (0..12).cycle().take(60) {
            // Given up wherever it is by then.
            assert!(!matches!(after_steps(steps, read()).await, Some(Err(_))), "{steps}");
            drop(after_steps(steps, database.write()).await);
            assert!(database.find_user("ann").await.unwrap().is_none());
        }
        for _ in 0..4 {
            assert_eq!(read().await.unwrap(), 0);
        }
        database.close().await.unwrap();
    }
}

/// What becomes of some work in so many steps; it is given up then.
async fn after_steps<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    for _ in 0..steps {
        if let Poll::Ready(done) = futures::poll!(work.as_mut()) {
            return Some(done);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    None
}
