//! A connection to the product's database, with TLS where the DSN asks for it.

use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::exit::Failure;

/// Connects; the connection's own task ends with the client.
pub(super) async fn connect(dsn: &str) -> Result<Client, Failure> {
    let mut config: tokio_postgres::Config =
        dsn.parse().map_err(|_| Failure::usage("the DSN of the outbox is none"))?;
    config.application_name("annals outbox");
    let (client, connection) =
        config.connect(tls()?).await.map_err(|error| Failure::dependency(&error))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the database connection ended");
        }
    });
    Ok(client)
}

/// Certificates are checked against the system's roots.
fn tls() -> Result<MakeRustlsConnect, Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| Failure::dependency(&error))?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
