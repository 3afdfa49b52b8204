//! What a call costs its caller, in instructions and in CPU time, beside the SDK's own call of the same request.
//!
//! `cargo bench --bench client_cpu` answers every request with bytes that the embedded engine once gave, so that only
//! the client is measured: making the request, signing aside, and reading the answer. Instructions are counted by
//! valgrind. Of times, which a busy machine blurs, the contenders take turns within each round; ratios are those of one
//! round.

#[path = "../structnosql-core/benches/counts/valgrind.rs"]
mod valgrind;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use cpu_time::ThreadTime;
use serde::Deserialize;
use structnosql::{BasicTable, Dynamo, MapModel, TableDataModel};
use structnosql_embedded::{Embedded, EmbeddedHttpClient};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Movies = BasicTable<Movie, Dynamo>;

const ROUNDS: usize = 301;
const CALLS: usize = 40;
/// How many calls the shorter run makes of which instructions are counted.
const COUNTED_CALLS: usize = 400;

#[derive(Clone, Debug, PartialEq, Deserialize, TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
    name: String,
    country: String,
    language: String,
    studio: String,
    synopsis: String,
    year: i64,
    seasons: i64,
    episodes: i64,
    finished: bool,
    ratings: Ratings,
    genres: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, MapModel)]
struct Ratings {
    imdb: i64,
    rottentomatoes: i64,
}

fn movie() -> Movie {
    let text = str::to_owned;
    Movie {
        id: text("b12"),
        name: text("Breaking Bad"),
        country: text("US"),
        language: text("English"),
        studio: text("High Bridge"),
        synopsis: text("A teacher turns to crime"),
        year: 2008,
        seasons: 5,
        episodes: 62,
        finished: true,
        ratings: Ratings { imdb: 94, rottentomatoes: 96 },
        genres: vec![text("Crime"), text("Drama")],
    }
}

/// Asks the engine once for each request, and gives the same answer from then on.
#[derive(Clone, Debug)]
struct Replay {
    engine: EmbeddedHttpClient,
    answers: Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>,
}

impl HttpClient for Replay {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let (end, answers) = (self.engine.http_connector(settings, components), self.answers.clone());
        SharedHttpConnector::new(Player { end, answers })
    }
}

#[derive(Debug)]
struct Player {
    end: SharedHttpConnector,
    answers: Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>,
}

impl HttpConnector for Player {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = request.body().bytes().unwrap_or_default().to_vec();
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&asked).cloned();
        if let Some(body) = known {
            let answer = StatusCode::try_from(200).map(|ok| HttpResponse::new(ok, SdkBody::from(body)));
            return HttpConnectorFuture::ready(
                answer
                    .map_err(|error| aws_smithy_runtime_api::client::result::ConnectorError::other(error.into(), None)),
            );
        }
        let (answer, answers) = (self.end.call(request), self.answers.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let body = answer.body().bytes().unwrap_or_default().to_vec();
            answers.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, body);
            Ok(answer)
        })
    }
}

fn id() -> AttributeValue {
    AttributeValue::S("b12".to_owned())
}

async fn sdk_get_field(client: &Client) -> Outcome<i64> {
    let get = client.get_item().table_name("movies").key("id", id()).consistent_read(true);
    let item = get.projection_expression("ratings.imdb").send().await?.item.ok_or("no item")?;
    let ratings = item.get("ratings").and_then(|ratings| ratings.as_m().ok()).ok_or("no ratings")?;
    Ok(ratings.get("imdb").and_then(|imdb| imdb.as_n().ok()).ok_or("no number")?.parse()?)
}

async fn sdk_update_field(client: &Client, rating: i64) -> Outcome {
    let update = client.update_item().table_name("movies").key("id", id());
    let update = update.update_expression("SET ratings.imdb = :v");
    update.expression_attribute_values(":v", AttributeValue::N(rating.to_string())).send().await?;
    Ok(())
}

async fn sdk_get_record(client: &Client) -> Outcome<Movie> {
    let get = client.get_item().table_name("movies").key("id", id()).consistent_read(true);
    let mut item = get.send().await?.item.ok_or("no item")?;
    let mut text = |name: &str| match item.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err("no text"),
    };
    let (id, name, country, language) = (text("id")?, text("name")?, text("country")?, text("language")?);
    let (studio, synopsis) = (text("studio")?, text("synopsis")?);
    let number = |item: &HashMap<String, AttributeValue>, name: &str| -> Outcome<i64> {
        Ok(item.get(name).and_then(|number| number.as_n().ok()).ok_or("no number")?.parse()?)
    };
    let (year, seasons, episodes) = (number(&item, "year")?, number(&item, "seasons")?, number(&item, "episodes")?);
    let finished = item.get("finished").and_then(|finished| finished.as_bool().ok()).copied().ok_or("no boolean")?;
    let ratings = item.get("ratings").and_then(|ratings| ratings.as_m().ok()).ok_or("no ratings")?;
    let ratings = Ratings { imdb: number(ratings, "imdb")?, rottentomatoes: number(ratings, "rottentomatoes")? };
    let Some(AttributeValue::L(genres)) = item.remove("genres") else { return Err("no genres".into()) };
    let genres = genres.into_iter().map(|genre| match genre {
        AttributeValue::S(genre) => Ok(genre),
        _ => Err("no text"),
    });
    let genres = genres.collect::<Result<_, _>>()?;
    Ok(Movie { id, name, country, language, studio, synopsis, year, seasons, episodes, finished, ratings, genres })
}

