//! `structnosql-gateway CONFIG` serves tables on DynamoDB; `structnosql-gateway hash` prints the hash of the API key on
//! its standard input; `structnosql-gateway openapi` prints the description of the service.
//!
//! SIGTERM and interrupts end it once what is under way is finished. SIGHUP has it read the keys again.

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use structnosql_dynamo::Dynamo;
use structnosql_gateway::config::Config;
use structnosql_gateway::{Gateway, KeyHash, Server};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hash"] => hash(),
        ["openapi"] => {
            println!("{}", structnosql_gateway::openapi());
            Ok(())
        }
        [config] if !config.starts_with('-') => serve(config.into()),
        _ => {
            eprintln!(
                "usage: structnosql-gateway CONFIG | structnosql-gateway hash < KEY | structnosql-gateway openapi"
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("structnosql-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// From standard input, where neither the list of processes nor the history of a shell shows it.
fn hash() -> Result<(), Box<dyn Error>> {
    let mut key = String::new();
    std::io::stdin().read_to_string(&mut key)?;
    match key.trim() {
        key if key.len() < 16 => Err("a key has at least 16 characters: `openssl rand -hex 32` makes one".into()),
        key => {
            println!("{}", KeyHash::of(key));
            Ok(())
        }
    }
}

#[tokio::main]
async fn serve(file: PathBuf) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = Config::load(&file)?;
    let dynamo = match &config.endpoint {
        Some(endpoint) => Dynamo::at(endpoint),
        None => Dynamo::from_env().await,
    };
    let builder = Gateway::builder(dynamo).limits(config.limits);
    let builder = config.schemas()?.into_iter().fold(builder, |builder, schema| builder.table(schema));
    let gateway = config.keys().into_iter().fold(builder, |builder, key| builder.key(key)).build();
    let server = Server::bind(&config.listen).await?;
    let server = match config.tls()? {
        Some(tls) => server.with_tls(tls),
        None => server,
    };
    tracing::info!(address = %server.local_addr()?, "listening");
    let stop = signals(gateway.clone(), file)?;
    server.serve(gateway, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Done when the process is told to end; reads the keys again when it is told to.
#[cfg(unix)]
fn signals(gateway: Arc<Gateway<Dynamo>>, file: PathBuf) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut end = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut again = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = end.recv() => return,
                _ = interrupt.recv() => return,
                _ = again.recv() => reload(&gateway, &file),
            }
        }
    })
}

#[cfg(not(unix))]
fn signals(_: Arc<Gateway<Dynamo>>, _: PathBuf) -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        tokio::signal::ctrl_c().await.ok();
    })
}

/// A mistake in the file leaves the keys as they are.
#[cfg(unix)]
fn reload(gateway: &Gateway<Dynamo>, file: &Path) {
    match Config::load(file) {
        Ok(config) => {
            gateway.set_keys(config.keys());
            tracing::info!("the keys were read again");
        }
        Err(error) => tracing::error!(%error, "the keys were not read again"),
    }
}
