//! `rename_all`: the naming rules of serde, so that a model and its JSON can share one.

use crate::suggest;

/// A rule of `rename_all`.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const RULES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    /// The rule of this name, or what to write instead.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let names = RULES.map(|(name, _)| name);
        let known = RULES.iter().find(|(known, _)| *known == name);
        known.map(|(_, case)| *case).ok_or_else(|| {
            let hint = suggest::among(name, &names);
            format!("no naming rule is called \"{name}\"{hint}")
        })
    }

    /// The stored name of a field, which Rust writes in `snake_case`.
    pub(crate) fn of_field(self, field: &str) -> String {
        match self {
            Case::Lower | Case::Snake => field.to_owned(),
            Case::Upper | Case::ScreamingSnake => field.to_ascii_uppercase(),
            Case::Pascal => field.split('_').map(|word| first(word, char::to_ascii_uppercase)).collect(),
            Case::Camel => first(&Case::Pascal.of_field(field), char::to_ascii_lowercase),
            Case::Kebab => field.replace('_', "-"),
            Case::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The stored name of an enum's variant, which Rust writes in `PascalCase`.
    pub(crate) fn of_variant(self, variant: &str) -> String {
        match self {
            Case::Lower => variant.to_ascii_lowercase(),
            Case::Upper => variant.to_ascii_uppercase(),
            Case::Pascal => variant.to_owned(),
            Case::Camel => first(variant, char::to_ascii_lowercase),
            Case::Snake | Case::ScreamingSnake | Case::Kebab | Case::ScreamingKebab => {
                let mut snake = String::new();
                for (at, letter) in variant.char_indices() {
                    if at > 0 && letter.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(letter.to_ascii_lowercase());
                }
                self.of_field(&snake)
            }
        }
    }
}

/// `word` with its first letter changed.
fn first(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().iter().map(change).chain(letters).collect()
}

/// The method that is named after an index: `by-author`, `byAuthor` and `GSI.Author` give `by_author`, `by_author`
/// and `gsi_author`.
pub(crate) fn method_name(index: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for letter in index.chars() {
        let word_ends = letter.is_ascii_uppercase() && after_lower || !letter.is_ascii_alphanumeric();
        if word_ends && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        }
        after_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|letter: char| letter.is_ascii_digit()) { format!("_{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_serde() {
        let rule = |name: &str| Case::parse(name).unwrap();
        let both = |name: &str| (rule(name).of_field("primary_type"), rule(name).of_variant("SciFi"));
        let pair = |field: &str, variant: &str| (field.to_owned(), variant.to_owned());
        assert_eq!(both("lowercase"), pair("primary_type", "scifi"));
        assert_eq!(both("UPPERCASE"), pair("PRIMARY_TYPE", "SCIFI"));
        assert_eq!(both("PascalCase"), pair("PrimaryType", "SciFi"));
        assert_eq!(both("camelCase"), pair("primaryType", "sciFi"));
        assert_eq!(both("snake_case"), pair("primary_type", "sci_fi"));
        assert_eq!(both("SCREAMING_SNAKE_CASE"), pair("PRIMARY_TYPE", "SCI_FI"));
        assert_eq!(both("kebab-case"), pair("primary-type", "sci-fi"));
        assert_eq!(both("SCREAMING-KEBAB-CASE"), pair("PRIMARY-TYPE", "SCI-FI"));
    }

    #[test]
    fn an_index_names_its_method() {
        let named = |index: &str| method_name(index);
        assert_eq!(named("primaryType"), "primary_type");
        assert_eq!(named("by-author"), "by_author");
        assert_eq!(named("GSI1.author_ID"), "gsi1_author_id");
        assert_eq!(named("2026-index"), "_2026_index");
        assert_eq!(named("---"), "");
    }
}
