//! Which parks are granted to which customer.

use std::collections::HashMap;

use super::instant::to_micros;
use super::{Database, Write};
use crate::domain::access::CustomerId;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::park::ParkId;
use crate::error::Result;

impl Database {
    /// The parks that are granted to each customer, in the order of their names; customers without any are left out.
    pub async fn grants(&self, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<(String, ParkId)>>> {
        let mut sql =
            self.sql("SELECT g.customer_id, p.name, p.id FROM customer_park g JOIN park p ON p.id = g.park_id");
        sql.push(" WHERE g.customer_id").in_numbers(customers.iter().map(|customer| customer.0));
        sql.push(" ORDER BY p.name");
        let mut grants: HashMap<CustomerId, Vec<(String, ParkId)>> = HashMap::new();
        for row in sql.rows(&self.reader().await?).await? {
            let park = (row.try_get_by_index(1)?, ParkId(row.try_get_by_index(2)?));
            grants.entry(CustomerId(row.try_get_by_index(0)?)).or_default().push(park);
        }
        Ok(grants)
    }
}

impl Write {
    /// Grants parks to a customer; how many were not granted before. Keys of parks that are not there are left out.
    pub async fn grant_parks(&self, customer: CustomerId, parks: &[ParkId], now: DateTime<Utc>) -> Result<u64> {
        let mut sql = self.sql("INSERT INTO customer_park (customer_id, park_id, granted_at) SELECT c.id, p.id, CAST(");
        sql.bind(to_micros(now)).push(" AS BIGINT) FROM customer c, park p WHERE c.id = ").bind(customer.0);
        sql.push(" AND p.id").in_parks(parks).push(" ON CONFLICT (customer_id, park_id) DO NOTHING");
        sql.execute(self.connection()).await
    }

    /// Takes grants back; how many there were. From the next statement on the customer sees the parks no more.
    pub async fn revoke_parks(&self, customer: CustomerId, parks: &[ParkId]) -> Result<u64> {
        let mut sql = self.sql("DELETE FROM customer_park WHERE customer_id = ");
        sql.bind(customer.0).push(" AND park_id").in_parks(parks);
        sql.execute(self.connection()).await
    }
}
