//! the schema: one file a noun
