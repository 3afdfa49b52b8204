//! Versions over the engine: the item comes with the refusal, and what one's own write left is recognised.

use structnosql::{FieldExt, TableDataModel};

use crate::support::{Outcome, Settle, Step, on_both_tables};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", rename_all = "camelCase")]
struct Account {
    #[field(partition_key)]
    id: String,
    balance: Option<i64>,
    notes: Option<Vec<String>>,
    #[field(version)]
    row_version: u64,
}

fn account() -> Account {
    Account { id: "a1".into(), balance: Some(100), notes: None, row_version: 0 }
}

on_both_tables! {
    async fn every_write_raises_the_version(table: Account, probe) {
        let f = Account::fields;
        table.create_record(&account()).await?;
        table.update_field("a1", f().balance(), 1).await?;
        table.settle().await?;
        table.update_multiple_fields("a1", [f().notes().append(["x"]), f().balance().increment(1)]).await?;
        table.settle().await?;
        let read = table.get_record("a1").await?.ok_or("it was created")?;
        assert_eq!(read, Account { balance: Some(2), notes: Some(vec!["x".into()]), row_version: 3, ..account() });
        table.put_record(&Account { balance: None, ..read.clone() }).await?;
        assert_eq!(table.get_field("a1", f().row_version()).await?, Some(4));

        let error = table.put_record(&read).await.unwrap_err();
        let conflict = error.conflict().ok_or("another version is stored")?;
        assert!(!conflict.is_read_again(), "the engine returns the item");
        assert_eq!(conflict.theirs().get(&f().row_version())?, Some(4));
        assert_eq!(conflict.mine().get(&f().balance())?, Some(2));
        probe.take();
        table.delete_record("a1").await?;
        assert_eq!(table.get_record("a1").await?, None);
    }

    async fn a_lost_answer_is_found_out(table: Account, probe) {
        let f = Account::fields;
        probe.next([Step::Lose]);
        table.create_record(&account()).await?;
        let read = table.get_record("a1").await?.ok_or("it was created")?;
        probe.next([Step::Lose]);
        table.put_record(&Account { balance: Some(5), ..read }).await?;
        assert_eq!(table.get_field("a1", f().row_version()).await?, Some(2));
        table.update_multiple_fields("a1", [f().balance().increment(1)]).unchecked().await?;
        table.settle().await?;
        assert_eq!(table.get_field("a1", (f().balance(), f().row_version())).await?, (Some(6), Some(3)));
    }
}
