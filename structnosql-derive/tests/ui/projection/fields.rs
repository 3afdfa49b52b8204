use structnosql::Number;
use structnosql_derive::{MapModel, Projection, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
    name: String,
    ratings: Option<Ratings>,
}

#[derive(MapModel)]
struct Ratings {
    imdb: Number,
}

#[derive(Projection)]
#[projection(model = Movie)]
struct WrongType {
    name: u32,
    #[field(path = ratings.imdb)]
    imdb: Number,
}

#[derive(Projection)]
#[projection(model = Movie)]
struct UnknownField {
    title: String,
    #[field(path = ratings.imbd)]
    imdb: Option<Number>,
}

fn main() {}
