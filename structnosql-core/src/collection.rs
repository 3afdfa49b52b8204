//! Collections: items of several entities, read by one query.

use crate::backend::Backend;
use crate::entity::EntityKeys;
use crate::error::Error;
use crate::mismatch::Mismatch;
use crate::model::TableDataModel;
use crate::path::DocumentPath;
use crate::selection::{Reading, RecordView, Selection, Unread};
use crate::table::{CollectionTable, EntityTables};
use crate::value::Map;

/// An enum of the entities that stand together in a table: an item is read as the variant whose model its key is of.
/// Implemented by `#[derive(Collection)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collection of entities",
    label = "derive `Collection` for an enum with a variant around each model: `enum Item {{ User(User), Order(Order) }}`"
)]
pub trait Collection: Sized + Send + 'static {
    /// The models of its variants, as a tuple in their order.
    type Models;

    /// What its variants are around, in their order.
    #[doc(hidden)]
    const ENTITIES: &'static [Entity<Self>];

    /// The collection over the tables of its models, in the order of the variants: `Item::over((&users, &orders))`.
    ///
    /// Each may be a basic or a caching one. What is pending in a caching table is laid over its own records, and what is
    /// read is kept in it. All are of one database: a query goes through the backend of the model whose key it gives. See
    /// [`CollectionTable::query_records`].
    ///
    /// # Errors
    ///
    /// Tables that were opened under different names.
    fn over<'t, B: Backend>(
        tables: impl EntityTables<'t, B, Models = Self::Models>,
    ) -> Result<CollectionTable<'t, Self, B>, Error> {
        CollectionTable::of(tables)
    }
}

/// A variant of a collection; for the expansion of the derive.
#[doc(hidden)]
#[derive(Debug)]
pub struct Entity<C> {
    /// The name of its model.
    pub name: &'static str,
    pub keys: EntityKeys,
    pub decode: fn(&Map) -> Result<C, Mismatch>,
}

/// What conditions on the fields of the model `E` can be asked of: its own records, and a collection that it is in.
#[diagnostic::on_unimplemented(
    message = "there are no records of `{E}` in `{Self}`",
    label = "`{E}` is no entity of `{Self}`",
    note = "a query by an index of a model, and a filter on its fields, bring records of that model or of a collection with it"
)]
pub trait HasEntity<E> {
    /// Its place among the variants.
    #[doc(hidden)]
    const AT: usize = 0;
}

#[diagnostic::do_not_recommend]
impl<M: TableDataModel> HasEntity<M> for M {}

/// Which variant an item is of, by its key.
pub(crate) fn variant_of<C: Collection>(item: &Map) -> Option<usize> {
    C::ENTITIES.iter().position(|entity| entity.keys.hold(item))
}

/// How all sort keys of the table begin that are of its entities; whether there is no more to any of them.
pub(crate) fn common_beginning<C: Collection>() -> (&'static str, bool) {
    let beginnings = C::ENTITIES.iter().map(|entity| match &entity.keys.sort {
        Some(sort) => sort.template.beginning(),
        None => ("", false),
    });
    let common = |(one, whole): (&'static str, bool), (other, _): (&'static str, bool)| {
        let equal = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
        (&one[..one.floor_char_boundary(equal)], whole && one == other)
    };
    beginnings.reduce(common).unwrap_or_default()
}

/// Selects whole items of a collection.
#[doc(hidden)]
#[derive(Debug)]
pub struct WholeItem<C> {
    path: DocumentPath,
    collection: std::marker::PhantomData<fn() -> C>,
}

impl<C> Default for WholeItem<C> {
    fn default() -> Self {
        WholeItem { path: DocumentPath::root(), collection: std::marker::PhantomData }
    }
}

impl<C: Collection> Selection for WholeItem<C> {
    type Model = C;
    type Output<R: Reading> = R::Record<C>;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        visit(&self.path);
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<R::Record<C>, Unread> {
        record.read_at(&self.path, |found| R::record(found, decode))
    }
}

/// The variant that an item is of.
fn decode<C: Collection>(item: &Map) -> Result<C, Mismatch> {
    match C::ENTITIES.iter().find(|entity| entity.keys.hold(item)) {
        Some(entity) => (entity.decode)(item),
        None => Err(of_no_entity::<C>()),
    }
}

fn of_no_entity<C: Collection>() -> Mismatch {
    let described = C::ENTITIES.iter().map(|Entity { name, keys, .. }| {
        let templates = std::iter::once(&keys.partition).chain(&keys.sort).map(|key| key.template.to_string());
        format!("`{name}` ({})", templates.collect::<Vec<_>>().join(", "))
    });
    let expected = format!("the key of a record of {}", described.collect::<Vec<_>>().join(" or "));
    let key = C::ENTITIES.first().map(|entity| entity.keys.sort.as_ref().unwrap_or(&entity.keys.partition));
    let mismatch = Mismatch::new(expected, "another key");
    key.map_or(mismatch.clone(), |key| mismatch.under(key.name.into()))
}
