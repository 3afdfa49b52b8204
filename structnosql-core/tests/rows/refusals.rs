//! Questions that DynamoDB would refuse, refused before they are sent.

use structnosql_core::index::{begins_with, between, equal};
use structnosql_core::{Error, TableDataModel};

use crate::model::{Note, notes};

#[tokio::test]
async fn conditions_that_no_sort_key_can_meet() -> Result<(), Error> {
    let (_, notes) = notes().await?;
    let all = Note::indexes;
    for (index, problem) in [
        (
            all().primary("Ann").sort(between(9, 1)),
            "`number`: expected bounds of `between` from the lower to the upper one, found 9 before 1",
        ),
        (
            all().primary("Ann").sort(begins_with(1)),
            "`number`: expected a string or binary for `begins_with`, found a number",
        ),
    ] {
        let error = notes.query_field(index, Note::fields().text()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong key: {problem}"));
    }
    let by_title = |range| notes.query_field(all().by_title("Ann"), Note::fields().number()).sort(range);
    for range in [equal(""), begins_with(""), between("", "b")] {
        let error = by_title(range).await.unwrap_err();
        let problem = "`title`: expected a key value that is not empty, found an empty one";
        assert_eq!(error.to_string(), format!("wrong key: {problem}"));
    }
    assert_eq!(notes.backend().requests(), 0);
    // At the edge: one value is a range.
    let page = notes.query_field(all().primary("Ann"), Note::fields().text()).sort(between(4, 4)).await?;
    assert_eq!(page.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_limit_of_nothing() -> Result<(), Error> {
    let (_, notes) = notes().await?;
    let query = || notes.query_field(Note::indexes().primary("Ann"), Note::fields().text());
    let error = query().limit(0).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong query: a limit is at least 1: it says how many items to look at");
    assert_eq!(notes.backend().requests(), 0);
    assert_eq!(query().limit(1).await?.count(), 1);
    Ok(())
}
