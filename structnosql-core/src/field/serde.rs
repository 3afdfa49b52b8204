//! Fields of any type that serialises.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{FieldValue, IntoField, plain_handle, vec_is_a_list};
use crate::mismatch::Mismatch;
use crate::schema::Shape;
use crate::value::{Value, from_value, to_value};

/// A field of any type that serialises and deserialises with serde, stored as serde describes it: structs and maps as M,
/// sequences as L, byte arrays as B, unit variants as their name, other variants as a map of their name alone, `None`
/// and `()` as NULL. It is read and written whole.
///
/// Integers are exact to 38 digits. What serde has no number for passes through an `f64`; where that matters, take
/// [`Number`](crate::Number) and a `MapModel`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use structnosql_core::{FieldValue, Serde, Value};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Address {
///     city: String,
///     lines: Vec<String>,
/// }
///
/// let address = Serde(Address { city: "London".to_owned(), lines: Vec::new() });
/// let stored = address.encode()?.expect("it is stored");
/// assert_eq!(stored.to_string(), r#"{"city": "London", "lines": []}"#);
/// assert_eq!(Serde::decode(&stored)?, address);
///
/// let wrong = Serde::<Address>::decode(&Value::from_iter([("city", "London".into()), ("lines", vec![7.into()].into())]));
/// assert_eq!(wrong.unwrap_err().to_string(), "`lines[0]`: expected a string, found number");
/// # Ok::<(), structnosql_core::Mismatch>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serde<T>(
    /// The value.
    pub T,
);

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> FieldValue for Serde<T> {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Any;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        to_value(&self.0).map(Some)
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        from_value(value).map(Serde)
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> IntoField<Serde<T>> for T {
    fn into_field(self) -> Result<Serde<T>, Mismatch> {
        Ok(Serde(self))
    }
}
