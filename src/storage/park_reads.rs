//! Parks as a caller sees them.

use super::park_row::{COLUMNS, parks};
use super::reads::Reads;
use super::sql::Sql;
use crate::domain::park::{Park, ParkFilter, ParkId, ParkOrder};
use crate::domain::range::Page;
use crate::error::{Error, Result};

impl Reads {
    /// A page of the parks that pass the filter, in order; the page's keys are names.
    pub async fn parks(&self, filter: &ParkFilter, order: ParkOrder, page: &Page<String>) -> Result<Vec<Park>> {
        let descending = order == ParkOrder::NameDesc;
        let mut sql = self.park_sql(COLUMNS);
        sql.filter(filter);
        for (key, later) in [(&page.after, !descending), (&page.before, descending)] {
            if let Some(name) = key {
                sql.push(if later { " AND p.name > " } else { " AND p.name < " }).bind(name.replace('\0', ""));
            }
        }
        sql.push(if descending == page.from_end { " ORDER BY p.name LIMIT " } else { " ORDER BY p.name DESC LIMIT " });
        sql.bind(i64::try_from(page.limit).map_err(Error::internal)?);
        let mut found = parks(&sql.rows(&self.connection().await?).await?)?;
        if page.from_end {
            found.reverse();
        }
        Ok(found)
    }

    /// How many parks pass the filter.
    pub async fn park_count(&self, filter: &ParkFilter) -> Result<i64> {
        let mut sql = self.park_sql("CAST(COUNT(*) AS BIGINT)");
        sql.filter(filter);
        match sql.row(&self.connection().await?).await? {
            Some(row) => Ok(row.try_get_by_index(0)?),
            None => Ok(0),
        }
    }

    /// The keys of the parks that pass the filter, in the order of their names.
    pub async fn park_ids(&self, filter: &ParkFilter) -> Result<Vec<ParkId>> {
        let mut sql = self.park_sql("p.id");
        sql.filter(filter).push(" ORDER BY p.name");
        let rows = sql.rows(&self.connection().await?).await?;
        rows.iter().map(|row| Ok(ParkId(row.try_get_by_index(0)?))).collect()
    }

    /// All parks that pass the filter, in the order of their names.
    pub async fn all_parks(&self, filter: &ParkFilter) -> Result<Vec<Park>> {
        let mut sql = self.park_sql(COLUMNS);
        sql.filter(filter).push(" ORDER BY p.name");
        parks(&sql.rows(&self.connection().await?).await?)
    }

    /// The parks of these keys, in the order of their names.
    pub async fn parks_by_id(&self, ids: &[ParkId]) -> Result<Vec<Park>> {
        self.all_parks(&ParkFilter { ids: Some(ids.to_vec()), ..ParkFilter::default() }).await
    }

    /// The parks of these names (normal form C), in the order of their names.
    pub async fn parks_by_name(&self, names: &[String]) -> Result<Vec<Park>> {
        self.all_parks(&ParkFilter { names: Some(names.to_vec()), ..ParkFilter::default() }).await
    }

    /// The park of this name (normal form C).
    pub async fn park_by_name(&self, name: &str) -> Result<Option<Park>> {
        Ok(self.parks_by_name(&[name.to_owned()]).await?.pop())
    }

    fn park_sql(&self, columns: &str) -> Sql {
        let mut sql = self.sql("SELECT ");
        sql.push(columns).push(" FROM park p WHERE ").visible("p.id", self.visibility()).push(" AND ");
        sql
    }
}
