//! The tables of a collection, read together.

use std::fmt;
use std::marker::PhantomData;

use smallvec::{SmallVec, smallvec};

use super::Table;
use super::call::Call;
use super::query::{ByKey, QueryField};
use super::rows::ReadRows;
use super::scan::{Everything, ScanField};
use crate::backend::{Backend, Billing};
use crate::collection::{Collection, HasEntity, WholeItem, common_beginning, variant_of};
use crate::difference::united;
use crate::error::{Error, ErrorKind};
use crate::index::IndexKey;
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::readers::{Reader, Readers};
use crate::selection::Row;

/// A table as the entities of the collection `C`; made by [`Collection::over`].
pub struct CollectionTable<'t, C, B> {
    readers: Readers<'t, B>,
    collection: PhantomData<fn() -> C>,
}

/// References to tables over one type of backend, as a tuple: `(&users, &orders)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the tables of a collection",
    label = "expected references to the tables of its models, as a tuple: `(&users, &orders)`",
    note = "all tables of a collection are over one type of backend, `{B}`"
)]
pub trait EntityTables<'t, B> {
    /// Their models.
    type Models;

    #[doc(hidden)]
    fn given(self) -> Given<'t, B>;
}

/// The tables of a collection, in the order of its variants.
#[doc(hidden)]
pub struct Given<'t, B> {
    first: &'t Link<B>,
    all: SmallVec<[Reader<'t, B>; 1]>,
}

impl<'t, C: Collection, B: Backend> CollectionTable<'t, C, B> {
    pub(crate) fn of(tables: impl EntityTables<'t, B>) -> Result<Self, Error> {
        let Given { first, all } = tables.given();
        if let Some(Reader { link, .. }) = all.iter().find(|reader| reader.link.table != first.table) {
            let (one, other) = (&first.table, &link.table);
            let problem =
                format!("the entities of a collection are in one table, and these are in `{one}` and `{other}`");
            return Err(ErrorKind::Query(problem).into());
        }
        let readers = Readers::several(first, all, variant_of::<C>);
        Ok(CollectionTable { readers, collection: PhantomData })
    }

