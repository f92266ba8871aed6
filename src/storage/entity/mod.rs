//! SeaORM's models of the small tables; they never leave `storage`. The large tables are spoken to in SQL.

pub mod load;
pub mod park;
