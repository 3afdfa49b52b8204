use structnosql_derive::Projection;

#[derive(Projection)]
struct NoModel {
    name: String,
}

#[derive(Projection)]
#[projection(model = NoModel)]
struct NotATable {
    name: String,
}

#[derive(Projection)]
#[projection(modell = NoModel, model = "NoModel")]
struct Attributes {
    #[field(rename = "name")]
    name: String,
    #[field(path = "ratings.imdb")]
    imdb: u32,
}

#[derive(Projection)]
#[projection(model = NoModel)]
struct Empty {}

fn main() {}
