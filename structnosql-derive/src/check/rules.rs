//! Rules of values that some value can keep.

use crate::attr::{RuleAttrs, number};
use crate::errors::Errors;

/// A rule that no value could keep is a mistake.
pub(crate) fn check(rules: &RuleAttrs, errors: &mut Errors) {
    if let (Some(min), Some(max)) = (&rules.min, &rules.max)
        && let (Some(least), Some(most)) = (number(&min.value), number(&max.value))
        && least > most
    {
        errors.at(&min.value, "no number is at least this and at most `max`: exchange `min` and `max`");
    }
    if let Some(length) = &rules.length
        && let Some((least, most)) = length.value.numbers()
        && least > most
    {
        errors.at(&length.value.given, "no length is in this range: write `length = 1..=64`, the smaller number first");
    }
    if let Some(pattern) = &rules.pattern
        && let Err(problem) = regex_lite::Regex::new(&pattern.value.value())
    {
        let message = format!(
            "this is no regular expression of the crate `regex-lite`: {problem}; in a raw string, `r\"...\"`, \
             backslashes stand for themselves"
        );
        errors.at(&pattern.value, message);
    }
}
