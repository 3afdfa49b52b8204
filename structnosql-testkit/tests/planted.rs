//! The bugs to plant still fit the sources; `soak --planted` shows that each is found.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::Path;

use structnosql_testkit::soak::PLANTED;

#[test]
fn every_planted_bug_applies_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    assert!(PLANTED.len() >= 24, "{}", PLANTED.len());
    for bug in PLANTED {
        let text = std::fs::read_to_string(root.join(bug.file)).unwrap();
        assert_eq!(text.matches(bug.old).count(), 1, "{}: {:?} in {}", bug.name, bug.old, bug.file);
        assert_ne!(bug.old, bug.new, "{}", bug.name);
    }
}
