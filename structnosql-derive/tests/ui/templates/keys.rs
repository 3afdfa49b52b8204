use structnosql_derive::MapModel;

#[derive(MapModel)]
#[map(key = "USER#{name}")]
struct UnknownField {
    id: String,
}

#[derive(MapModel)]
#[map(key = "ORDER#{id}")]
struct LostField {
    id: String,
    number: u32,
}

#[derive(MapModel)]
#[map(key = "{id}{number}")]
struct NothingBetween {
    id: String,
    number: u32,
}

#[derive(MapModel)]
#[map(key = "USER#{id")]
struct Unclosed {
    id: String,
}

#[derive(MapModel)]
#[map(key = "{number:8}")]
struct Width {
    number: u32,
}

#[derive(MapModel)]
#[map(key = "{id}#{id}")]
struct Twice {
    id: String,
}

#[derive(MapModel)]
#[map(key = "")]
struct Empty {}

#[derive(MapModel)]
#[map(key = "USER#{id}")]
struct Attributes {
    #[field(rename = "x")]
    id: String,
}

#[derive(MapModel)]
#[map(key = "USER#{0}")]
struct Newtype(String);

#[derive(MapModel)]
#[map(key = "KIND")]
enum Kind {
    A,
}

#[derive(MapModel)]
#[map(key = "PRICE#{price}")]
struct NoKeyPart {
    price: f64,
}

fn main() {}
