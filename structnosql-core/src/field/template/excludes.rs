//! Whether two templates have a key in common, found out when a program is compiled.

use super::{Template, TemplatePart};

/// The longest template that is looked at, in bytes of text and digits of values.
const LONGEST: usize = 128;

/// What stands at one place of a key.
struct Place {
    lowest: u8,
    highest: u8,
    /// It is one byte, or any number of them.
    repeats: bool,
}

impl Template {
    /// Whether no text is a key of both.
    ///
    /// It goes through both at once and notes the pairs of places that a text can come to: a byte that fits both leads
    /// on in each, or stays where a value goes on. Longer templates than [`LONGEST`] count as having keys in common.
    pub(crate) const fn excludes(&self, other: &Template) -> bool {
        let (ours, theirs) = (self.places(), other.places());
        if ours == 0 || theirs == 0 || ours > LONGEST || theirs > LONGEST {
            return false;
        }
        let mut reached = [false; LONGEST + 1];
        reached[0] = true;
        let mut at = 0;
        while at < ours {
            let one = self.place(at);
            let mut next = [false; LONGEST + 1];
            let mut to = 0;
            while to < theirs {
                let two = other.place(to);
                if reached[to] && one.lowest <= two.highest && two.lowest <= one.highest {
                    next[to + 1] = true;
                    next[to] = next[to] || two.repeats;
                    reached[to + 1] = reached[to + 1] || one.repeats;
                }
                to += 1;
            }
            reached = next;
            at += 1;
        }
        !reached[theirs]
    }

    const fn places(&self) -> usize {
        let (mut places, mut at) = (0, 0);
        while at < self.parts.len() {
            places += self.parts[at].places();
            at += 1;
        }
        places
    }

    const fn place(&self, mut place: usize) -> Place {
        let mut at = 0;
        while place >= self.parts[at].places() {
            place -= self.parts[at].places();
            at += 1;
        }
        match self.parts[at] {
            TemplatePart::Text(text) => {
                let byte = text.as_bytes()[place];
                Place { lowest: byte, highest: byte, repeats: false }
            }
            TemplatePart::Value { digits: 0 } => Place { lowest: 0, highest: u8::MAX, repeats: true },
            TemplatePart::Value { .. } => Place { lowest: b'0', highest: b'9', repeats: false },
        }
    }
}

impl TemplatePart {
    const fn places(&self) -> usize {
        match self {
            TemplatePart::Text(text) => text.len(),
            TemplatePart::Value { digits: 0 } => 1,
            TemplatePart::Value { digits } => *digits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TemplatePart::Text;
    use super::*;

    const ANYTHING: TemplatePart = TemplatePart::Value { digits: 0 };
    const FOUR: TemplatePart = TemplatePart::Value { digits: 4 };

    #[test]
    fn templates_exclude_each_other_where_no_text_is_of_both() {
        let cases: &[(&'static [TemplatePart], &'static [TemplatePart], bool)] = &[
            (&[Text("USER#"), ANYTHING], &[Text("ORDER#"), ANYTHING], true),
            (&[Text("USER#"), ANYTHING], &[Text("USER#"), ANYTHING], false),
            (&[Text("PROFILE")], &[Text("PROFILE")], false),
            // A value is never empty.
            (&[Text("PROFILE")], &[Text("PROFILE"), ANYTHING], true),
            (&[Text("A")], &[ANYTHING], false),
            (&[Text("A"), ANYTHING], &[ANYTHING, Text("B")], false),
            (&[ANYTHING, Text("#A")], &[ANYTHING, Text("#B")], true),
            (&[ANYTHING, Text("#A")], &[ANYTHING, Text("A")], false),
            // What comes after a value can be part of one.
            (&[Text("O#"), ANYTHING], &[Text("O#"), ANYTHING, Text("#LINE#"), ANYTHING], false),
            // Digits are counted.
            (&[Text("O#"), FOUR], &[Text("O#"), FOUR, Text("#LINE#"), ANYTHING], true),
            (&[Text("O#"), FOUR], &[Text("O#"), ANYTHING], false),
            (&[Text("O#"), FOUR], &[Text("O#12x4")], true),
            (&[Text("O#"), FOUR], &[Text("O#1234")], false),
            (&[FOUR], &[FOUR, FOUR], true),
            (&[ANYTHING, Text("b"), ANYTHING], &[Text("a"), ANYTHING, Text("c")], false),
            (&[Text("ab")], &[Text("a"), ANYTHING, Text("b")], true),
            // Nothing is known of these.
            (&[], &[Text("A")], false),
        ];
        for (one, other, excludes) in cases {
            let (one, other) = (Template { text: "", parts: one }, Template { text: "", parts: other });
            assert_eq!(one.excludes(&other), *excludes, "{one:?}, {other:?}");
            assert_eq!(other.excludes(&one), *excludes, "{other:?}, {one:?}");
        }
    }

    #[test]
    fn a_template_that_is_too_long_excludes_nothing() {
        let long = |length: usize| Template { text: "", parts: &*vec![Text("x".repeat(length).leak())].leak() };
        let other = Template { text: "", parts: &[Text("y")] };
        assert!(other.excludes(&long(LONGEST)) && long(LONGEST).excludes(&other));
        assert!(!other.excludes(&long(LONGEST + 1)) && !long(LONGEST + 1).excludes(&other));
    }
}
