//! Cursors as text, and where they may not go.

use structnosql_core::index::{between, greater};
use structnosql_core::{BasicTable, Cursor, Error, TableDataModel};

use crate::model::{Letter, Note, note, notes};

type Outcome = Result<(), Error>;

/// The cursor behind the first page, by way of its text.
async fn carried(page: impl Future<Output = Result<structnosql_core::Page<u32>, Error>>) -> Result<Cursor, Error> {
    page.await?.next.unwrap().to_string().parse()
}

#[tokio::test]
async fn one_that_was_text_goes_on_where_it_came_from() -> Outcome {
    let (caching, basic) = notes().await?;
    let number = || Note::fields().number();
    let mut cursor: Option<Cursor> = None;
    let mut seen = Vec::new();
    for _ in 0..20 {
        let query = caching.query_field(Note::indexes().primary("Ann"), number()).limit(3).descending();
        let page = match cursor.take() {
            Some(cursor) => query.start_from(cursor).await?,
            None => query.await?,
        };
        seen.extend(page.records.into_iter().map(|(_, number)| number));
        match page.next {
            Some(next) => cursor = Some(next.to_string().parse()?),
            None => break,
        }
    }
    assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);

    // One of a basic table serves a caching one, and one of an index holds the index's key too.
    let by_topic = || Note::indexes().by_topic("odd");
    let cursor = carried(basic.query_field(by_topic(), number()).limit(2)).await?;
    let page = caching.query_field(by_topic(), number()).start_from(cursor).await?;
    assert_eq!(page.records.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [5, 7, 9]);
    Ok(())
}

#[tokio::test]
async fn one_of_another_question_is_refused_before_a_request() -> Outcome {
    let (_, notes) = notes().await?;
    let number = || Note::fields().number();
    let all = Note::indexes;
    let of_ann = carried(notes.query_field(all().primary("Ann"), number()).limit(2)).await?;
    let of_index = carried(notes.query_field(all().by_topic("odd"), number()).limit(2)).await?;
    let local = carried(notes.query_field(all().by_title("Ann"), number()).limit(2)).await?;
    let letters = BasicTable::<Letter, _>::attach(notes.backend().clone());
    let elsewhere = BasicTable::<Note, _>::attach_named("other-notes", notes.backend().clone());
    notes.backend().reset();

    let refused = [
        (
            letters
                .query_field(Letter::indexes().primary("Ann"), Letter::fields().number())
                .start_from(of_ann.clone())
                .await,
            "it is of another table",
        ),
        (
            elsewhere.query_field(all().primary("Ann"), number()).start_from(of_ann.clone()).await,
            "it is of another table",
        ),
        (notes.query_field(all().by_topic("odd"), number()).start_from(of_ann.clone()).await, "it is of another index"),
        (notes.query_field(all().by_title("Ann"), number()).start_from(of_ann.clone()).await, "it is of another index"),
        (notes.query_field(all().primary("Ann"), number()).start_from(local).await, "it is of another index"),
        (
            notes.query_field(all().primary("Bob"), number()).start_from(of_ann.clone()).await,
            "it is of another `author`",
        ),
        (notes.query_field(all().by_topic("even"), number()).start_from(of_index).await, "it is of another `title`"),
        (
            notes.query_field(all().primary("Ann"), number()).start_from(of_ann.clone()).descending().await,
            "it goes the other way: `descending` is as in the query that it came from",
        ),
        (
            notes.query_field(all().primary("Ann"), number()).sort(greater(5)).start_from(of_ann.clone()).await,
            "it lies outside of the condition on `number`",
        ),
    ];
    for (answer, problem) in refused {
        assert_eq!(answer.unwrap_err().to_string(), format!("wrong cursor: {problem}"));
    }
    assert_eq!(notes.backend().requests(), 0);
    // Another condition that the cursor lies within is the user's affair, as in DynamoDB.
    let page = notes.query_field(all().primary("Ann"), number()).sort(between(1, 3)).start_from(of_ann).await?;
    assert_eq!(page.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_text_that_is_none_is_refused() -> Outcome {
    let (_, notes) = notes().await?;
    let page = notes.query_field(Note::indexes().primary("Ann"), Note::fields().number()).limit(1).await?;
    let text = page.next.unwrap().to_string();
    for wrong in ["", "AQ", "{\"author\": \"Ann\"}", &text[1..], &text[..text.len() - 1], &text.to_lowercase()] {
        let error = wrong.parse::<Cursor>().unwrap_err();
        assert_eq!(error.to_string(), "wrong cursor: the text was cut, changed, or never one");
    }
    Ok(())
}

/// It holds keys and nothing else.
#[tokio::test]
async fn one_holds_no_more_than_the_key() -> Outcome {
    let (_, notes) = notes().await?;
    notes.put_record(&Note { text: Some("secret".repeat(500)), ..note("Cat", 1) }).await?;
    let page = notes.query_field(Note::indexes().by_topic("odd"), Note::fields().text()).limit(1).await?;
    assert!(page.next.unwrap().to_string().len() < 64);
    Ok(())
}
