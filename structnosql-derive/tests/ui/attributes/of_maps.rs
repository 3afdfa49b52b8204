use structnosql_derive::MapModel;

#[derive(MapModel)]
#[map(name = "addresses")]
struct Address {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    city: String,
}

#[derive(MapModel)]
enum Genre {
    #[field(default)]
    Thriller,
    #[field(name = "sci-fi")]
    SciFi,
    #[field(rename = "Thriller")]
    Fantasy,
}

#[derive(MapModel)]
struct Id(#[field(rename = "id")] String);

fn main() {}
