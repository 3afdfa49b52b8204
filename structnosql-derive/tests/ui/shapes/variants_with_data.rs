use structnosql_derive::{MapModel, TableDataModel};

#[derive(MapModel)]
enum Price {
    Free,
    Fixed(u64),
    Range { from: u64, to: u64 },
}

#[derive(MapModel)]
enum Never {}

#[derive(MapModel)]
#[map(tag = "kind")]
enum Event {
    Moved(u32, u32),
    Named {
        #[field(read_only)]
        kind: String,
    },
}

#[derive(MapModel)]
#[map(tag = "kind")]
enum Shape {
    Circle { kind: u32 },
    Square(#[field(min = 1)] Side),
    Empty(u32),
    #[field(rename = "Circle")]
    Round,
}

#[derive(MapModel)]
struct Side {
    length: u32,
}

#[derive(MapModel)]
#[map(untagged)]
enum Cell {
    Empty,
    Number(f64),
    Pair { a: u8, b: u8 },
    #[field(rename = "text")]
    Text(String),
}

#[derive(MapModel)]
#[map(untagged, tag = "kind")]
enum Both {
    Side(Side),
}

#[derive(MapModel)]
#[map(untagged)]
enum Maybe {
    Number(Option<u8>),
    Text(#[field(max = 3)] String),
}

#[derive(MapModel)]
#[map(tag = "kind", rename_all_fields = "camelCase")]
struct NoEnum {
    length: u32,
}

// No other error follows from it.
#[derive(TableDataModel)]
#[table(name = "wares")]
struct Ware {
    #[field(partition_key)]
    id: String,
    price: Price,
    cell: Cell,
    event: Event,
}

fn main() {}
