use structnosql::TableDataModel;
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users", key = "USER#{id}")]
struct OnTheTable {
    #[field(partition_key)]
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "users")]
struct OnAField {
    #[field(partition_key, template = "USER#{id}")]
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "users")]
struct AsTheValue {
    #[field(partition_key = "USER#{id}")]
    id: String,
}

#[derive(MapModel)]
#[map(key = "USER#{id:06}")]
struct FilledText {
    id: String,
}

#[derive(MapModel)]
#[map(key = "ORDER#{number:06}")]
struct Order {
    number: u32,
}

#[derive(TableDataModel)]
#[table(name = "orders")]
struct OptionalKey {
    #[field(partition_key)]
    id: Option<Order>,
}

#[derive(TableDataModel)]
#[table(name = "orders")]
struct NoKey {
    #[field(partition_key)]
    id: String,
    order: Option<Order>, // a text like any other
}

fn main() {
    let _ = NoKey::fields().order().number();
    let _ = NoKey::indexes().primary(Order { number: 1 });
}
