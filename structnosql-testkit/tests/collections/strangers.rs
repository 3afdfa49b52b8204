//! Items that are of no entity, and such as do not fit the one that they are of.

use structnosql_core::{Map, Value};

use crate::model::{Item, Tables, ann, customer, of_ann, order, values};

const OF_NONE: &str = "`sk`: expected the key of a record of `Customer` (`CUSTOMER#{id}`, `PROFILE`) or `Order` \
                       (`CUSTOMER#{id}`, `ORDER#{number:04}`) or `Line` (`CUSTOMER#{id}`, \
                       `ORDER#{order:04}#LINE#{line:02}`), found another key";

fn item(sk: &str, attributes: &[(&str, Value)]) -> Map {
    let key = [("pk", Value::from("CUSTOMER#ann")), ("sk", Value::from(sk))];
    key.into_iter().chain(attributes.iter().map(|(name, value)| (*name, value.clone()))).collect()
}

#[tokio::test]
async fn an_item_of_no_entity_is_never_dropped() {
    let tables = Tables::new().await;
    let stranger = item("INVOICE#1", &[("fullName", "x".into()), ("total", (-1).into())]);
    tables.store.inner().put_item("shop", stranger.clone()).unwrap();
    let items = tables.items();
    let error = items.query_records(ann()).await.unwrap_err();
    assert!(error.is_stored_value() && error.to_string().contains(OF_NONE), "{error}");
    assert_eq!(items.query_records(ann()).count().await.unwrap(), 6);

    let page = items.query_records(ann()).lenient().await.unwrap();
    assert_eq!(page.records[0].0.to_string(), "CUSTOMER#ann/INVOICE#1");
    let first = &page.records[0].1;
    // That it is of none is all that is told: no model's rules are about it.
    assert_eq!((first.value.clone(), first.misfits.len()), (None, 1));
    assert_eq!(first.misfits[0].to_string(), OF_NONE);
    let others: Vec<Item> = values(page).into_iter().filter_map(|fit| fit.value).collect();
    assert_eq!(others, of_ann());

    // No model gives its fields their names.
    let page = items.query_records(ann()).skip_validation().await.unwrap();
    assert_eq!(values(page)[0], Some(Value::Map(stranger)));
    // It is in no cache.
    let known =
        [tables.customers.cache_statistics(), tables.orders.cache_statistics(), tables.lines.cache_statistics()];
    assert_eq!(known.map(|known| known.records), [1, 2, 2]);
}

#[tokio::test]
async fn an_item_is_held_to_the_model_of_its_key() {
    let tables = Tables::new().await;
    // An order that breaks a rule, and a customer under the earlier name of its field.
    let broken = item("ORDER#0003", &[("total", (-1).into()), ("version", 4.into())]);
    tables.store.inner().put_item("shop", broken).unwrap();
    let renamed = item("PROFILE", &[("fullName", "Anna".into())]);
    tables.store.inner().put_item("shop", renamed).unwrap();

    let items = tables.items();
    let error = items.query_records(ann()).await.unwrap_err();
    assert!(error.to_string().contains("`total`: expected a number of at least 0"), "{error}");
    let page = items.query_records(ann()).lenient().await.unwrap();
    let fits = values(page);
    assert_eq!((&fits[4].value, fits[4].misfits.len()), (&None, 1));
    assert_eq!(fits[3].value, Some(Item::Order(order(2))));
    let anna = crate::model::Customer { name: "Anna".to_owned(), ..customer("ann") };
    assert_eq!(fits[5].value, Some(Item::Customer(anna)));
    assert!(fits[5].is_whole());
}

/// A number that is written otherwise than its template says is no key of an order.
#[tokio::test]
async fn a_key_is_of_a_template_to_the_last_digit() {
    for wrong in ["ORDER#00001", "ORDER#1", "ORDER#000x", "ORDER#0001#LINE#1", "ORDER#0001#", "PROFILES"] {
        let tables = Tables::new().await;
        tables.store.inner().put_item("shop", item(wrong, &[])).unwrap();
        let error = tables.items().query_records(ann()).await.unwrap_err();
        assert!(error.to_string().contains(OF_NONE), "{wrong}: {error}");
    }
}
