//! Settings: each a flag, an environment variable, a default and a sentence. Nothing else reads the environment.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;

pub use self::limits::LimitConfig;
pub use self::oidc::OidcConfig;
use crate::domain::secret::Secret;

mod limits;
mod oidc;

/// All settings. Flags win over the environment, and an empty variable is an unset one.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Where the data lives: `sqlite://FILE` (made if missing) or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long, env, value_name = "URL", global = true, hide_env_values = true)]
    #[arg(default_value = "sqlite://data/energy-parks.db")]
    pub database_url: Secret,

    /// The most connections to the database that are open at once.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 16)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub database_connections: u32,

    /// The address to serve on.
    #[arg(long, env, value_name = "ADDRESS:PORT", global = true, default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// The address under which clients reach the server, and its tokens' issuer [default: `http://` + LISTEN].
    #[arg(long, env, value_name = "URL", global = true, value_parser = public_url)]
    pub public_url: Option<String>,

    /// Proxies that are believed when they say from where a request comes: addresses or networks, between commas.
    #[arg(long, env, value_name = "NETWORKS", global = true, value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// The name of the first admin, made when no user exists.
    #[arg(long, env, value_name = "NAME", global = true, default_value = "admin")]
    pub admin_username: String,

    /// The first admin's password; without one it is made and printed once.
    #[arg(long, env, value_name = "PASSWORD", global = true, hide_env_values = true)]
    pub admin_password: Option<Secret>,

    /// The key that signs tokens: PEM, Ed25519 or P-256. Needed with PostgreSQL; beside an embedded database one is made.
    #[arg(long, env, value_name = "PEM", global = true, hide_env_values = true)]
    pub jwt_private_key: Option<Secret>,

    /// A file that holds the key that signs tokens.
    #[arg(long, env, value_name = "FILE", global = true)]
    pub jwt_private_key_file: Option<PathBuf>,

    /// Files of further keys whose tokens are accepted, separated by commas: the former ones and the next, in PEM.
    #[arg(long, env, value_name = "FILES", global = true, value_delimiter = ',')]
    pub jwt_public_key_files: Vec<PathBuf>,

    /// Megabytes of memory for answers, which are given again while nothing has changed; 0 keeps none.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 128)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_048_576))]
    pub cache_mb: u32,

    /// A foreign issuer of tokens.
    #[command(flatten)]
    pub oidc: OidcConfig,

    /// What callers may ask for.
    #[command(flatten)]
    pub limits: LimitConfig,

    /// A manifest of trusted documents: a JSON object of ids and documents, or one that Apollo's tools wrote.
    #[arg(long, env, value_name = "FILE", global = true)]
    pub trusted_documents: Option<PathBuf>,

    /// Whether to run trusted documents alone.
    #[arg(long, env, global = true, requires = "trusted_documents")]
    pub trusted_documents_only: bool,

    /// Other sites whose pages may ask, separated by commas: `https://dashboard.example.org`.
    #[arg(long, env, value_name = "ORIGINS", global = true, value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,

    /// For how many days the audit log is kept; 0 is for ever.
    #[arg(long, env, value_name = "COUNT", global = true, default_value_t = 400)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub audit_days: u32,

    /// Whether the schema may be asked for without a token.
    #[arg(long, env, value_name = "WHETHER", global = true, default_value = "open")]
    pub introspection: Introspection,

    /// How logs are written [default: text on a terminal, else json].
    #[arg(long, env, value_name = "FORMAT", global = true)]
    pub log_format: Option<LogFormat>,

    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, also by part: `warn,energy_parks=debug`.
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", global = true, default_value = "info")]
    pub log: String,
}

/// Whether the schema may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Introspection {
    /// By anyone.
    Open,
    /// By nobody.
    Closed,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// An object a line, for machines.
    Json,
}

impl Config {
    /// What no single value tells: the first setting that is wrong, in one sentence that names it and keeps secrets.
    pub fn check(&self) -> Result<(), String> {
        let url = self.database_url.reveal();
        if !self.is_embedded() && !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err("DATABASE_URL (--database-url) starts neither with sqlite: nor with postgres://".into());
        }
        if self.admin_username.trim().is_empty() {
            return Err("ADMIN_USERNAME (--admin-username) is empty".into());
        }
        if self.jwt_private_key.is_some() && self.jwt_private_key_file.is_some() {
            return Err("JWT_PRIVATE_KEY and JWT_PRIVATE_KEY_FILE are both set; set one of them".into());
        }
        self.oidc.check()
    }

    /// Whether the database is SQLite, in this process.
    pub fn is_embedded(&self) -> bool {
        self.database_url.reveal().starts_with("sqlite:")
    }

    /// The file of the embedded database, `None` of PostgreSQL and of `sqlite::memory:`.
    pub fn database_file(&self) -> Option<PathBuf> {
        let rest = self.database_url.reveal().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// The address under which clients reach a server that listens on `bound`.
    pub fn public_url_at(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{bound}"))
    }
}

/// Takes the variables that are set to nothing away from the command's settings.
pub fn ignore_empty(command: clap::Command) -> clap::Command {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command.mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(None) } else { arg })
}

/// A network such as `10.0.0.0/8`, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| "is no address or network".into())
}

/// A site as browsers name it, `https://dashboard.example.org` or `http://localhost:3000`.
fn origin(text: &str) -> Result<String, String> {
    let refused = || "is no origin like https://dashboard.example.org".to_owned();
    let url = public_url(text.trim()).map_err(|_| refused())?;
    let host = url.split_once("://").map(|(_, host)| host).filter(|host| !host.contains(['/', '@', '*']));
    host.filter(|host| host.bytes().all(|byte| byte.is_ascii_graphic())).ok_or_else(refused)?;
    Ok(url.to_ascii_lowercase())
}

/// A whole number of seconds above 0, as `30` or `30s`.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.strip_suffix('s').unwrap_or(text).parse() {
        Ok(0) | Err(_) => Err("is no whole number of seconds above 0".into()),
        Ok(count) => Ok(Duration::from_secs(count)),
    }
}

/// An `http` or `https` address without a slash at its end.
fn public_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if host.trim_matches('/').is_empty() || text.contains(char::is_whitespace) || text.contains(['?', '#']) {
        return Err("is no address like https://parks.example.org".into());
    }
    Ok(text.trim_end_matches('/').to_owned())
}
