//! `energy-parks health`: asks a running server how it is, for container health checks that have no other program.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::config::Config;

/// Ask the server at LISTEN whether it is alive; exit status 1 if it is not.
#[derive(Args, Debug)]
pub struct Health {
    /// Ask whether it is ready to answer, its database too.
    #[arg(long)]
    ready: bool,
}

impl Health {
    /// Prints the server's answer.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let path = if self.ready { "/readyz" } else { "/healthz" };
        let address = reachable(config.listen);
        let answer = tokio::time::timeout(Duration::from_secs(5), ask(address, path))
            .await
            .with_context(|| format!("{address} did not answer within 5 seconds"))?
            .with_context(|| format!("{address} cannot be reached"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        super::out::line(body.trim())?;
        let fine = head.split(' ').nth(1) == Some("200");
        Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The address under which the machine itself reaches a server that listens on every address.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    listen
}

async fn ask(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    // Bounded, since whatever listens there need not be ours.
    stream.take(65_536).read_to_string(&mut answer).await?;
    Ok(answer)
}
