use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Nickname(Option<String>);

fn main() {}
