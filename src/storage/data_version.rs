//! Which state of the data it is that is read: whoever knows an answer of the same state need not ask again.
//!
//! Every transaction that changes parks, readings, stats or grants raises the version when it ends; a statement cannot
//! forget to, since [`Write::sql`](super::Write) looks at its first words.

use std::time::{SystemTime, UNIX_EPOCH};

use rand::Rng as _;
use sea_orm::QueryResult;

use super::sql::Sql;
use crate::domain::data_version::DataVersion;
use crate::error::Result;

/// The tables whose state it is.
const TABLES: [&str; 4] = ["park", "reading_block", "day_stats", "customer_park"];
/// How many rows the version is kept in; see the migration.
const SLOTS: i32 = 16;

/// A column of the version, for a statement that asks for something else besides.
pub(super) const COLUMN: &str = "(SELECT CAST(SUM(v.version) AS BIGINT) FROM data_version v) AS data_version";

/// The version in a row that has the column.
pub(super) fn of_row(row: &QueryResult) -> Result<DataVersion> {
    Ok(DataVersion(row.try_get("", "data_version")?))
}

/// Whether a statement changes what the version is of.
pub(super) fn is_change(statement: &str) -> bool {
    let mut words = statement.split_whitespace();
    let table = match words.next() {
        Some("UPDATE") => words.next(),
        Some("INSERT" | "DELETE") => words.nth(1),
        _ => None,
    };
    table.is_some_and(|table| TABLES.contains(&table))
}

/// The statement that raises the version, which the transaction's end is to follow.
pub(super) fn raise(mut sql: Sql) -> Sql {
    #[expect(clippy::disallowed_methods, reason = "no version may come again, whatever a test's clock says")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let now = i64::try_from(now).unwrap_or_default();
    let slot = rand::rng().random_range(0..SLOTS);
    sql.push("UPDATE data_version SET version = CASE WHEN version < ").bind(now).push(" THEN ").bind(now);
    sql.push(" ELSE version + 1 END WHERE slot = ").bind(slot);
    sql
}

#[cfg(test)]
mod tests {
    use super::super::testing::{details, everywhere, noon, park};
    use super::*;

    #[test]
    fn what_changes_the_data_is_told_by_a_statement_s_first_words() {
        for change in [
            "INSERT INTO reading_block (park_id) VALUES ",
            "DELETE FROM day_stats WHERE park_id = ",
            "UPDATE park SET calendar = ",
            "INSERT INTO\n customer_park (customer_id)",
        ] {
            assert!(is_change(change), "{change}");
        }
        for other in ["SELECT id FROM park", "INSERT INTO load (id)", "UPDATE data_version SET", "DELETE FROM session"]
        {
            assert!(!is_change(other), "{other}");
        }
    }

    #[tokio::test]
    async fn the_version_rises_with_what_is_changed_and_with_nothing_else() -> Result<()> {
        everywhere(async |database| {
            let mut before = database.data_version().await?;
            let mut rises = async || -> Result<bool> {
                let now = database.data_version().await?;
                Ok(std::mem::replace(&mut before, now) < now)
            };
            for round in 0..40 {
                park(&database, &format!("park {round}"), "UTC").await?;
                assert!(rises().await?);
            }
            let write = database.write().await?;
            write.insert_park(&details("undone", "UTC"), noon()).await?;
            write.rollback().await?;
            assert!(!rises().await?, "nothing was changed");
            let write = database.write().await?;
            write.insert_customer("me", noon()).await?;
            write.commit().await?;
            assert!(!rises().await?, "a customer without parks changes no answer");
            Ok(())
        })
        .await
    }
}
