//! Fields that are the key of an index. Unlike the table's own key they may be absent, which keeps a record out.

use super::IndexKey;
use crate::field::Template;
use crate::key::{IntoKeyPart, KeyField, KeyValue};
use crate::mismatch::Mismatch;
use crate::schema::KeyKind;
use crate::text::Text;

/// A field type that an index's key attribute may have: that of a key, or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of an index",
    label = "a key attribute is a string, a number or binary",
    note = "use `String`, an integer, `Number`, `Vec<u8>`, an enum that derives `MapModel`, or an `Option` of one"
)]
pub trait IndexKeyField: Sized {
    /// The type of a key value that is there.
    type Part: KeyField;

    /// The type of the stored attribute.
    const KIND: KeyKind = <Self::Part as KeyField>::KIND;

    /// What all of them look like.
    #[doc(hidden)]
    const TEMPLATE: Template = <Self::Part as KeyField>::TEMPLATE;

    /// For the expansion of the derive: what a query by such a field asks the index for.
    #[doc(hidden)]
    fn index_key<M, S>(
        index: &'static str,
        partition_name: &'static str,
        sort_name: Option<&'static str>,
        partition: impl IntoIndexPart<Self>,
    ) -> IndexKey<M, S> {
        let name = Text::from_static(partition_name);
        IndexKey::of(Some(index), name, sort_name.map(Text::from_static), partition.into_index_part())
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyField> IndexKeyField for T {
    type Part = T;
}

#[diagnostic::do_not_recommend]
impl<T: KeyField> IndexKeyField for Option<T> {
    type Part = T;
}

/// What can be given for the key of an index, a field of type `T`: what can be given for a key of that type, or of the
/// type inside an `Option`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for an index by a `{T}`", label = "expected `{T}`")]
pub trait IntoIndexPart<T> {
    /// The key value, borrowing nothing.
    fn into_index_part(self) -> Result<KeyValue<'static>, Mismatch>;
}

#[diagnostic::do_not_recommend]
impl<T: KeyField, A: IntoKeyPart<T>> IntoIndexPart<T> for A {
    fn into_index_part(self) -> Result<KeyValue<'static>, Mismatch> {
        self.into_part().map(KeyValue::into_owned)
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyField, A: IntoKeyPart<T>> IntoIndexPart<Option<T>> for A {
    fn into_index_part(self) -> Result<KeyValue<'static>, Mismatch> {
        self.into_part().map(KeyValue::into_owned)
    }
}
