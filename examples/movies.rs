//! Reading records through a caching table: what comes from the database, and what from the cache.
//!
//! Run it with `cargo run --example movies`. It needs no account: the engine runs in this process.

use std::collections::BTreeMap;
use std::fs::File;

use structnosql::{CachingTable, MapModel, Number, Sourced, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_testkit::Counted;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "movies-table", rename_all = "camelCase")]
struct Movie {
    #[field(partition_key)]
    id: String,
    #[field(index)] // a global secondary index on this attribute, with all the others
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
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In production the backend is `Dynamo::from_env().await`. `Counted` tells here what is sent to it.
    let backend = Counted::new(Embedded::in_memory()?.dynamo());
    let movies = CachingTable::<Movie, _>::open(backend).await?; // creates the table and its index

    for record in Movie::from_json_reader(File::open("examples/record.json")?)? {
        movies.put_record(&record).await?;
    }
    movies.clear_cached_data();

    let f = Movie::fields;
    movies.backend().reset(); // counts from here on
    let page = movies
        .debug() // every value comes back with its source
        .query_field(Movie::indexes().primary_type("Thriller"), (f().name(), f().ratings()))
        .await?;

    println!("Retrieved tv shows:");
    let mut names_to_keys = BTreeMap::new();
    for (key, (name, ratings)) in &page.records {
        println!("  {key}: name {:?} ({}), ratings {:?} ({})", name.value, from(name), ratings.value, from(ratings));
        names_to_keys.insert(name.value.as_str(), key.to_string());
    }
    println!("TV shows names to keys: {names_to_keys:?}");
    println!("Requests: {}", movies.backend().requests());

    let breaking_bad = names_to_keys.get("Breaking Bad").ok_or("there is no 'Breaking Bad'")?;
    let hannibal = names_to_keys.get("Hannibal").ok_or("there is no 'Hannibal'")?;

    // Forgets what is cached of Breaking Bad, and of no other record.
    movies.clear_cached_data_for_record(breaking_bad);

    movies.backend().reset();
    let imdb = movies.debug().get_field(breaking_bad, f().ratings().imdb()).await?;
    println!("Breaking bad imdb rating: {} ({})", imdb.value.as_ref().ok_or("no rating")?, from(&imdb));
    println!("Requests: {}", movies.backend().requests());

    movies.backend().reset();
    let imdb = movies.debug().get_field(hannibal, f().ratings().imdb()).await?;
    println!("Hannibal imdb rating: {} ({})", imdb.value.as_ref().ok_or("no rating")?, from(&imdb));
    println!("Requests: {}", movies.backend().requests());
    Ok(())
}

fn from<T>(read: &Sourced<T>) -> &'static str {
    if read.from_cache() { "from the cache" } else { "from the database" }
}
