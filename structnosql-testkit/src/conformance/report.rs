use std::fmt;

use super::Finding;

/// A case that an engine is known not to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The name of the case.
    pub case: &'static str,
    /// What the engine does instead.
    pub because: &'static str,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It failed, as was expected.
    Diverged(Finding),
    /// It failed.
    Failed(Finding),
    /// It passed although a divergence was expected.
    NoLongerDiverges,
    /// A divergence was expected in a case that does not exist.
    NoSuchCase,
}

/// What came of all cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a report that nobody looks at finds nothing"]
pub struct Report {
    verdicts: Vec<(String, Verdict)>,
}

impl Report {
    /// The cases with their verdicts.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.verdicts.iter().map(|(case, verdict)| (case.as_str(), verdict))
    }

    /// Whether every case passed, or failed as expected.
    pub fn is_conformant(&self) -> bool {
        self.verdicts().all(|(_, verdict)| matches!(verdict, Verdict::Passed | Verdict::Diverged(_)))
    }

    /// For tests.
    ///
    /// # Panics
    ///
    /// With the whole report, unless every case passed or failed as expected.
    #[track_caller]
    #[allow(clippy::panic, reason = "a test fails by a panic")]
    pub fn assert_conformant(&self) {
        if !self.is_conformant() {
            panic!("{self}");
        }
    }

    pub(crate) fn note(&mut self, case: &str, outcome: Result<(), Finding>, expected: &[Divergence]) {
        let diverges = expected.iter().any(|divergence| divergence.case == case);
        let verdict = match outcome {
            Ok(()) if diverges => Verdict::NoLongerDiverges,
            Ok(()) => Verdict::Passed,
            Err(finding) if diverges => Verdict::Diverged(finding),
            Err(finding) => Verdict::Failed(finding),
        };
        self.verdicts.push((case.to_owned(), verdict));
    }

    pub(crate) fn note_unknown(&mut self, expected: &[Divergence]) {
        for divergence in expected {
            if !self.verdicts().any(|(case, _)| case == divergence.case) {
                self.verdicts.push((divergence.case.to_owned(), Verdict::NoSuchCase));
            }
        }
    }
}

/// What is not as it should be, one case a line, and the counts.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut passed, mut diverged) = (0, 0);
        for (case, verdict) in self.verdicts() {
            match verdict {
                Verdict::Passed => passed += 1,
                Verdict::Diverged(_) => diverged += 1,
                Verdict::Failed(finding) => writeln!(f, "{case}: {finding}")?,
                Verdict::NoLongerDiverges => writeln!(f, "{case}: passes, though a divergence was expected")?,
                Verdict::NoSuchCase => writeln!(f, "{case}: there is no such case")?,
            }
        }
        let failed = self.verdicts.len() - passed - diverged;
        write!(f, "{passed} passed, {diverged} diverged as expected, {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::finding::same;

    #[test]
    fn expected_divergences_must_be_true() {
        let expected = ["b", "c", "d"].map(|case| Divergence { case, because: "it is so" });
        let mut report = Report::default();
        report.note("a", Ok(()), &expected);
        report.note("b", same("x", 1, 2), &expected);
        assert!(report.is_conformant());
        report.note("c", Ok(()), &expected);
        report.note("e", same("x", 1, 2), &expected);
        report.note_unknown(&expected);
        assert!(!report.is_conformant());
        assert_eq!(
            report.to_string(),
            "c: passes, though a divergence was expected\ne: x: found 1, expected 2\nd: there is no such case\n\
             1 passed, 1 diverged as expected, 3 failed"
        );
    }
}
