use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Profile {
    #[field(min = 10, max = 1)]
    crossed: u8,
    #[field(min = "1")]
    quoted: u8,
    #[field(length = 5..=2)]
    short: String,
    #[field(length = 3..3)]
    none: String,
    #[field(length)]
    bare: String,
    #[field(pattern = "(a")]
    open: String,
    #[field(pattern = abc)]
    word: String,
    #[field(with = "is_short")]
    function: String,
    #[field(min_length = 3)]
    other: String,
    #[field(regex = "^a")]
    of_others: String,
    #[field(skip, max = 3)]
    skipped: u8,
}

fn is_short(text: &str) -> Result<(), &'static str> {
    if text.len() < 3 { Ok(()) } else { Err("a short text") }
}

#[derive(MapModel)]
struct Code(#[field(pattern = "[")] String);

fn main() {}
