//! What a collection shows is what its tables show by themselves.

use fastrand::Rng;
use structnosql_core::{BasicTable, FieldExt, TableDataModel};

use crate::model::{
    Caching, Customer, Item, Line, LineKey, Order, OrderKey, ProfileKey, Store, Tables, ann, key, line, order,
};

/// Changes of the same records in tables that are asked as a collection, and in others that are asked one by one.
struct Twins {
    together: Tables,
    alone: (Caching<Customer>, Caching<Order>, Caching<Line>),
    other_writer: BasicTable<Line, Store>,
}

impl Twins {
    async fn new() -> Twins {
        let together = Tables::new().await;
        let store = || together.store.clone();
        let alone = (Caching::attach(store()), Caching::attach(store()), Caching::attach(store()));
        let other_writer = BasicTable::attach(store());
        Twins { together, alone, other_writer }
    }

    async fn change(&self, rng: &mut Rng) {
        let (a, b) = (&self.together, &self.alone);
        let (number, at, value) = (1 + rng.u32(..2), 1 + rng.u8(..3), rng.i32(0..100));
        let (of_order, of_line) =
            (|| (key("ann"), OrderKey { number }), || (key("ann"), LineKey { order: 1, line: at.min(2) }));
        match rng.u32(..10) {
            0 | 1 => {
                for orders in [&a.orders, &b.1] {
                    orders.update_field(of_order(), Order::fields().total(), value).await.unwrap();
                }
            }
            2 => {
                for customers in [&a.customers, &b.0] {
                    let name = format!("name {value}");
                    customers.update_field((key("ann"), ProfileKey {}), Customer::fields().name(), name).await.unwrap();
                }
            }
            3 | 4 => {
                for lines in [&a.lines, &b.2] {
                    let notes = Line::fields().notes().set(vec![format!("note {value}")]);
                    lines.update_multiple_fields(of_line(), [notes]).await.unwrap();
                }
            }
            5 => {
                for lines in [&a.lines, &b.2] {
                    lines.delete_field(of_line(), Line::fields().notes()).await.unwrap();
                }
            }
            6 => {
                let new = Line { article: format!("article {value}"), ..line(1, at) };
                self.other_writer.put_record(&new).await.unwrap();
            }
            7 => {
                // The one that commits is the one whose tables are asked together; the others forget.
                a.orders.commit_operations().await.ok();
                a.lines.commit_operations().await.ok();
                a.customers.commit_operations().await.unwrap();
                a.orders.rollback();
                a.lines.rollback();
                b.0.rollback();
                b.1.rollback();
                b.2.rollback();
            }
            8 => a.orders.refresh(),
            _ => {
                // What was pended for the record before is dropped with it.
                a.orders.put_record(&Order { version: 0, ..order(number) }).unchecked().await.unwrap();
                b.1.rollback_record(of_order());
            }
        }
    }

    /// Everything that stands under Ann's key, each read by its own table.
    async fn expected(&self) -> Vec<Item> {
        let (customers, orders, lines) = &self.alone;
        customers.refresh();
        orders.refresh();
        lines.refresh();
        let mut items = Vec::new();
        for number in 1..=2 {
            let order = orders.get_record((key("ann"), OrderKey { number })).await.unwrap();
            items.extend(order.map(Item::Order));
            for at in 1..=3 {
                let stored = self.other_writer.get_record((key("ann"), LineKey { order: number, line: at }));
                // Which records there are is the database's.
                if stored.await.unwrap().is_some() {
                    let line = lines.get_record((key("ann"), LineKey { order: number, line: at })).await.unwrap();
                    items.extend(line.map(Item::Line));
                }
            }
        }
        items.extend(customers.get_record((key("ann"), ProfileKey {})).await.unwrap().map(Item::Customer));
        items
    }
}

#[tokio::test]
async fn random_changes_are_shown_alike() {
    for seed in 0..40 {
        let (twins, mut rng) = (Twins::new().await, Rng::with_seed(seed));
        for step in 0..60 {
            twins.change(&mut rng).await;
            if rng.bool() {
                let page = twins.together.items().query_records(ann()).await.unwrap();
                let shown: Vec<Item> = page.records.into_iter().map(|(_, item)| item).collect();
                let expected = twins.expected().await;
                assert_eq!(shown, expected, "seed {seed}, step {step}");
            }
        }
        twins.together.customers.rollback();
        twins.together.orders.rollback();
        twins.together.lines.rollback();
        twins.alone.0.rollback();
        twins.alone.1.rollback();
        twins.alone.2.rollback();
    }
}
