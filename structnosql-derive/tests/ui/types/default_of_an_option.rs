use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Price {
    #[field(default)]
    note: Option<String>,
}

fn main() {}