async fn serde_get_record(client: &Client) -> Outcome<Movie> {
    let get = client.get_item().table_name("movies").key("id", id()).consistent_read(true);
    Ok(serde_dynamo::from_item(get.send().await?.item.ok_or("no item")?)?)
}

/// The CPU time of so many calls of each contender, in turn, round by round.
macro_rules! take_turns {
    ($($call:expr),*) => {{
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push([$({
                let start = ThreadTime::now();
                for _ in 0..CALLS {
                    black_box($call);
                }
                start.elapsed().as_secs_f64() * 1e6 / CALLS as f64
            }),*]);
        }
        rounds
    }};
}

/// Prints the ratio of each contender to the first one of its round.
fn print<const N: usize>(title: &str, names: [&str; N], rounds: &[[f64; N]]) {
    println!("{title}");
    for (at, name) in names.into_iter().enumerate() {
        let sorted = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values
        };
        let times = sorted(rounds.iter().map(|round| round[at]).collect());
        let ratios = sorted(rounds.iter().map(|round| round[at] / round[0]).collect());
        let part = |share: usize| ratios[(ratios.len() - 1) * share / 100];
        let time = times[times.len() / 2];
        println!("  {name:24} {time:7.1} µs  {:.3} × ({:.3} to {:.3})", part(50), part(5), part(95));
    }
}

/// Every request that is counted, as each contender makes it; the SDK comes first.
const COUNTED: [[&str; 2]; 3] = [
    ["get_field by the SDK", "get_field by a table"],
    ["update_field by the SDK", "update_field by a table"],
    ["get_record by the SDK", "get_record by a table"],
];

/// The SDK and a table over an engine that holds the movie and gives each answer again.
async fn contenders() -> Outcome<(Client, Movies)> {
    let engine = Embedded::in_memory()?;
    Movies::open(engine.dynamo()).await?.put_record(&movie()).await?;
    let replay = Replay { engine: engine.http_client(), answers: Arc::default() };
    let client = Client::from_conf(engine.client().config().to_builder().http_client(replay).build());
    let movies = Movies::attach(Dynamo::new(client.clone()));
    Ok((client, movies))
}

/// Makes so many calls, to be counted.
async fn call(name: &str, calls: usize) -> Outcome {
    let (client, movies) = contenders().await?;
    let imdb = Movie::fields().ratings().imdb();
    for _ in 0..calls {
        match name {
            "get_field by the SDK" => drop(black_box(sdk_get_field(&client).await?)),
            "get_field by a table" => drop(black_box(movies.get_field("b12", &imdb).await?)),
            "update_field by the SDK" => sdk_update_field(&client, 95).await?,
            "update_field by a table" => movies.update_field("b12", &imdb, 95).await?,
            "get_record by the SDK" => drop(black_box(sdk_get_record(&client).await?)),
            "get_record by a table" => drop(black_box(movies.get_record("b12").await?)),
            _ => return Err(format!("there is no call {name:?}").into()),
        }
    }
    Ok(())
}

fn count() -> Outcome {
    valgrind::check()?;
    println!("Instructions and allocations of a call");
    for [sdk, table] in COUNTED {
        let by_sdk = valgrind::per_operation(sdk, COUNTED_CALLS)?;
        let by_table = valgrind::per_operation(table, COUNTED_CALLS)?;
        for (name, counts) in [(sdk, &by_sdk), (table, &by_table)] {
            let ratio = counts.instructions / by_sdk.instructions;
            println!("  {name:24} {:9.0}  {:6.1}  {ratio:.3} ×", counts.instructions, counts.allocations);
        }
    }
    Ok(())
}

async fn take_times() -> Outcome {
    let (client, movies) = contenders().await?;
    let imdb = Movie::fields().ratings().imdb();
    assert_eq!(sdk_get_field(&client).await?, 94);
    assert_eq!(movies.get_field("b12", &imdb).await?, Some(94));
    assert_eq!([sdk_get_record(&client).await?, serde_get_record(&client).await?], [movie(), movie()]);

    println!(
        "Thread CPU time of a call, {CALLS} calls in each of {ROUNDS} rounds: median and 5 % to 95 % of the rounds"
    );
    let rounds = take_turns!(sdk_get_field(&client).await?, movies.get_field("b12", &imdb).await?);
    print("get_field", ["the SDK", "structnosql"], &rounds);
    let rounds = take_turns!(sdk_update_field(&client, 95).await?, movies.update_field("b12", &imdb, 95).await?);
    print("update_field", ["the SDK", "structnosql"], &rounds);
    let rounds =
        take_turns!(sdk_get_record(&client).await?, serde_get_record(&client).await?, movies.get_record("b12").await?);
    print("get_record", ["the SDK", "the SDK and serde_dynamo", "structnosql"], &rounds);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--count", name, calls] => call(name, calls.parse()?).await,
        _ => {
            count()?;
            take_times().await
        }
    }
}
