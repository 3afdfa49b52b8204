//! What the soak's records look like, in the model's own words.

/// The type of a value.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    Number,
    Bool,
    /// A set of strings.
    Texts,
    /// A set of numbers.
    Numbers,
    List(&'static Shape),
    Map(&'static Shape),
    Struct(&'static [Field]),
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
    pub(crate) required: bool,
}

impl Field {
    pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Field {
        Field { name, shape, required: false }
    }

    pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Field {
        Field { name, shape, required: true }
    }
}