    /// Reads all entities with one key value of the table, or of an index, by the key or index of any of the models:
    /// `items.query_records(User::indexes().primary("x42"))`.
    ///
    /// It is one `Query` a page, with the options, pages and streams of [`query_records`](Table::query_records) on a
    /// table. Where no condition on the sort key is given, it asks for the sort keys that begin as all templates of the
    /// collection's entities do.
    ///
    /// ```
    /// # use structnosql_core::{CachingTable, Collection, MapModel, TableDataModel};
    /// # use structnosql_derive::{Collection, MapModel, TableDataModel};
    /// # use structnosql_testkit::{Counted, Reference};
    /// # #[derive(MapModel)]
    /// # #[map(key = "PROFILE", crate = "structnosql_core")]
    /// # struct ProfileKey {}
    /// # #[derive(MapModel)]
    /// # #[map(key = "ORDER#{number:06}", crate = "structnosql_core")]
    /// # struct OrderKey {
    /// #     number: u32,
    /// # }
    /// # #[derive(TableDataModel)]
    /// # #[table(name = "shop", crate = "structnosql_core")]
    /// # struct User {
    /// #     #[field(partition_key)]
    /// #     id: String,
    /// #     #[field(sort_key)]
    /// #     sort: ProfileKey,
    /// #     name: String,
    /// # }
    /// # #[derive(TableDataModel)]
    /// # #[table(name = "shop", crate = "structnosql_core")]
    /// # struct Order {
    /// #     #[field(partition_key)]
    /// #     id: String,
    /// #     #[field(sort_key)]
    /// #     sort: OrderKey,
    /// #     total: u32,
    /// # }
    /// #[derive(Collection)]
    /// # #[collection(crate = "structnosql_core")]
    /// enum Item {
    ///     User(User),
    ///     Order(Order),
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> structnosql_core::Result<()> {
    /// # let backend = Counted::new(Reference::new());
    /// # let users = CachingTable::<User, _>::open(backend.clone()).await?;
    /// # let orders = CachingTable::<Order, _>::attach(backend);
    /// # users.put_record(&User { id: "x42".to_owned(), sort: ProfileKey {}, name: "Robinson".to_owned() }).await?;
    /// # orders.put_record(&Order { id: "x42".to_owned(), sort: OrderKey { number: 1 }, total: 12 }).await?;
    /// # users.backend().reset();
    /// let items = Item::over((&users, &orders))?;
    /// let page = items.query_records(User::indexes().primary("x42")).limit(10).await?;
    /// for (key, item) in page.records {
    ///     match item {
    ///         Item::User(user) => println!("{key}: {}", user.name),
    ///         Item::Order(order) => println!("{key}: {}", order.total),
    ///     }
    /// }
    /// assert_eq!(users.backend().requests(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As on a table; an item whose key is of none of the entities. `.lenient()` lists it, and `.skip_validation()` gives
    /// it as it is stored.
    pub fn query_records<E, K>(&self, index: IndexKey<E, K>) -> Call<QueryField<'t, C, K, B, WholeItem<C>, Row>>
    where
        C: HasEntity<E>,
        K: 't,
    {
        let readers = self.readers.clone().asked_by(<C as HasEntity<E>>::AT);
        ReadRows::call(readers, ByKey::new(index.of_collection(common_beginning::<C>())), WholeItem::default())
    }

    /// Creates the table with the indexes of all models, waits until it can be used, and lets records go out of date by
    /// the models' `ttl`.
    ///
    /// [`open`](Table::open) creates it for one model. This is for tables that were [attached](Table::attach), where the
    /// models have indexes of their own.
    ///
    /// # Errors
    ///
    /// As of [`create_table`](Table::create_table) on a table; before any request `TableMismatch`, where two models
    /// declare an index of one name otherwise.
    pub async fn create_table(&self, billing: Billing) -> Result<(), Error> {
        let first = self.readers.link();
        let definition = |link: &Link<B>| link.schema.definition(link.table.clone(), billing);
        let definition = united(definition(first), self.readers.links().map(definition))
            .map_err(|differences| ErrorKind::TableMismatch { table: first.table.to_string(), differences })?;
        first.backend.create_table(definition).await?;
        for link in self.readers.links() {
            link.wait_for_new().await?;
        }
        Ok(())
    }

    /// Reads all items of the table; [`scan_field`](Table::scan_field) says what that costs.
    ///
    /// # Errors
    ///
    /// As [`query_records`](Self::query_records).
    pub fn scan_records(&self) -> Call<ScanField<'t, C, B, WholeItem<C>, Row>> {
        ReadRows::call(self.readers.clone(), Everything::default(), WholeItem::default())
    }
}

macro_rules! tuples {
    ($($($model:ident $mode:ident $at:tt)+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'t, B, $($model: TableDataModel, $mode: Mode),+> EntityTables<'t, B> for ($(&'t Table<$model, B, $mode>,)+) {
            type Models = ($($model,)+);

            fn given(self) -> Given<'t, B> {
                Given { first: self.0.link(), all: smallvec![$(self.$at.reader()),+] }
            }
        }
    )*};
}

tuples! {
    M0 W0 0;
    M0 W0 0 M1 W1 1;
    M0 W0 0 M1 W1 1 M2 W2 2;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6 M7 W7 7;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6 M7 W7 7 M8 W8 8;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6 M7 W7 7 M8 W8 8 M9 W9 9;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6 M7 W7 7 M8 W8 8 M9 W9 9 M10 W10 10;
    M0 W0 0 M1 W1 1 M2 W2 2 M3 W3 3 M4 W4 4 M5 W5 5 M6 W6 6 M7 W7 7 M8 W8 8 M9 W9 9 M10 W10 10 M11 W11 11;
}

impl<C, B> Clone for CollectionTable<'_, C, B> {
    fn clone(&self) -> Self {
        CollectionTable { readers: self.readers.clone(), collection: PhantomData }
    }
}

impl<C, B> fmt::Debug for CollectionTable<'_, C, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectionTable").field("name", &self.readers.link().table).finish_non_exhaustive()
    }
}
