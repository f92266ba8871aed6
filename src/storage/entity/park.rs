//! Rows of parks. Instants are Unix microseconds.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "park")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub name: String,
    pub name_folded: String,
    pub timezone: String,
    pub energy_type: String,
    pub capacity_mw: Option<f64>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub interval_minutes: Option<i32>,
    pub calendar: String,
    pub created_at: i64,
    pub updated_at: i64,
}

/// It is read alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
