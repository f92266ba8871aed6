//! Customers.

use sea_orm::{ConnectionTrait, QueryResult};

use super::instant::{from_micros, to_micros};
use super::keyset::{in_list_order, text_keys};
use super::sql::Sql;
use super::{Database, Write};
use crate::domain::access::CustomerId;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::customer::Customer;
use crate::domain::range::Page;
use crate::error::Result;

/// The columns that [`of_row`] reads, of the table aliased `c`; all are null where a left join finds none.
pub(super) const COLUMNS: &str = "c.id AS customer_key, c.name AS customer_name, c.created_at AS customer_created_at";

impl Database {
    /// A page of the customers, by name.
    pub async fn customers(&self, page: &Page<String>) -> Result<Vec<Customer>> {
        let mut sql = select(self.sql("SELECT "));
        sql.keyset("c.name", false, &text_keys(page))?;
        let rows = sql.rows(&self.reader().await?).await?;
        let customers = rows.iter().filter_map(|row| of_row(row).transpose()).collect::<Result<Vec<_>>>()?;
        Ok(in_list_order(customers, page))
    }

    /// How many customers there are.
    pub async fn customer_count(&self) -> Result<i64> {
        self.sql("SELECT CAST(COUNT(*) AS BIGINT) FROM customer").number(&self.reader().await?).await
    }

    /// The customers of these keys, by name; those that are not there are left out.
    pub async fn customers_by_id(&self, ids: &[CustomerId]) -> Result<Vec<Customer>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" AND c.id").in_numbers(ids.iter().map(|id| id.0)).push(" ORDER BY c.name");
        sql.rows(&self.reader().await?).await?.iter().filter_map(|row| of_row(row).transpose()).collect()
    }

    /// The customer of that name.
    pub async fn find_customer(&self, name: &str) -> Result<Option<Customer>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" AND c.name").in_texts([name]);
        sql.row(&self.reader().await?).await?.as_ref().map_or(Ok(None), of_row)
    }
}

impl Write {
    /// A new customer, to which nothing is granted; `None` if the name is taken.
    pub async fn insert_customer(&self, name: &str, now: DateTime<Utc>) -> Result<Option<Customer>> {
        let mut sql = self.sql("INSERT INTO customer (name, created_at, updated_at) VALUES (");
        sql.bind(name).push(", ").bind(to_micros(now)).push(", ").bind(to_micros(now));
        sql.push(") ON CONFLICT (name) DO NOTHING RETURNING id");
        let Some(row) = sql.row(self.connection()).await? else { return Ok(None) };
        self.customer(CustomerId(row.try_get_by_index(0)?)).await
    }

    /// Another name; `None` if it is taken, or if there is no such customer.
    pub async fn rename_customer(&self, id: CustomerId, name: &str, now: DateTime<Utc>) -> Result<Option<Customer>> {
        let mut sql = self.sql("UPDATE customer SET name = ");
        sql.bind(name).push(", updated_at = ").bind(to_micros(now)).push(" WHERE id = ").bind(id.0);
        if !sql.execute_unless_taken(self.connection()).await? {
            return Ok(None);
        }
        self.customer(id).await
    }

    /// Whether the customer has users.
    pub async fn has_users_of(&self, id: CustomerId) -> Result<bool> {
        let mut sql = self.sql("SELECT id FROM \"user\" WHERE customer_id = ");
        sql.bind(id.0).push(" LIMIT 1");
        Ok(sql.row(self.connection()).await?.is_some())
    }

    /// Forgets a customer that has no users, its grants and its API keys. False if there is none.
    pub async fn delete_customer(&self, id: CustomerId) -> Result<bool> {
        let mut sql = self.sql("DELETE FROM customer WHERE id = ");
        sql.bind(id.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// A customer, kept from others until this transaction ends.
    pub async fn lock_customer(&self, id: CustomerId) -> Result<Option<Customer>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" AND c.id = ").bind(id.0);
        if sql.is_postgres() {
            sql.push(" FOR UPDATE");
        }
        sql.row(self.connection()).await?.as_ref().map_or(Ok(None), of_row)
    }

    async fn customer(&self, id: CustomerId) -> Result<Option<Customer>> {
        find(self.connection(), select(self.sql("SELECT ")), id).await
    }
}

async fn find(connection: &impl ConnectionTrait, mut sql: Sql, id: CustomerId) -> Result<Option<Customer>> {
    sql.push(" AND c.id = ").bind(id.0);
    sql.row(connection).await?.as_ref().map_or(Ok(None), of_row)
}

fn select(mut sql: Sql) -> Sql {
    sql.push(COLUMNS).push(" FROM customer c WHERE TRUE");
    sql
}

/// The customer of a row with [`COLUMNS`]; `None` where the join found none.
pub(super) fn of_row(row: &QueryResult) -> Result<Option<Customer>> {
    let Some(id) = row.try_get::<Option<i32>>("", "customer_key")? else { return Ok(None) };
    Ok(Some(Customer {
        id: CustomerId(id),
        name: row.try_get("", "customer_name")?,
        created_at: from_micros(row.try_get("", "customer_created_at")?)?,
    }))
}
