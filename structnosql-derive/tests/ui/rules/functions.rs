use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Profile {
    #[field(with = is_even)]
    name: Option<String>,
    #[field(with = is_short)]
    note: String,
    #[field(with = missing)]
    other: String,
}

fn is_even(number: &u8) -> Result<(), &'static str> {
    if number % 2 == 0 { Ok(()) } else { Err("an even number") }
}

fn is_short(text: &str) -> bool {
    text.len() < 3
}

fn main() {}
