//! The form in which names are searched: by Unicode's full case folding, where it was by lower case, which tells `ς` from
//! `σ` and `ß` from `SS`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_fold_case"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refold(manager, |name| UniCase::unicode(name.nfd().collect::<String>()).to_folded_case().nfc().collect()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refold(manager, |name| name.nfc().flat_map(char::to_lowercase).collect()).await
    }
}

/// Writes the names that are folded otherwise now.
async fn refold(manager: &SchemaManager<'_>, fold: fn(&str) -> String) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    let select = Statement::from_string(backend, "SELECT id, name, name_folded FROM park ORDER BY id");
    for row in connection.query_all_raw(select).await? {
        let (id, name, kept): (i32, String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let folded = fold(&name);
        if folded != kept {
            let update = "UPDATE park SET name_folded = $1 WHERE id = $2";
            let update = Statement::from_sql_and_values(backend, update, [folded.into(), id.into()]);
            connection.execute_raw(update).await?;
        }
    }
    Ok(())
}
