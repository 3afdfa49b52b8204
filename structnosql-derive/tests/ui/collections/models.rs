use structnosql_derive::{Collection, MapModel, TableDataModel};

#[derive(MapModel)]
#[map(key = "ORDER#{id}")]
struct OrderKey {
    id: String,
}

#[derive(MapModel)]
#[map(key = "ORDER#{order}#LINE#{line:03}")]
struct LineKey {
    order: String,
    line: u32,
}

#[derive(TableDataModel)]
#[table(name = "shop")]
struct Order {
    #[field(partition_key)]
    pk: String,
    #[field(sort_key)]
    sk: OrderKey,
}

#[derive(TableDataModel)]
#[table(name = "shop")]
struct Line {
    #[field(partition_key)]
    pk: String,
    #[field(sort_key)]
    sk: LineKey,
}

#[derive(TableDataModel)]
#[table(name = "shop")]
struct Anything {
    #[field(partition_key)]
    pk: String,
    #[field(sort_key)]
    sk: String,
}

#[derive(TableDataModel)]
#[table(name = "shops")]
struct Shop {
    #[field(partition_key)]
    pk: String,
    #[field(sort_key)]
    sk: ShopKey,
}

#[derive(MapModel)]
#[map(key = "SHOP")]
struct ShopKey {}

#[derive(TableDataModel)]
#[table(name = "shop")]
struct OtherKey {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    sk: ShopKey,
}

/// An order's id may hold `#LINE#001`.
#[derive(Collection)]
enum OneInTheOther {
    Order(Order),
    Line(Line),
}

#[derive(Collection)]
enum Untold {
    Order(Order),
    Anything(Anything),
}

#[derive(Collection)]
enum OfTwoTables {
    Order(Order),
    Shop(Shop),
}

#[derive(Collection)]
enum OfTwoKeys {
    Order(Order),
    OtherKey(OtherKey),
}

fn main() {}
