//! Clients from the environment and for an address.

use std::env;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder as HttpClient, Connector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::Dynamo;

const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(10);
const OPERATION: Duration = Duration::from_secs(30);
/// DynamoDB answers in milliseconds; the SDK's general default waits up to a second before a second attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl Dynamo {
    /// DynamoDB with the region and credentials of the environment: variables, profiles, containers, instance roles,
    /// as all of AWS's tools find them. So are `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE` and `AWS_ENDPOINT_URL_DYNAMODB`.
    ///
    /// Unlike the SDK's own default, no request waits without end: three seconds for a connection, ten for an
    /// attempt, thirty for a read with all its attempts. [`from_env_with`](Self::from_env_with) takes others.
    ///
    /// It sends nothing to DynamoDB. Missing credentials show at the first request, as
    /// [`NotSent`](structnosql_core::FailureClass::NotSent).
    ///
    /// ```no_run
    /// use structnosql_dynamo::Dynamo;
    ///
    /// # async fn example() {
    /// let dynamo = Dynamo::from_env().await;
    /// # }
    /// ```
    pub async fn from_env() -> Self {
        Self::from_env_with(|config| config).await
    }

    /// [`from_env`](Self::from_env), with what else you want of the SDK's client: timeouts, the number of attempts and
    /// the pauses between them, an endpoint, credentials, interceptors.
    ///
    /// What `configure` sets counts, over the environment and the defaults of `from_env`. The SDK's adaptive retries
    /// hold reads back where a table is throttled; writes, which are repeated [here](crate#retries), keep to the
    /// configured attempts and pauses.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use aws_sdk_dynamodb::config::retry::RetryConfig;
    /// use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
    /// use structnosql_dynamo::Dynamo;
    ///
    /// # async fn example() {
    /// let dynamo = Dynamo::from_env_with(|config| {
    ///     config
    ///         .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(500)).build())
    ///         .retry_config(RetryConfig::adaptive().with_max_attempts(5))
    /// })
    /// .await;
    /// # }
    /// ```
    pub async fn from_env_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let shared = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http_client(ProxyConfig::from_env))
            .timeout_config(timeouts())
            .load()
            .await;
        let retries = shared.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let config = Builder::from(&shared).retry_config(retries.with_initial_backoff(FIRST_PAUSE));
        Dynamo::new(Client::from_conf(configure(config).build()))
    }

    /// A server at an address, such as DynamoDB Local or the DynamoDB interface of ScyllaDB (Alternator).
    ///
    /// The credentials and the region are those of the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN` and `AWS_REGION` (or `AWS_DEFAULT_REGION`), and made up where these are not set:
    /// such servers mostly take any. Timeouts are those of [`from_env`](Self::from_env); proxies are passed by.
    ///
    /// An address that is none shows at the first request, as [`NotSent`](structnosql_core::FailureClass::NotSent).
    ///
    /// ```no_run
    /// use structnosql_dynamo::Dynamo;
    ///
    /// let local = Dynamo::at("http://127.0.0.1:8000");
    /// ```
    pub fn at(endpoint: impl Into<String>) -> Self {
        let endpoint = Some(endpoint.into()).filter(|endpoint: &String| !endpoint.is_empty());
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            // Over an empty one the SDK panics; this one it refuses.
            .endpoint_url(endpoint.unwrap_or_else(|| " ".to_owned()))
            .credentials_provider(credentials())
            .region(Region::new(region()))
            .http_client(http_client(ProxyConfig::disabled))
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_initial_backoff(FIRST_PAUSE))
            .build();
        Dynamo::new(Client::from_conf(config))
    }
}

/// The SDK's own, but made by hand, so that the clients for reads and for writes share their connections.
fn http_client(proxy: fn() -> ProxyConfig) -> SharedHttpClient {
    HttpClient::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
    })
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

fn credentials() -> Credentials {
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment"),
        // DynamoDB Local refuses an id with other characters than letters and digits.
        _ => Credentials::new("structnosql", "structnosql", None, None, "made up"),
    }
}

fn region() -> String {
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
