//! The server through its front door: the router, called without a socket, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod kept;
mod leaks;
mod loading;
mod multipart;
mod nz;
mod one_moment;
mod put_together;
mod queries;
mod reference;
mod same_answers;
mod second_server;
mod server;
mod statements;
mod stats_reference;
