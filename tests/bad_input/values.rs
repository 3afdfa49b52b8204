//! Values that DynamoDB cannot hold: refused with their path, before anything is pended or sent. And such as look
//! odd and simply work.

use std::collections::{BTreeSet, HashMap};

use structnosql::{FieldExt, Number, TableDataModel, Value};

use crate::model::{Kind, Node, Part, Thing, thing};
use crate::support::{Outcome, Settle, on_both_tables};

on_both_tables! {
    async fn nan_and_infinity(things: Thing, probe) {
        for (float, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
            let error = things.update_field("a", Thing::fields().ratio(), float).await.unwrap_err();
            assert!(error.is_invalid_value());
            assert_eq!(
                error.to_string(),
                format!(
                    "cannot store `ratio`: expected a number that DynamoDB can hold, found {shown} \
                     (NaN and infinity are not numbers that DynamoDB can hold)"
                )
            );
        }
        let part = Part { ratio: Some(f32::NAN), ..Part::default() };
        let error = things.update_field("a", Thing::fields().parts().key("x.y"), part.clone()).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot store `parts.\"x.y\".ratio`: "), "{error}");
        let record = Thing { history: Some(vec![Part::default(), part]), ..thing("a") };
        let error = things.put_record(&record).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot store `history[1].ratio`: "), "{error}");
        assert_eq!(probe.count(), 0);
    }

    async fn thirty_nine_digits(things: Thing, probe) {
        let f = Thing::fields;
        let error = things.update_field("a", f().huge(), u128::MAX).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot store `huge`: expected a number that DynamoDB can hold, found \
             340282366920938463463374607431768211455 (more than 38 significant digits)"
        );
        let error = things.put_record(&Thing { huge: Some(u128::MAX), ..thing("a") }).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot store `huge`: "), "{error}");
        assert_eq!(probe.count(), 0);
        assert!("123456789012345678901234567890123456789".parse::<Number>().is_err());

        let most: Number = "99999999999999999999999999999999999999".parse()?;
        things.update_multiple_fields("a", [f().price().set(&most), f().huge().set(10u128.pow(38))]).await?;
        things.update_field("a", f().count(), 1).await?;
        things.settle().await?;
        let (price, huge) = things.get_field("a", (f().price(), f().huge())).await?;
        assert_eq!((price, huge), (Some(most), Some(10u128.pow(38))));
    }

    async fn numbers_out_of_the_field_s_range(things: Thing, probe) {
        let f = Thing::fields;
        let error = things.update_field("a", f().count(), 256).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot store `count`: expected u8, found 256");
        let error = things.update_field("a", f().count(), -1).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot store `count`: expected u8, found -1");
        assert_eq!(probe.count(), 0);
    }

    async fn an_empty_set(things: Thing, probe) {
        let f = Thing::fields;
        let message = |path: &str| {
            let problem = "expected a set with at least one member (remove the field instead), found an empty set";
            format!("cannot store `{path}`: {problem}")
        };
        let error = things.update_field("a", f().tags(), BTreeSet::<String>::new()).await.unwrap_err();
        assert_eq!(error.to_string(), message("tags"));
        let error = things.update_field("a", f().numbers(), BTreeSet::<u64>::new()).await.unwrap_err();
        assert_eq!(error.to_string(), message("numbers"));
        let part = Part { tags: Some(BTreeSet::new()), ..Part::default() };
        let error = things.update_field("a", f().parts().key("p"), part).await.unwrap_err();
        assert_eq!(error.to_string(), message("parts.p.tags"));
        let error = things.put_record(&Thing { tags: Some(BTreeSet::new()), ..thing("a") }).await.unwrap_err();
        assert_eq!(error.to_string(), message("tags"));
        let inside = Value::from_iter([("deep", Value::List(vec![Value::StringSet(BTreeSet::new())]))]);
        let error = things.update_field("a", f().anything(), inside).await.unwrap_err();
        assert_eq!(error.to_string(), message("anything.deep[0]"));
        assert_eq!(probe.count(), 0);
    }

    async fn one_bad_change_of_several_refuses_them_all(things: Thing, probe) {
        let f = Thing::fields;
        let error = things
            .update_multiple_fields("a", [f().count().set(1), f().ratio().set(f64::NAN), f().name().remove()])
            .await
            .unwrap_err();
        assert!(error.to_string().contains("`ratio`"), "{error}");
        things.settle().await?;
        assert_eq!(probe.count(), 0);
        assert_eq!(things.get_record("a").await?, None);
    }

    async fn empty_values_are_values(things: Thing, _probe) {
        let record = Thing {
            name: Some(String::new()),
            parts: Some(HashMap::new()),
            history: Some(Vec::new()),
            bytes: Some(Vec::new()),
            tree: Some(Node::default()),
            ..thing("a")
        };
        things.put_record(&record).await?;
        things.settle().await?;
        assert_eq!(things.get_record("a").await?, Some(record.clone()));
        let f = Thing::fields;
        things.update_multiple_fields("b", [
            f().count().set(0), f().name().set(""), f().parts().set(HashMap::new()), f().history().set(Vec::new()),
            f().bytes().set(Vec::new()), f().tree().set(Node::default()),
        ]).await?;
        things.settle().await?;
        assert_eq!(things.get_record("b").await?, Some(Thing { id: "b".to_owned(), ..record }));
    }

    async fn extremes_come_back_as_they_were(things: Thing, _probe) {
        let f = Thing::fields;
        for ratio in [0.1, -0.0, f64::MIN_POSITIVE.max(1e-130), 9.9e125, 1.0 / 3.0, f64::EPSILON] {
            let changes = [f().count().set(255), f().ratio().set(ratio), f().kind().set(Kind::New)];
            things.update_multiple_fields("a", changes).await?;
            things.settle().await?;
            assert_eq!(things.get_field("a", f().ratio()).await?, Some(ratio));
        }
        let error = things.update_field("a", f().ratio(), f64::MAX).await.unwrap_err();
        assert!(error.to_string().contains("magnitude outside 1E-130 to 9.9E+125"), "{error}");
        let price: Number = "-0.00000000000000000000000000000000000001".parse()?;
        things.update_field("a", f().price(), &price).await?;
        things.settle().await?;
        assert_eq!(things.get_field("a", f().price()).await?, Some(price));
    }
}
