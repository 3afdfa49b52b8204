//! The program: its configuration, signals, and what it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_structnosql-gateway");
const SCHEMA: &str = r#"{"table": "users", "partitionKey": {"name": "id", "kind": "string"}, "record": "User",
    "structs": {"User": {"id": {"shape": "string", "required": true}, "name": {"shape": "string"}}}}"#;

fn hash(key: &str) -> String {
    let mut child = Command::new(PROGRAM).arg("hash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn config(hash: &str) -> String {
    // Nothing listens at port 1: the database is not there.
    format!(
        "listen = \"127.0.0.1:0\"\nendpoint = \"http://127.0.0.1:1\"\n[[tables]]\nschema = \"users.json\"\n\
         [[keys]]\nname = \"app\"\nhashes = [\"{hash}\"]\n[[keys.grants]]\ntable = \"users\"\nverbs = [\"get\"]\n\
         read = \"everything\"\n"
    )
}

struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: &str, key: &str) -> String {
    let body = r#"{"operations": [{"get": {"table": "users", "key": {"id": {"S": "secret value"}}}}]}"#;
    let length = body.len();
    ask(
        address,
        &format!(
            "POST /v1/operations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ),
    )
}

#[test]
fn it_serves_reads_keys_again_and_stops() {
    let folder = std::env::temp_dir().join(format!("structnosql-gateway-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("gateway.toml");
    std::fs::write(folder.join("users.json"), SCHEMA).unwrap();
    std::fs::write(&file, config(&hash("the first key of it"))).unwrap();
    let child = Command::new(PROGRAM)
        .arg(&file)
        .env("RUST_LOG", "info,aws=off,hyper=off")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut log = BufReader::new(running.0.stderr.take().unwrap());
    let mut said = String::new();
    let address = loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {said}");
        said.push_str(&line);
        if let Some((_, rest)) = line.split_once("\"address\":\"") {
            break rest.split('"').next().unwrap().to_owned();
        }
    };
    assert!(ask(&address, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
    assert!(ask(&address, "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 503"));
    assert!(get(&address, "the first key of it").contains("\"class\":\"notSent\""));
    assert!(get(&address, "the second key of it").starts_with("HTTP/1.1 401"));

    std::fs::write(&file, config(&hash("the second key of it"))).unwrap();
    running.signal("-HUP");
    let changed = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        get(&address, "the first key of it").starts_with("HTTP/1.1 401")
    });
    assert!(changed && get(&address, "the second key of it").starts_with("HTTP/1.1 200"));

    running.signal("-TERM");
    assert!(running.0.wait().unwrap().success());
    log.read_to_string(&mut said).unwrap();
    assert!(said.contains("\"client\":\"app\"") && said.contains("stopped"), "{said}");
    for hidden in ["secret value", "key of it"] {
        assert!(!said.contains(hidden), "{said}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn it_prints_the_description_of_the_service() {
    let output = Command::new(PROGRAM).arg("openapi").output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), structnosql_gateway::openapi());
}

#[test]
fn what_it_cannot_do_it_says() {
    let run = |argument: &str| {
        let output = Command::new(PROGRAM).arg(argument).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run("--help").0, Some(2));
    let (code, said) = run("no/such.toml");
    assert_eq!((code, said.contains("no/such.toml")), (Some(1), true), "{said}");
    assert_eq!(run("hash").0, Some(1), "an empty key is none");
}
