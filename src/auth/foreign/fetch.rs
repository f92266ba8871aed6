//! Fetching a small text from an address that is trusted only as far as its certificate goes.
//!
//! No redirect is followed, no cookie and no credential is sent, nothing is unpacked, and what is longer than it should
//! be is not read to its end. How long it may take is the caller's to say.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::error::{Error, Result};

/// The longest text that is read: fifty times what issuers publish.
const MAX_BYTES: usize = 256 << 10;

/// The longest head of an answer.
const MAX_HEAD: usize = 64 << 10;

/// Why there is no text, for the log.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where a text is: by `https`, or by `http` within this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    is_secure: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl Address {
    /// Reads a URL; half a sentence that says what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let unfit = || "is no address like https://id.example.org/realms/energy".to_owned();
        let uri: Uri = url.parse().map_err(|_| unfit())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(unfit()) };
        let is_secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(unfit()),
        };
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(unfit());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if !is_secure && !is_here {
            return Err("is to begin with https://, since whoever is on the way could give other keys".into());
        }
        let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { is_secure, host, port, authority: authority.to_string(), path })
    }

    /// Whether both are at one server.
    pub fn is_beside(&self, other: &Self) -> bool {
        let server = |it: &Self| (it.is_secure, it.host.to_ascii_lowercase(), it.port);
        server(self) == server(other)
    }
}

/// Fetches texts.
#[derive(Clone)]
pub struct Fetcher {
    tls: TlsConnector,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetcher")
    }
}

impl Fetcher {
    /// Believes the authorities that everyone does, and those in a PEM text. `Invalid` with a sentence that names the
    /// setting if it holds none.
    pub fn new(authorities: Option<&[u8]>) -> Result<Self> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = authorities {
            let unfit = || Error::invalid("OIDC_CA_FILE: holds no certificate in PEM");
            let certificates: Vec<_> =
                CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| unfit())?;
            if certificates.is_empty() {
                return Err(unfit());
            }
            for certificate in certificates {
                roots.add(certificate).map_err(|_| unfit())?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// The text that is there.
    pub async fn get(&self, address: &Address) -> Result<Bytes, Failure> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        if address.is_secure {
            let name = ServerName::try_from(address.host.clone())?;
            return exchange(self.tls.connect(name, stream).await?, address).await;
        }
        exchange(stream, address).await
    }
}

async fn exchange<S>(stream: S, address: &Address) -> Result<Bytes, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await?;
    // The connection ends with the set, whatever becomes of the request.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::get(&address.path)
        .header(header::HOST, &address.authority)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("energy-parks/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("the answer is {}; redirects are not followed", response.status()).into());
    }
    Ok(Limited::new(response.into_body(), MAX_BYTES).collect().await?.to_bytes())
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// An authority made with OpenSSL for these tests, and what it vouches for: `localhost`.
    const AUTHORITY: &[u8] = include_bytes!("../../../tests/data/keys/tls-ca.pem");
    const CERTIFICATE: &[u8] = include_bytes!("../../../tests/data/keys/tls-localhost.pem");
    const KEY: &[u8] = include_bytes!("../../../tests/data/keys/tls-localhost.key.pem");

    /// The port of a server within this machine that answers by `https`.
    async fn secure_server() -> u16 {
        let certificates = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<Vec<_>, _>>().unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certificates, PrivateKeyDer::from_pem_slice(KEY).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4_096]).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn a_server_is_believed_that_an_authority_vouches_for_by_its_name() {
        let port = secure_server().await;
        let fetch = async |authorities: Option<&[u8]>, host: &str| {
            let address = Address::parse(&format!("https://{host}:{port}/keys")).unwrap();
            Fetcher::new(authorities).unwrap().get(&address).await.map_err(|error| error.to_string())
        };
        assert_eq!(fetch(Some(AUTHORITY), "localhost").await.unwrap(), "{}");
        let unknown = fetch(None, "localhost").await.unwrap_err();
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        let misnamed = fetch(Some(AUTHORITY), "127.0.0.1").await.unwrap_err();
        assert!(misnamed.contains("not valid for name"), "{misnamed}");
    }

    #[test]
    fn an_address_is_secure_or_within_this_machine() {
        for url in ["https://id.example.org", "https://10.0.0.1:8443/x", "http://127.0.0.1:5000/pool", "http://[::1]/"]
        {
            assert!(Address::parse(url).is_ok(), "{url}");
        }
        for url in ["http://localhost:8080/realms/x", "https://[2001:db8::1]/x"] {
            assert!(Address::parse(url).is_ok(), "{url}");
        }
        for url in
            ["http://id.example.org", "http://10.0.0.1/", "http://localhost.example.org/", "http://127.0.0.1.nip.io/"]
        {
            assert!(Address::parse(url).unwrap_err().contains("https://,"), "{url}");
        }
        for url in
            ["", "id.example.org", "/x", "ftp://x/", "file:///etc/passwd", "https://", "https://a@b/", "https:///x"]
        {
            assert!(Address::parse(url).unwrap_err().contains("is no address"), "{url}");
        }
    }

    #[test]
    fn addresses_are_beside_each_other_at_one_scheme_host_and_port() {
        let beside = |one: &str, other: &str| Address::parse(one).unwrap().is_beside(&Address::parse(other).unwrap());
        assert!(beside("https://id.example.org/a", "https://ID.example.org:443/b?c"));
        assert!(!beside("https://id.example.org/a", "https://id.example.org:8443/a"));
        assert!(!beside("https://id.example.org/a", "https://other.example.org/a"));
        assert!(!beside("http://localhost:1/", "https://localhost:1/"));
    }
}
