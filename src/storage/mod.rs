//! all SQL
