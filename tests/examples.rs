//! The examples print what `examples/expected` holds, which for two of them is what the pages of the original show.
//!
//! To accept a change, run an example into its file: `cargo run --example movies > examples/expected/movies.txt`.

use std::cell::RefCell;
use std::fs;

thread_local! {
    static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Takes the place of the standard library's in the examples below, so that these stay programs like any other:
/// each `main` runs to its end on the thread of its test.
macro_rules! println {
    ($($arguments:tt)*) => {{
        let line = format!($($arguments)*);
        crate::PRINTED.with_borrow_mut(|printed| printed.extend([&line, "\n"]));
    }};
}

#[path = "../examples/clearing.rs"]
mod clearing;
#[path = "../examples/gateway.rs"]
mod gateway;
#[path = "../examples/movies.rs"]
mod movies;
#[path = "../examples/users.rs"]
mod users;

#[track_caller]
fn check(name: &str, main: fn() -> Result<(), Box<dyn std::error::Error>>) {
    main().expect(name);
    let expected = fs::read_to_string(format!("examples/expected/{name}.txt")).expect(name);
    let printed = PRINTED.take();
    assert!(printed == expected, "{name} printed:\n{printed}\nand not:\n{expected}");
}

#[test]
fn movies() {
    check("movies", movies::main);
}

#[test]
fn users() {
    check("users", users::main);
}

#[test]
fn clearing() {
    check("clearing", clearing::main);
}

#[test]
fn gateway() {
    check("gateway", gateway::main);
}
