use std::fmt;

use structnosql_core::{Failure, FailureClass};

use super::Outcome;

/// What a case found that should not be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding(String);

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request failed that had to succeed.
impl From<Failure> for Finding {
    fn from(failure: Failure) -> Self {
        Finding(format!("a request failed: {failure}"))
    }
}

/// Expects `found` to be `expected`; `what` says of what.
pub(crate) fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(Finding(format!("{what}: found {found:?}, expected {expected:?}"))) }
}

/// Expects a failure of this class, and returns it.
pub(crate) fn fails<T: fmt::Debug>(
    what: &str,
    result: Result<T, Failure>,
    class: FailureClass,
) -> Result<Failure, Finding> {
    match result {
        Err(failure) if failure.class() == class => Ok(failure),
        Err(failure) => Err(Finding(format!("{what}: expected \"{class}\", found \"{failure}\""))),
        Ok(answer) => Err(Finding(format!("{what}: expected \"{class}\", but it succeeded with {answer:?}"))),
    }
}
