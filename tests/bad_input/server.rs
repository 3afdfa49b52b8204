//! A server that gives the same answer to every request, inside the SDK's HTTP client.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use structnosql::Dynamo;

#[derive(Clone, Debug)]
struct Server {
    status: u16,
    body: String,
}

/// A backend whose every request is refused with this code.
pub(crate) fn refusing(status: u16, code: &str, message: &str) -> Dynamo {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .allow_no_auth()
        .endpoint_url("http://server.invalid")
        .retry_config(RetryConfig::disabled())
        .http_client(Server { status, body })
        .build();
    Dynamo::new(Client::from_conf(config))
}

impl HttpClient for Server {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Server {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let Server { status, body } = self.clone();
        HttpConnectorFuture::new(async move {
            let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}
