//! `energy-parks serve`: the server.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use super::deed;
use super::out::Out;
use crate::app::App;
use crate::auth::{self, Cost, ForeignIssuer, ForeignSettings, KeySettings, Keys, Passwords};
use crate::config::{Config, OidcConfig};
use crate::domain::chrono::TimeDelta;
use crate::http::{self, Api, Readiness, Trusted};
use crate::ingest::portfolio::demo;
use crate::storage::Database;

/// Bring the database's schema up to date, then serve.
#[derive(Args, Debug)]
pub struct Serve {
    /// Fill an empty database with a made-up portfolio.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = super::connect(config).await?;
        database.migrate_up(None).await.map_err(super::told)?;
        for park in database.rebuild_outdated_zones().await.map_err(super::told)? {
            tracing::info!(park = park.0, "stats made afresh: the rules of the park's zone have changed");
        }
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("LISTEN (--listen): {} cannot be listened on", config.listen))?;
        let bound = listener.local_addr()?;
        let app = app(config, &database, bound)?;
        let admin = config.admin_password.as_ref();
        let first = auth::first_admin(&database, &app.passwords, &config.admin_username, admin, super::now());
        let first = first.await.map_err(super::told)?;
        if let Some(auth::FirstAdmin { user, .. }) = &first {
            deed::started(&database, ("user add", &user.name), "the first admin", super::now()).await;
        }
        if let Err(fault) = greet(config, bound, first.as_ref()) {
            tracing::warn!("{fault:#}");
        }

        let readiness = Readiness::default();
        if self.demo {
            readiness.wait_for("the demo is being filled");
            tokio::spawn(fill(database.clone(), readiness.clone()));
        }
        let mut settings = http::Settings::from(config);
        if let Some(file) = &config.trusted_documents {
            settings.trusted =
                Arc::new(Trusted::read(file).map_err(super::told).context("TRUSTED_DOCUMENTS (--trusted-documents)")?);
        }
        if config.audit_days > 0 {
            let age = TimeDelta::days(config.audit_days.into());
            tokio::spawn(auth::keep_audit_for(database.clone(), age, super::now));
        }
        let router = http::router(Api::new(app.clone(), config.introspection), readiness, settings);
        http::serve(listener, router, http::stop_signal()).await.map_err(super::told)?;
        app.finish().await;
        database.close().await.map_err(super::told)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn app(config: &Config, database: &Database, bound: SocketAddr) -> anyhow::Result<Arc<App>> {
    let settings = KeySettings {
        pem: config.jwt_private_key.clone(),
        file: config.jwt_private_key_file.clone(),
        accepted: config.jwt_public_key_files.clone(),
        database: config.database_file(),
    };
    let keys = Keys::load_or_create(&settings, &config.public_url_at(bound)).map_err(super::told)?;
    let foreign = foreign(config, keys.issuer()).map_err(super::told)?;
    let passwords = Passwords::new(Cost::OWASP).map_err(super::told)?;
    let app = App::new(database.clone(), keys, passwords, Arc::new(super::now));
    Ok(Arc::new(app.accepting(foreign)))
}

/// The foreign issuer that is set, if one is. `own` is the issuer of our own tokens.
fn foreign(config: &Config, own: &str) -> crate::error::Result<Option<ForeignIssuer>> {
    let OidcConfig { issuer, audience, jwks_url, ca_file, groups } = config.oidc.clone();
    let Some(issuer) = issuer else { return Ok(None) };
    let settings = ForeignSettings { issuer, audiences: audience, jwks_url, ca_file, rules: groups };
    ForeignIssuer::new(settings, own).map(Some)
}

/// What a person at a terminal looks for. A password that was made goes here alone, never to a log.
fn greet(config: &Config, bound: SocketAddr, first: Option<&auth::FirstAdmin>) -> anyhow::Result<()> {
    let url = config.public_url_at(bound);
    let mut out = Out::default();
    out.line(format_args!("energy-parks {} serves {url}", env!("CARGO_PKG_VERSION")));
    out.line(format_args!("  GraphiQL  {url}/graphiql"));
    out.line(format_args!("  GraphQL   {url}/graphql"));
    out.line(format_args!("  schema    {url}/schema.graphql"));
    if let Some(auth::FirstAdmin { user, password: Some(password) }) = first {
        out.line(format_args!("  sign in as {} with {} (shown only now)", user.name, password.reveal()));
    }
    out.end()
}

async fn fill(database: Database, readiness: Readiness) {
    match demo::fill(&database, super::now()).await {
        Ok(filled) => {
            tracing::info!(filled, "the demo is there");
            if filled {
                deed::started(&database, ("load", "demo"), "a made-up portfolio", super::now()).await;
            }
            readiness.reached();
        }
        Err(error) => {
            tracing::error!(%error, cause = error.cause().map(tracing::field::display), "the demo cannot be filled");
            readiness.wait_for("the demo cannot be filled; the log says why");
        }
    }
}
