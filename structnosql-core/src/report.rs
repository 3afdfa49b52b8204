//! What became of a commit.
#[derive(Debug)]
/// tbd
pub struct CommitReport;
impl std::fmt::Display for CommitReport {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
