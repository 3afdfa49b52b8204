//! The configuration file of the program `structnosql-gateway`.
//!
//! ```
//! # fn main() -> Result<(), structnosql_gateway::config::ConfigError> {
//! let config = structnosql_gateway::config::Config::parse(
//!     r#"
//!     listen = "0.0.0.0:8443"
//!
//!     [tls] # without it: plain HTTP, for behind a proxy
//!     certificate = "certificate.pem"
//!     key = "key.pem"
//!
//!     [limits] # what is not named stays as it is by default
//!     requests = 128
//!
//!     [[tables]]
//!     schema = "movies.json" # what `Schema::of::<Movie>().to_json()` has written
//!     name = "prod-movies"   # where it is another than the model's
//!
//!     [[keys]]
//!     name = "app"
//!     # The SHA-256 of the key, as `structnosql-gateway hash` prints it: two while one takes the other's place.
//!     # This one is of the key "test": put your own here.
//!     hashes = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
//!     rate = 500
//!
//!     [[keys.grants]]
//!     table = "prod-movies"
//!     verbs = ["get", "query", "update"]
//!     partition = { prefix = "tenant-7#" }
//!     read = "everything"
//!     write = { only = [["ratings"], ["tokens", "*", "expires"]] }
//!     "#,
//! )?;
//! assert_eq!(config.keys().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Paths of files are relative to the configuration file. The region and credentials are those of the environment, as
//! for every program on AWS's SDK.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use crate::access::{ApiKey, Grant, KeyHash};
use crate::limits::Limits;
use crate::schema::Schema;

/// A configuration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub listen: String,
    /// Another server than DynamoDB's.
    pub endpoint: Option<String>,
    /// The certificate, where the service speaks TLS itself.
    pub tls: Option<Tls>,
    /// What one client may take up.
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    tables: Vec<Table>,
    #[serde(default)]
    keys: Vec<Key>,
    #[serde(skip)]
    folder: PathBuf,
}

