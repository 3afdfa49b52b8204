//! The program: its configuration, signals, and what it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

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

/// The first block of a language in the guide.
fn guide(begins: &str) -> &'static str {
    let page = include_str!("../../docs/guide/external.md");
    page.split(begins).nth(1).unwrap().split("```").next().unwrap()
}

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("structnosql-gateway-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap().success());
    }
}

/// Starts the program, and waits until it listens: gives its address, what it has said and what it will say.
fn start(file: &Path) -> (Running, String, String, BufReader<ChildStderr>) {
    let child = Command::new(PROGRAM)
        .arg(file)
        .env("RUST_LOG", "info,aws=off,hyper=off")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut log = BufReader::new(running.0.stderr.take().unwrap());
    let mut said = String::new();
    loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {said}");
        said.push_str(&line);
        if let Some((_, rest)) = line.split_once("\"address\":\"") {
            return (running, rest.split('"').next().unwrap().to_owned(), said, log);
        }
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
    let folder = folder("serves");
    let file = folder.join("gateway.toml");
    std::fs::write(folder.join("users.json"), SCHEMA).unwrap();
    std::fs::write(&file, config(&hash("the first key of it"))).unwrap();
    let (mut running, address, mut said, mut log) = start(&file);
    for told in ["\"tables\":\"users\"", "\"clients\":\"app\"", "\"scheme\":\"http\""] {
        assert!(said.contains(told), "{told}: {said}");
    }
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

/// What an operator types first, as the guide has it.
#[test]
fn the_commands_of_the_guide_work() {
    let folder = folder("guide");
    let (commands, file) = (guide("```sh\n"), guide("```toml\n"));
    let run = |command: &str| {
        let path = format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh").args(["-ec", command]).current_dir(&folder).env("PATH", path).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut commands = commands.lines();
    assert!(commands.next().unwrap().starts_with("cargo install "));
    let key = "5ecc6e1f00112233445566778899aabbccddeeff00112233445566778899aabb";
    let hash = run(&commands.next().unwrap().replace("openssl rand -hex 32", &format!("echo {key}")));
    assert_eq!(std::fs::read_to_string(folder.join("app.key")).unwrap().trim(), key);

    let placeholder = file.split("hashes = [\"").nth(1).unwrap().split('"').next().unwrap();
    let file = file.replace(placeholder, hash.trim()).replace("127.0.0.1:8080", "127.0.0.1:0");
    std::fs::write(folder.join("users.json"), SCHEMA).unwrap();
    std::fs::write(folder.join("gateway.toml"), format!("endpoint = \"http://127.0.0.1:1\"\n{file}")).unwrap();
    let checked = run(commands.next().unwrap());
    assert!(checked.contains("tables: users\n") && checked.contains("clients: app\n"), "{checked}");
    assert_eq!(commands.next(), Some("structnosql-gateway gateway.toml"));
    let (_running, address, _, log) = start(&folder.join("gateway.toml"));
    // It serves on where nobody takes its log any more.
    drop(log);
    let answer = get(&address, key);
    assert!(answer.starts_with("HTTP/1.1 403"), "the guide's key is granted other records: {answer}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A mistake in the file is told with its file, and its line or name.
#[test]
fn mistakes_in_the_file_are_told() {
    let folder = folder("mistakes");
    let file = folder.join("gateway.toml");
    let right = config(&"0".repeat(64));
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = Command::new(PROGRAM).arg("check").arg(&file).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (is_right, said) = check(&right);
    assert!(!is_right && said.contains("users.json"), "{said}");
    std::fs::write(folder.join("users.json"), SCHEMA).unwrap();
    assert_eq!(check(&right), (true, String::new()));
    for (from, to, says) in [
        ("listen", "lisen", "unknown field `lisen`"),
        ("[\"get\"]", "[\"fetch\"]", "unknown variant `fetch`"),
        ("[\"get\"]", "[\"fetch\"]", "line 10"),
        ("table = \"users\"", "table = \"user\"", "`app` on `user`"),
        ("[[tables]]", "[limits]\nrequests = 0\n[[tables]]", "the limit `requests` is 0"),
        ("[[tables]]", "[tls]\ncertificate = \"no.pem\"\nkey = \"no.pem\"\n[[tables]]", "no.pem`"),
        ("[[tables]]", "[tls]\ncertificate = \"users.json\"\nkey = \"no.pem\"\n[[tables]]", "no certificate"),
    ] {
        let (is_right, said) = check(&right.replacen(from, to, 1));
        assert!(!is_right && said.contains(says), "{says}: {said}");
        assert!(said.contains("gateway.toml") || from == "[[tables]]" || from.starts_with("table"), "{said}");
    }
    std::fs::write(folder.join("users.json"), SCHEMA.replace("\"string\", \"required\"", "\"text\", \"required\""))
        .unwrap();
    let (is_right, said) = check(&right);
    assert!(!is_right && said.contains("users.json") && said.contains("`text`") && said.contains("line 2"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_it_cannot_do_it_says() {
    let run = |argument: &str| {
        let output = Command::new(PROGRAM).arg(argument).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!((run("--help").0, run("--version").0), (Some(0), Some(0)));
    assert!(run("--serve").1.contains("structnosql-gateway CONFIG"));
    assert_eq!(run("--serve").0, Some(2));
    let (code, said) = run("no/such.toml");
    assert_eq!((code, said.contains("no/such.toml")), (Some(1), true), "{said}");
    assert_eq!(run("hash").0, Some(1), "an empty key is none");
}
