//! What handles say of their fields: model, value and presence, as types.

use std::collections::HashMap;

use structnosql::presence::{Inner, Key, Optional, ReadOnly, Required};
use structnosql::{Field, FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "records")]
struct Record {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    year: u16,
    required: Inside,
    optional: Option<Inside>,
    #[field(read_only)]
    fixed: Inside,
    #[field(read_only)]
    maybe_fixed: Option<Inside>,
    #[field(default)]
    default: u8,
    #[field(default, read_only)]
    fixed_default: u8,
    map: HashMap<String, Inside>,
    list: Vec<Inside>,
    boxed: Box<Option<Inside>>,
}

#[derive(Clone, Default, MapModel)]
struct Inside {
    required: u8,
    optional: Option<u8>,
    #[field(read_only)]
    fixed: u8,
    #[field(default)]
    default: u8,
    values: Vec<u8>,
}

/// Compiles where the field has this value and presence.
fn is<T, P>(_: impl Field<Model = Record, Value = T, Presence = P>) {}

#[test]
fn of_a_record_s_own_fields() {
    let f = Record::fields;
    is::<String, Key>(f().id());
    is::<u16, Key>(f().year());
    is::<Inside, Required>(f().required());
    is::<Inside, Optional>(f().optional());
    is::<Inside, ReadOnly<Required>>(f().fixed());
    is::<Inside, ReadOnly<Optional>>(f().maybe_fixed());
    is::<u8, Optional>(f().default());
    is::<u8, ReadOnly<Optional>>(f().fixed_default());
    is::<HashMap<String, Inside>, Required>(f().map());
    is::<Vec<Inside>, Required>(f().list());
    is::<Inside, Optional>(f().boxed());
}

#[test]
fn inside_what_is_always_there() {
    let inside = || Record::fields().required();
    is::<u8, Required>(inside().required());
    is::<u8, Optional>(inside().optional());
    is::<u8, ReadOnly<Required>>(inside().fixed());
    is::<u8, Optional>(inside().default());
    is::<Vec<u8>, Required>(inside().values());
}

#[test]
fn inside_what_may_be_absent() {
    is::<u8, Inner>(Record::fields().optional().required());
    is::<u8, Optional>(Record::fields().optional().optional());
    is::<u8, ReadOnly<Inner>>(Record::fields().optional().fixed());
    is::<u8, Optional>(Record::fields().optional().default());
    is::<Inside, Optional>(Record::fields().map().key("k"));
    is::<u8, Inner>(Record::fields().map().key("k").required());
    is::<Inside, Optional>(Record::fields().list().index(0));
    is::<u8, Inner>(Record::fields().list().index(0).required());
}

#[test]
fn inside_what_is_read_only() {
    is::<u8, ReadOnly<Required>>(Record::fields().fixed().required());
    is::<u8, ReadOnly<Optional>>(Record::fields().fixed().optional());
    is::<u8, ReadOnly<Inner>>(Record::fields().maybe_fixed().required());
}

#[test]
fn changes_follow_presence() {
    let f = Record::fields;
    let changes = [
        f().required().set(Inside::default()),
        f().optional().remove(),
        f().optional().required().set(4),
        f().default().remove(),
        f().map().key("k").remove(),
        f().list().index(3).remove(),
        f().required().values().set([1, 2]),
    ];
    let changes: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
    let expected = [
        "set required",
        "remove optional",
        "set optional.required",
        "remove default",
        "remove map.k",
        "remove list[3]",
        "set required.values",
    ];
    assert_eq!(changes, expected);
}
