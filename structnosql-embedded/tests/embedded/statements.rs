use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, BatchStatementRequest, ParameterizedStatement};

use crate::support::{TABLE, code, get, item, n, put, s, with_table};

#[tokio::test]
async fn a_batch_of_updates_reports_each_statement() {
    let client = with_table().await;
    put(&client, item([("id", s("alien")), ("year", n(1900))])).await;
    put(&client, item([("id", s("brazil")), ("year", n(1900))])).await;
    let update = |year, id| {
        BatchStatementRequest::builder()
            .statement(format!(r#"UPDATE "{TABLE}" SET "year" = ? WHERE id = ?"#))
            .parameters(n(year))
            .parameters(s(id))
            .build()
            .unwrap()
    };
    let answer = client
        .batch_execute_statement()
        .statements(update(1979, "alien"))
        .statements(update(1986, "nothing"))
        .statements(update(1985, "brazil"))
        .send()
        .await
        .unwrap();
    let codes: Vec<_> =
        answer.responses().iter().map(|response| response.error().and_then(|error| error.code())).collect();
    assert_eq!(codes, [None, Some(&BatchStatementErrorCodeEnum::ConditionalCheckFailed), None]);
    assert_eq!(get(&client, "alien").await.unwrap()["year"], n(1979));
    assert_eq!(get(&client, "brazil").await.unwrap()["year"], n(1985));
}

#[tokio::test]
async fn a_statement_inserts_and_selects() {
    let client = with_table().await;
    let insert = || {
        client
            .execute_statement()
            .statement(format!(r#"INSERT INTO "{TABLE}" VALUE {{'id': ?}}"#))
            .parameters(s("alien"))
            .send()
    };
    insert().await.unwrap();
    assert_eq!(code(insert().await), "DuplicateItemException");
    let found = client
        .execute_statement()
        .statement(format!(r#"SELECT * FROM "{TABLE}" WHERE id = 'alien'"#))
        .send()
        .await
        .unwrap();
    assert_eq!(found.items(), [item([("id", s("alien"))])]);
}

#[tokio::test]
async fn statements_run_as_a_transaction() {
    let client = with_table().await;
    let insert = |id| {
        ParameterizedStatement::builder()
            .statement(format!(r#"INSERT INTO "{TABLE}" VALUE {{'id': ?}}"#))
            .parameters(s(id))
            .build()
            .unwrap()
    };
    client
        .execute_transaction()
        .transact_statements(insert("alien"))
        .transact_statements(insert("brazil"))
        .send()
        .await
        .unwrap();
    let failed = client
        .execute_transaction()
        .transact_statements(insert("cube"))
        .transact_statements(insert("brazil"))
        .send()
        .await;
    assert_eq!(code(failed), "TransactionCanceledException");
    assert_eq!(get(&client, "cube").await, None);
}
