//! The service as a program, on DynamoDB: see [`USAGE`].

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use structnosql_dynamo::Dynamo;
use structnosql_gateway::config::Config;
use structnosql_gateway::{Gateway, KeyHash, Schema, Server};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "\
Serves DynamoDB tables to clients that have an API key and no credentials.

usage:
  structnosql-gateway CONFIG         serve as the file says; the crate's module `config` shows one
  structnosql-gateway check CONFIG   say what is wrong with the file, or what it would serve
  structnosql-gateway hash < KEY     print the hash of an API key, for the file: `openssl rand -hex 32` makes a key
  structnosql-gateway openapi        print the description of the service

The region and credentials are those of the environment, as for every program on AWS's SDK. RUST_LOG sets what is
logged. SIGHUP has the keys read again; SIGTERM and interrupts end it once what is under way is finished.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["--version" | "-V"] => {
            println!("structnosql-gateway {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        ["hash"] => hash(),
        ["check", config] => check(config.as_ref()),
        ["openapi"] => {
            println!("{}", structnosql_gateway::openapi());
            Ok(())
        }
        [config] if !config.starts_with('-') => serve(config.into()),
        _ => {
            eprintln!("{USAGE}");
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

/// What the file would serve.
fn check(file: &Path) -> Result<(), Box<dyn Error>> {
    let config = Config::load(file)?;
    let schemas = config.schemas()?;
    let scheme = if config.tls()?.is_some() { "https" } else { "http" };
    println!("address: {scheme}://{}", config.listen);
    println!("database: {}", config.endpoint.as_deref().unwrap_or("DynamoDB, in the region of the environment"));
    println!("tables: {}", names(&schemas));
    println!("clients: {}", config.clients().join(", "));
    match config.unserved(&schemas).as_slice() {
        [] => Ok(()),
        unserved => {
            let grants: Vec<_> = unserved.iter().map(|(client, table)| format!("`{client}` on `{table}`")).collect();
            Err(format!("grants of tables that are not served: {}", grants.join(", ")).into())
        }
    }
}

fn names(schemas: &[Schema]) -> String {
    let names: BTreeSet<&str> = schemas.iter().map(|schema| schema.table.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

#[tokio::main]
async fn serve(file: PathBuf) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Where nobody takes the log any more, saying so would fail as well, by a panic.
    let log = tracing_subscriber::fmt().json().log_internal_errors(false);
    log.with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = Config::load(&file)?;
    let schemas = config.schemas()?;
    let tls = config.tls()?;
    for (client, table) in config.unserved(&schemas) {
        tracing::warn!(client, table, "a grant names a table that is not served");
    }
    let tables = names(&schemas);
    let dynamo = match &config.endpoint {
        Some(endpoint) => Dynamo::at(endpoint),
        None => Dynamo::from_env().await,
    };
    let builder = Gateway::builder(dynamo).limits(config.limits);
    let builder = schemas.into_iter().fold(builder, |builder, schema| builder.table(schema));
    let gateway = config.keys().into_iter().fold(builder, |builder, key| builder.key(key)).build();
    let cannot = |error| format!("cannot listen on `{}`: {error}", config.listen);
    let server = Server::bind(&config.listen).await.map_err(cannot)?;
    let (scheme, server) = match tls {
        Some(tls) => ("https", server.with_tls(tls)),
        None => ("http", server),
    };
    let clients = config.clients().join(", ");
    tracing::info!(address = %server.local_addr()?, scheme, tables, clients, "listening");
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
