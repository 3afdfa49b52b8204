//! TLS, with certificates that are made here.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use structnosql_core::{BasicTable, Failure, FailureClass, TableDataModel};
use structnosql_external::{External, Original, Retries};
use structnosql_gateway::Server;

use crate::server::{KEY, Service, User, exchange, request};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Serves over TLS with a certificate for `name`; gives the port.
async fn serve(service: &Service, authority: &Authority, name: &str) -> u16 {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let provider = rustls::crypto::aws_lc_rs::default_provider().into();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let server = Server::bind("127.0.0.1:0").await.unwrap().with_tls(config);
    let port = server.local_addr().unwrap().port();
    tokio::spawn(server.serve(service.gateway.clone(), std::future::pending()));
    port
}

fn client(address: &str, trusted: &Authority) -> External {
    let client = External::at(address).unwrap().with_root_certificates(trusted.pem().as_bytes()).unwrap();
    client.with_key(KEY).unwrap().with_retries(Retries::NONE)
}

async fn name(client: External) -> Result<Option<String>, Failure> {
    let read = BasicTable::<User, _>::attach(client).get_field("x1", User::fields().name()).await;
    read.map_err(|error| error.failure().unwrap().clone())
}

#[tokio::test]
async fn a_given_authority_is_trusted_and_no_other() {
    let service = Service::start().await;
    let (ours, theirs) = (authority(), authority());
    let port = serve(&service, &ours, "localhost").await;
    let address = format!("https://localhost:{port}");
    assert_eq!(name(client(&address, &ours)).await, Ok(Some("Robinson".to_owned())));
    service.database.reset();
    let of_the_system = External::at(&address).unwrap().with_key(KEY).unwrap().with_retries(Retries::NONE);
    let by_another_name = client(&format!("https://127.0.0.1:{port}"), &ours);
    for stranger in [client(&address, &theirs), of_the_system, by_another_name] {
        let failure = name(stranger).await.unwrap_err();
        assert_eq!(failure.class(), FailureClass::NotSent, "{failure}");
        assert!(failure.message().contains("certificate"), "{failure}");
    }
    assert_eq!(service.database.requests(), 0);
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(External::at(&address).unwrap().with_root_certificates(pem.as_bytes()).is_err(), "{pem:?}");
    }
}

#[tokio::test]
async fn the_other_wire_goes_over_tls_too() {
    let service = Service::start().await;
    let ours = authority();
    let address = format!("https://localhost:{}/tables/users", serve(&service, &ours, "localhost").await);
    let original = Original::new().unwrap().with_root_certificates(ours.pem().as_bytes()).unwrap();
    let users = BasicTable::<User, _>::attach(original.with_table("users", &address).unwrap().with_key(KEY));
    assert_eq!(users.get_field("x1", User::fields().name()).await.unwrap().as_deref(), Some("Robinson"));
}

#[tokio::test]
async fn without_tls_a_tls_port_says_so() {
    let service = Service::start().await;
    let ours = authority();
    let port = serve(&service, &ours, "localhost").await;
    let failure = name(client(&format!("http://127.0.0.1:{port}"), &ours)).await.unwrap_err();
    assert_eq!((failure.class(), failure.message()), (FailureClass::Invalid, "this port speaks TLS: use https"));
    let original = Original::new().unwrap().with_table("users", &format!("http://127.0.0.1:{port}/tables/users"));
    let users = BasicTable::<User, _>::attach(original.unwrap().with_key(KEY));
    let failure = users.get_record("x1").await.unwrap_err();
    assert!(failure.to_string().contains("this port speaks TLS: use https"), "{failure}");
    // A large body does not keep the answer from arriving.
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let answer = exchange(stream, &request("/v1/operations", Some(KEY), &vec![b' '; 1024 * 1024])).await;
    assert_eq!((answer.status, answer.body.contains("use https")), (400, true), "{answer:?}");
    assert_eq!(service.database.requests(), 0);
}

#[tokio::test]
async fn tls_to_a_port_without_it_is_not_sent() {
    let service = Service::start().await;
    let address = service.address.replace("http://", "https://");
    let failure = name(client(&address, &authority())).await.unwrap_err();
    assert_eq!(failure.class(), FailureClass::NotSent, "{failure}");
}
