use structnosql_derive::MapModel;

struct Unknown;

#[derive(MapModel)]
struct Price {
    #[field(default = 978)]
    currency: String,
    #[field(default = String::new())]
    amount: u64,
}

#[derive(MapModel)]
enum Country {
    Uk,
}

#[derive(MapModel)]
struct Address {
    #[field(default)]
    country: Country,
    #[field(skip)]
    parsed: Unknown,
}

fn main() {}
