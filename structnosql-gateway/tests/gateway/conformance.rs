//! What every backend must do, through a client and a gateway.

use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Verb};
use structnosql_testkit::{Reference, conformance};

use crate::server::{KEY, external, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_a_gateway_is_a_backend() {
    let key = ApiKey::new("test", KeyHash::of(KEY)).grant(Grant::everything("*").verbs(Verb::TABLES));
    let gateway = Gateway::builder(Reference::new()).tables_without_model("").key(key).build();
    let external = external(&serve(gateway).await, KEY);
    conformance::backend::run(&external, &[]).await.assert_conformant();
}
