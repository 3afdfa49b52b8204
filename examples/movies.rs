//! Reading records through a caching table: what comes from the database, and what from the cache.
//!
//! Run it with `cargo run --example movies`. It needs no account: the engine runs in this process.

use std::fs::File;

use structnosql::{DynamoDbCachingTable, MapModel, Number, TableDataModel};
use structnosql_embedded::Embedded;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "movies-table", rename_all = "camelCase")]
struct Movie {
    #[field(partition_key)]
    id: String,
    #[field(index)] // a global secondary index on this attribute
    primary_type: String,
    name: String,
    ratings: Option<Ratings>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
struct Ratings {
    imdb: Option<Number>,
    rottentomatoes: Option<Number>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // One line differs in production: `Dynamo::from_env().await`.
    let movies = DynamoDbCachingTable::<Movie>::open(Embedded::in_memory()?.dynamo()).await?;

    for record in Movie::from_json_reader(File::open("examples/record.json")?)? {
        movies.put_record(&record).await?;
    }
    movies.clear_cached_data();

    let f = Movie::fields;
    let page =
        movies.debug().query_field(Movie::indexes().primary_type("Thriller"), (f().name(), f().ratings())).await?;
    for (id, (name, ratings)) in &page.records {
        println!("{id}: {:?} (from cache: {}), {:?}", name.value, name.from_cache(), ratings.value);
    }

    movies.clear_cached_data_for_record("b12");
    let breaking_bad = movies.debug().get_field("b12", f().ratings().imdb()).await?;
    println!("{breaking_bad:?}");
    let hannibal = movies.debug().get_field("d52", f().ratings().imdb()).await?;
    println!("{hannibal:?}");
    Ok(())
}