/// Files in PEM.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and those that lead to a trusted one.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    schema: PathBuf,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Key {
    name: String,
    hashes: Vec<KeyHash>,
    rate: Option<u32>,
    #[serde(default)]
    grants: Vec<Grant>,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {error}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no configuration.
    #[error("{0}")]
    Text(#[from] toml::de::Error),
    /// What is wrong with a file.
    #[error("`{}`: {error}", .file.display())]
    In {
        /// The file.
        file: PathBuf,
        /// What.
        error: Box<ConfigError>,
    },
    /// A schema is none.
    #[error("`{}` is no schema: {error}", .file.display())]
    Schema {
        /// The file.
        file: PathBuf,
        /// Why.
        error: serde_json::Error,
    },
    /// A client cannot be told from others, or from none.
    #[error("the key `{name}` {wrong}")]
    Key {
        /// The client's name.
        name: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// A limit that lets nothing through.
    #[error("the limit `{0}` is 0: nothing could be served")]
    Limit(&'static str),
    /// A certificate or private key is none.
    #[error("TLS: {0}")]
    Tls(String),
}

impl Config {
    /// Reads a configuration; files that it names are looked for where the process runs.
    ///
    /// # Errors
    ///
    /// What is no configuration; a client without a key.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Config = toml::from_str(text)?;
        if let Some(limit) = config.limits.without_room() {
            return Err(ConfigError::Limit(limit));
        }
        for (at, key) in config.keys.iter().enumerate() {
            let others = &config.keys[..at];
            let is_taken = |hash: &KeyHash| others.iter().any(|other| other.hashes.contains(hash));
            let wrong = match () {
                () if key.hashes.is_empty() => "has no hash",
                () if others.iter().any(|other| other.name == key.name) => "is there twice",
                () if key.hashes.iter().any(is_taken) => "has a hash that another one has",
                () => continue,
            };
            return Err(ConfigError::Key { name: key.name.clone(), wrong });
        }
        Ok(config)
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); a file that cannot be read.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let wrong = |error| ConfigError::In { file: file.to_owned(), error: Box::new(error) };
        let mut config = Config::parse(&read(file)?).map_err(wrong)?;
        config.folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Ok(config)
    }

    /// The tables' schemas, from their files.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no schema.
    pub fn schemas(&self) -> Result<Vec<Schema>, ConfigError> {
        let schema = |table: &Table| {
            let file = self.folder.join(&table.schema);
            let schema = Schema::from_json(&read(&file)?).map_err(|error| ConfigError::Schema { file, error })?;
            Ok(match &table.name {
                Some(name) => schema.named(name.as_str()),
                None => schema,
            })
        };
        self.tables.iter().map(schema).collect()
    }

    /// The names of the clients.
    pub fn clients(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.name.as_str()).collect()
    }

    /// The grants of tables that are none of these: by the client's name and the table's. Most often a mistake.
    pub fn unserved(&self, schemas: &[Schema]) -> Vec<(&str, &str)> {
        let is_unserved = |grant: &Grant| !schemas.iter().any(|schema| grant.names(&schema.table));
        let named = self.keys.iter().flat_map(|key| key.grants.iter().map(|grant| (key.name.as_str(), grant)));
        named.filter(|(_, grant)| is_unserved(grant)).map(|(client, grant)| (client, grant.table())).collect()
    }

    /// The clients.
    pub fn keys(&self) -> Vec<ApiKey> {
        let key = |key: &Key| {
            let (first, others) = key.hashes.split_first()?;
            let client = others.iter().fold(ApiKey::new(key.name.as_str(), *first), |client, hash| client.or(*hash));
            let client = key.grants.iter().fold(client, |client, grant| client.grant(grant.clone()));
            Some(key.rate.into_iter().fold(client, ApiKey::rate))
        };
        self.keys.iter().filter_map(key).collect()
    }

    /// The configuration of TLS, where the service speaks it.
    ///
    /// # Errors
    ///
    /// Files that cannot be read, or hold no certificate and its key.
    pub fn tls(&self) -> Result<Option<rustls::ServerConfig>, ConfigError> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let Some(Tls { certificate, key }) = &self.tls else { return Ok(None) };
        let wrong = |error: &dyn std::fmt::Display| ConfigError::Tls(error.to_string());
        let of_file = |file: &Path| {
            let file = file.display().to_string();
            move |error| ConfigError::Tls(format!("`{file}`: {error}"))
        };
        let (certificate, key) = (self.folder.join(certificate), self.folder.join(key));
        let chain = CertificateDer::pem_file_iter(&certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(of_file(&certificate))?;
        if chain.is_empty() {
            return Err(ConfigError::Tls(format!("`{}`: there is no certificate in it", certificate.display())));
        }
        let key = PrivateKeyDer::from_pem_file(&key).map_err(of_file(&key))?;
        let provider = rustls::crypto::aws_lc_rs::default_provider().into();
        rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map(Some)
            .map_err(|error| wrong(&error))
    }
}

fn read(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file).map_err(|error| ConfigError::File { file: file.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told() {
        let hash = "0".repeat(64);
        let hashes = format!("hashes = [\"{hash}\"]");
        let key = |text: &str| format!("listen = \"x\"\n[[keys]]\nname = \"a\"\n{text}");
        let grant = |text: &str| key(&format!("{hashes}\n[[keys.grants]]\n{text}"));
        for (text, says) in [
            ("".to_owned(), "listen"),
            ("listen = \"x\"\nport = 1".to_owned(), "port"),
            ("listen = \"x\"\n[limits]\nbody = 1".to_owned(), "body"),
            (key("hashes = []"), "the key `a` has no hash"),
            (format!("{}\n[[keys]]\nname = \"a\"\nhashes = [\"{hash}\"]", key(&hashes)), "the key `a` is there twice"),
            (format!("{}\n[[keys]]\nname = \"b\"\nhashes = [\"{hash}\"]", key(&hashes)), "the key `b` has a hash that"),
            ("listen = \"x\"\n[limits]\npage-items = 0".to_owned(), "the limit `page-items` is 0"),
            ("listen = \"x\"\nlisten = \"y\"".to_owned(), "line 2"),
            (key("hashes = [\"secret\"]"), "64 hexadecimal digits"),
            (key("key = \"secret\""), "unknown field `key`"),
            (grant("table = \"t\"\nverbs = [\"drop\"]"), "drop"),
            (grant("table = \"t\"\nverbs = []\nread = \"all\""), "all"),
            (grant("table = \"t\"\nverbs = []\npaths = []"), "paths"),
        ] {
            let error = Config::parse(&text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(says), "{text}: {error}");
        }
        let missing = Config::load(Path::new("no/such.toml")).unwrap_err().to_string();
        assert!(missing.contains("no/such.toml"), "{missing}");
    }
}
