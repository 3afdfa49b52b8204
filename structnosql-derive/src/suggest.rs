//! Did you mean …?

/// What follows the naming of something unknown: `; did you mean `rename`?`, or all that is known.
pub(crate) fn among(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; expected {}", list(known)),
    }
}

/// The known name that differs little enough to be the one that was meant.
pub(crate) fn nearest<'k>(unknown: &str, known: &[&'k str]) -> Option<&'k str> {
    let far = unknown.len().max(3) / 3;
    let distances = known.iter().map(|name| (edit_distance(unknown, name), *name));
    distances.min().filter(|(distance, _)| *distance <= far).map(|(_, name)| name)
}

/// `` `a`, `b` or `c` ``.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Letters to change, add, leave out or swap with the next, without regard to case.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_ascii_lowercase().chars().collect();
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (line, from) in a.iter().enumerate() {
        let mut row = vec![line + 1];
        for (at, to) in b.iter().enumerate() {
            let changed = above[at] + usize::from(from != to);
            let mut least = changed.min(above[at + 1] + 1).min(row[at] + 1);
            if line > 0 && at > 0 && from == &b[at - 1] && &a[line - 1] == to {
                least = least.min(before[at - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_nearest_or_all() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("titel", "title"), 1);
        assert_eq!(among("renam", &["rename", "skip"]), "; did you mean `rename`?");
        assert_eq!(among("camelcase", &["camelCase", "lowercase"]), "; did you mean `camelCase`?");
        assert_eq!(among("xyz", &["rename", "skip", "default"]), "; expected `rename`, `skip` or `default`");
    }
}
