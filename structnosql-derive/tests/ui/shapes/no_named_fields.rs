use structnosql_derive::{MapModel, Projection, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User(String);

#[derive(TableDataModel)]
#[table(name = "genres")]
enum Genre {
    Thriller,
}

#[derive(MapModel)]
struct Point(u32, u32);

#[derive(MapModel)]
struct Nothing;

#[derive(Projection)]
#[projection(model = User)]
struct Card(String);

#[derive(MapModel)]
union Bits {
    whole: u32,
    half: u16,
}

fn main() {}
