//! Settings that bound what callers may ask for.

use std::time::Duration;

use clap::Args;

use super::seconds;

/// What one request may hold and one caller may do. The members of a batch are counted together.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitConfig {
    /// The most that one request may cost: the fields that its answer could hold.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 10_000_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub max_cost: u64,

    /// The deepest nesting of a query's fields.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=200))]
    pub max_depth: u32,

    /// The most fields of one request, its fragments resolved.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 2_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_fields: u32,

    /// The most fields at the root of one request.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_root_fields: u32,

    /// The most aliases in one request.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 100)]
    pub max_aliases: u32,

    /// The most directives in one request.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 200)]
    pub max_directives: u32,

    /// The most fragments that one request defines.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 100)]
    pub max_fragments: u32,

    /// The most names, numbers, strings and signs in the documents of one request.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(10..))]
    pub max_tokens: u32,

    /// The deepest nesting of brackets as written, in documents and variables.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(10..=100))]
    pub max_nesting: u32,

    /// The most values in the variables of one query; mutations may bring as many as a body may hold.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 10_000)]
    pub max_variables: u32,

    /// The most errors that one answer tells.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_errors: u32,

    /// The most operations in one batch.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_batch: u32,

    /// The largest body of JSON in megabytes; 1 MB for those that may not load, 128 kB for callers without a credential.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 32)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_024))]
    pub max_body_mb: u32,

    /// The most values in one body of JSON: rows of a load, each with two or three of its own. Files hold any number.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 500_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(100..))]
    pub max_body_values: u32,

    /// Megabytes of memory for all bodies of JSON at once, of which a quarter is for callers without a credential; more are
    /// turned away with 503 and `Retry-After`.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 128)]
    #[arg(value_parser = clap::value_parser!(u32).range(4..=65_536))]
    pub max_bodies_mb: u32,

    /// Megabytes for documents that clients send once and then ask for by their hash; 0 remembers none.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_024))]
    pub max_persisted_mb: u32,

    /// The largest upload in megabytes.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 1_024)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub max_upload_mb: u32,

    /// The longest that one request may take, in seconds; loads are not bound by it.
    #[arg(long, env, value_name = "SECONDS", global = true, default_value = "30", value_parser = seconds)]
    pub query_timeout: Duration,

    /// The most requests that one caller (a user, an API key, an address) may send a minute; 0 is any number.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 1_200)]
    pub rate_limit: u32,

    /// The most requests that are worked on at once; more are turned away with 503 and `Retry-After`.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 256)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_concurrent: u32,

    /// The most queries of one caller that are worked on at once; its others wait, half of `MAX_CONCURRENT` at most.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 8)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_queries_per_caller: u32,
}
