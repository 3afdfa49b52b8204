//! Typed handles: paths that know their model, their value's type and whether they may be absent.

use std::fmt;
use std::marker::PhantomData;

use crate::field::{FieldValue, IntoMapKey, MapKey};
use crate::path::{DocumentPath, Segment};
use crate::presence::{Optional, Presence};

/// A typed document path: a field of a model, at any depth.
///
/// Implemented by the handles that a model's accessors return. It is a value: clone it, store it, build it once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a field of a model",
    label = "expected a field such as `Model::fields().name()`"
)]
pub trait Field: Clone + Send + Sync {
    /// The model that the path starts at.
    type Model;
    /// The type of the value when it is present.
    type Value: FieldValue;
    /// Whether the value may be absent, removed, written.
    type Presence: Presence;

    /// The path, without its types.
    fn path(&self) -> &DocumentPath;

    /// The path, without its types, by value.
    fn into_path(self) -> DocumentPath;
}

/// A path that was built once serves any number of calls by reference: `movies.get_field("b12", &imdb)`.
impl<F: Field> Field for &F {
    type Model = F::Model;
    type Value = F::Value;
    type Presence = F::Presence;

    fn path(&self) -> &DocumentPath {
        F::path(self)
    }

    fn into_path(self) -> DocumentPath {
        self.path().clone()
    }
}

/// The handle of a value without accessors of its own: a scalar, a set, an enum.
pub struct FieldPath<M, T, P> {
    path: DocumentPath,
    types: PhantomData<fn() -> (M, T, P)>,
}

impl<M, T, P> FieldPath<M, T, P> {
    /// For the expansion of the derive.
    #[doc(hidden)]
    pub const fn new(path: DocumentPath) -> Self {
        FieldPath { path, types: PhantomData }
    }

    /// For the expansion of the derive: the record itself.
    #[doc(hidden)]
    #[inline]
    pub fn root() -> Self {
        FieldPath::new(DocumentPath::root())
    }
}

impl<M, T, P> FieldPath<M, T, P> {
    /// For the expansion of the derive.
    #[doc(hidden)]
    pub fn as_path(&self) -> &DocumentPath {
        &self.path
    }

    /// For the expansion of the derive.
    #[doc(hidden)]
    pub fn into_document_path(self) -> DocumentPath {
        self.path
    }

    /// Goes one step further where it is: a path is long to move.
    #[inline]
    pub(crate) fn go_to(&mut self, segment: impl Into<Segment>) {
        self.path.push(segment.into());
    }
}

impl<M, T, P> Clone for FieldPath<M, T, P> {
    fn clone(&self) -> Self {
        FieldPath::new(self.path.clone())
    }
}

impl<M, T, P> fmt::Debug for FieldPath<M, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}

impl<M, T: FieldValue, P: Presence> Field for FieldPath<M, T, P> {
    type Model = M;
    type Value = T;
    type Presence = P;

    fn path(&self) -> &DocumentPath {
        &self.path
    }

    fn into_path(self) -> DocumentPath {
        self.path
    }
}

/// Declares a handle around a [`FieldPath`] that adds accessors.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident<$($param:ident),*> of $value:ty where $($bound:ident: $trait:ident),*) => {
        $(#[$doc])*
        pub struct $name<M, $($param,)* C, P> {
            field: FieldPath<M, C, P>,
            items: PhantomData<fn() -> ($($param,)*)>,
        }

        impl<M, $($param,)* C, P> $name<M, $($param,)* C, P> {
            /// For implementations of [`FieldValue`].
            #[doc(hidden)]
            pub const fn new(path: DocumentPath) -> Self {
                $name { field: FieldPath::new(path), items: PhantomData }
            }
        }

        impl<M, $($param,)* C, P> Clone for $name<M, $($param,)* C, P> {
            fn clone(&self) -> Self {
                $name::new(self.field.path.clone())
            }
        }

        impl<M, $($param,)* C, P> fmt::Debug for $name<M, $($param,)* C, P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.field, f)
            }
        }

        impl<M, $($bound: $trait,)* C: FieldValue, P: Presence> Field for $name<M, $($param,)* C, P> {
            type Model = M;
            type Value = C;
            type Presence = P;

            fn path(&self) -> &DocumentPath {
                &self.field.path
            }

            fn into_path(self) -> DocumentPath {
                self.field.path
            }
        }
    };
}

handle! {
    /// The handle of a map `C` from keys `K` to values `V`; [`key`](Self::key) goes to one of its values.
    MapHandle<K, V> of C where K: MapKey, V: FieldValue
}

handle! {
    /// The handle of a list `C` of items `V`; [`index`](Self::index) goes to one of its items.
    ListHandle<V> of C where V: FieldValue
}

impl<M, K: MapKey, V: FieldValue, C, P: Presence> MapHandle<M, K, V, C, P> {
    /// The value of one key, which may always be absent and removed.
    ///
    /// A key may hold any characters: dots, brackets and spaces have no meaning in it.
    #[inline]
    pub fn key(mut self, key: impl IntoMapKey<K>) -> V::Handle<M, P::Child<Optional>> {
        self.field.go_to(key.into_map_key());
        V::handle(self.field.path)
    }
}

impl<M, V: FieldValue, C, P: Presence> ListHandle<M, V, C, P> {
    /// The item at a position counted from 0, which may always be absent and removed.
    ///
    /// Setting a position past the list's end appends, as in DynamoDB.
    #[inline]
    pub fn index(mut self, index: u32) -> V::Handle<M, P::Child<Optional>> {
        self.field.go_to(index);
        V::handle(self.field.path)
    }
}
