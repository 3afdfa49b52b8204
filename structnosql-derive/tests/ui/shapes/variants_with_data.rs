use structnosql_derive::{MapModel, TableDataModel};

#[derive(MapModel)]
enum Price {
    Free,
    Fixed(u64),
    Range { from: u64, to: u64 },
}

#[derive(MapModel)]
enum Never {}

// No other error follows from it.
#[derive(TableDataModel)]
#[table(name = "wares")]
struct Ware {
    #[field(partition_key)]
    id: String,
    price: Price,
}

fn main() {}
