//! Did you mean …?

use std::iter;

/// What follows the naming of something unknown: `; did you mean `rename`?`, or all that is known.
pub(crate) fn among(unknown: &str, known: &[&str]) -> String {
    let distance = |name: &&&str| edit_distance(unknown, name);
    match known.iter().min_by_key(distance) {
        Some(nearest) if edit_distance(unknown, nearest) <= unknown.len().max(3) / 3 => {
            format!("; did you mean `{nearest}`?")
        }
        Some(_) => format!("; expected {}", list(known)),
        None => String::new(),
    }
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Levenshtein's distance, without regard to case.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let next = row.iter().skip(1).zip(&b).map(|(&above, to)| {
            let replaced = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            diagonal = above;
            left = replaced.min(above + 1).min(left + 1);
            left
        });
        row = iter::once(line + 1).chain(next).collect();
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_nearest_or_all() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(among("renam", &["rename", "skip"]), "; did you mean `rename`?");
        assert_eq!(among("camelcase", &["camelCase", "lowercase"]), "; did you mean `camelCase`?");
        assert_eq!(among("xyz", &["rename", "skip", "default"]), "; expected `rename`, `skip` or `default`");
    }
}
