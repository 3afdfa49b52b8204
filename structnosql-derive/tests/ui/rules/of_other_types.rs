use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Lengths {
    #[field(length = 1..=3)]
    number: u8,
}

#[derive(MapModel)]
struct Bounds {
    #[field(min = 1)]
    texts: Vec<String>,
}

#[derive(MapModel)]
struct Patterns {
    #[field(pattern = "^a")]
    tags: Option<Vec<String>>,
}

#[derive(MapModel)]
struct Code(#[field(max = 3)] String);

#[derive(MapModel)]
struct NoNumber {
    #[field(max = NAME)]
    level: u8,
}

const NAME: &str = "nine";

fn main() {}
