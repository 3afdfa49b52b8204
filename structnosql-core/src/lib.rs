//! The core of StructNoSQL: values, paths, models, the cache and its pending operations, the commit plan, tables.
//!
//! It knows no AWS type and does no I/O of its own: a [`Backend`] does. Use it through the crate `structnosql`.

mod action;
mod at_once;
mod backend;
mod base;
mod batch;
mod change;
mod collection;
mod condition;
mod conflict;
mod cursor;
mod deliver;
mod difference;
mod direct;
mod entity;
mod error;
pub mod expression;
mod failure;
mod field;
mod fold;
mod handle;
pub mod index;
pub mod key;
mod lenient;
mod link;
mod lock;
mod mismatch;
mod mode;
mod model;
mod number;
mod observe;
mod outlook;
mod page;
mod path;
mod plan;
pub mod presence;
mod projected;
mod projection;
mod readers;
mod record;
mod report;
mod rows;
pub mod schema;
mod selection;
#[cfg(feature = "serde")]
pub mod serialize;
mod table;
mod text;
mod told;
mod transaction;
mod unit;
mod value;
mod whole;

pub use action::Action;
pub use backend::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Billing,
    Capabilities, CheckRequest, DeleteRequest, GetRequest, IdempotencyToken, IndexDefinition, IndexedAttributes,
    PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription, TransactAction,
    TransactGet, TransactGetRequest, TransactWriteRequest, UpdateAction, UpdateRequest, UpdateTableRequest,
};
pub use batch::BatchReport;
pub use change::{Change, FieldExt, ops};
pub use collection::{Collection, HasEntity, WholeItem};
pub use condition::{Comparison, Condition, ConditionExt, Operand, Predicate, SizeOf};
pub use conflict::{Conflict, Snapshot};
pub use cursor::Cursor;
pub use difference::TableDifference;
pub use direct::Direct;
pub use error::{Error, ErrorKind, Result};
pub use failure::{Failure, FailureClass};
#[cfg(feature = "serde")]
pub use field::Serde;
pub use field::{
    FieldValue, IntoField, IntoMapKey, ListField, MapKey, Nullable, NumberField, RestField, SetField, SetMember,
    VersionField,
};
pub use handle::{Field, FieldPath, ListHandle, MapHandle};
pub use key::{IntoKey, Key};
pub use lenient::{Fit, Lenient};
pub use mismatch::Mismatch;
pub use model::{MapModel, StructModel, TableDataModel, TextPath};
pub use number::{Number, NumberError};
pub use observe::{ApiOperation, Observed, ObservedRequest, RequestCounts, RequestOutcome, RequestStatistics, meter};
pub use outlook::{Carrier, CommitMode, CommitPlan, InDoubt, PlannedUpdate, RecordPlan};
pub use page::Page;
pub use path::{DocumentPath, Segment};
pub use plan::{Split, SplitReason};
pub use projected::{Projected, Projection};
pub use report::{CommitReport, OperationId, OperationKind, Outcome, PendingOperation, RecordReport, Savepoint};
pub use selection::{Debugged, Get, Raw, Reading, Row, Selection, Source, Sourced};
pub use table::{
    BasicTable, ByKey, CachingTable, Call, ChangedValues, CollectionTable, ConditionCheck, DebugTable, DeleteRecord,
    EntityTables, Everything, GetField, GetRecords, Items, Pages, PutRecord, QueryField, ReadRows, RemoveRecord,
    ReplaceFields, ReplaceRecord, RowsOf, ScanField, Segments, Start, Table, Transact, TransactGetRecords,
    TransactReads, TransactWrites, Validated, WriteField, WriteFields, WriteRecords,
};
pub use text::Text;
pub use transaction::{ActionReport, TransactionReport, TransactionVerb};
pub use unit::{CacheStatistics, Commit, Resolution, UnitOfWork};
pub use value::{MAX_DEPTH, MAX_ITEM_SIZE, Map, StoredType, Value};

/// What the expansions of the derives name. Not for use by hand, and not covered by version promises.
#[doc(hidden)]
pub mod __private {
    pub use crate::collection::{Collection, Entity, HasEntity};
    pub use crate::entity::{EntityKey, EntityKeys};
    pub use crate::field::{
        KeyTemplate, TaggedEnum, Template, TemplatePart, TemplateValue, UnitEnum, decode_key, decode_name,
        decode_tagged, decode_untagged, encode_key, encode_name, encode_tagged, key_part, version_attribute,
    };
    pub use crate::index::{IndexKey, IndexKeyField, IntoIndexPart, NoSortKey};
    pub use crate::key::{IntoKeyPart, KeyField, KeyValue, One, Two};
    pub use crate::mismatch::Mismatches;
    pub use crate::model::{decode_record, decode_struct, encode_struct};
    pub use crate::presence::{Key as KeyPresence, Optional, Presence, ReadOnly, Required, Version as VersionPresence};
    pub use crate::projected::ReadsAs;
    pub use crate::schema::{
        Alias, FieldSchema, HasRules, IndexProjection, IndexSchema, KeyAttribute, KeyKind, Pattern, Rule, Shape,
        StructSchema, TableSchema, TaggedSchema, VariantSchema, accepted,
    };
    pub use crate::text::FieldName;
    pub use crate::{
        DocumentPath, Field, FieldPath, FieldValue, IntoField, IntoMapKey, ListHandle, Map, MapKey, MapModel, Mismatch,
        Number, Projected, Projection, RestField, Selection, SetMember, StructModel, TableDataModel, Text, Value,
    };
}
