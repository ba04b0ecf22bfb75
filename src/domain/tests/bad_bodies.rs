//! Every column of every kind, sent wrongly: each refusal names its field, nothing is written,
//! and no value ever gets as far as a constraint of the store.

use serde_json::{Value as Json, json};

use super::world::World;
use crate::domain::ALL;
use crate::platform::resource::{Column, Holds, Resource};

/// Values that `column` cannot hold.
fn wrong_values(column: &Column) -> Vec<Json> {
    let mut wrong = vec![json!({}), json!("a\u{0}b")];
    match column.holds {
        Holds::Id(kind) => {
            wrong.extend([json!(1), json!(""), json!("xxx_0000000000001")]);
            wrong.push(json!(format!("{}_000000000000u", kind.tag)));
            // One of ours that nobody has.
            wrong.push(json!(kind.show(1)));
        }
        Holds::Text(most) => wrong.extend([json!(1), json!([]), json!("é".repeat(most + 1))]),
        Holds::Words(_) => wrong.extend([json!("perhaps"), json!(""), json!(1)]),
        Holds::Recorded | Holds::Date => {
            wrong.extend(["2019-02-30", "2019-13", "19", "03.05.2019", "tomorrow"].map(Json::from));
            wrong.push(json!(2019));
        }
        Holds::Int(low, high) => {
            wrong.extend([json!(low - 1), json!(high + 1), json!("1"), json!(1.5)]);
        }
        Holds::Bool => wrong.extend([json!("true"), json!(1)]),
        Holds::Decimal => wrong.extend(["6,80", "1.", "NaN", "٣", "1 2"].map(Json::from)),
        Holds::List => wrong.extend([json!("one"), json!([1]), json!(vec!["x"; 21])]),
        Holds::Time | Holds::Json => wrong.push(json!("2019-05-03T10:00:00Z")),
    }
    wrong
}

#[actix_web::test]
async fn every_wrong_value_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let mut checked = 0;
    for resource in ALL {
        let weight = world.house.weight();
        for column in resource.columns.iter().filter(|column| column.writable) {
            for wrong in wrong_values(column) {
                let body = world.with(resource, &json!({column.name: wrong}));
                let reply = world.house.post(resource.path, &body).await.expect(422);
                let told = format!("{} {} {wrong} {:?}", resource.path, column.name, reply.body);
                assert_eq!(reply.code(), "record.invalid", "{told}");
                assert!(reply.fields().contains(&column.name), "{told}");
                checked += 1;
            }
        }
        assert_eq!(world.house.weight(), weight, "{}", resource.path);
    }
    assert!(800 < checked, "{checked}");
}

#[actix_web::test]
async fn every_wrong_value_in_a_list_is_named_with_its_place() {
    let world = World::new().await;
    for resource in ALL {
        let weight = world.house.weight();
        for child in resource.children {
            let shown = |column: &&Column| column.writable;
            for column in child.columns.iter().filter(shown) {
                for wrong in wrong_values(column) {
                    let body = world.with(resource, &json!({child.name: [{column.name: wrong}]}));
                    let reply = world.house.post(resource.path, &body).await.expect(422);
                    let field = format!("{}[0].{}", child.name, column.name);
                    assert!(reply.fields().contains(&field.as_str()), "{field} {:?}", reply.body);
                }
            }
            let too_many = vec![json!({}); child.most + 1];
            for wrong in [json!({}), json!("x"), json!(too_many)] {
                let body = world.with(resource, &json!({child.name: wrong}));
                let reply = world.house.post(resource.path, &body).await.expect(422);
                assert_eq!(reply.fields(), [child.name], "{:?}", reply.body);
            }
            let body = world.with(resource, &json!({child.name: [{"nonsense": 1}]}));
            world.house.post(resource.path, &body).await.expect(422);
        }
        assert_eq!(world.house.weight(), weight, "{}", resource.path);
    }
}

#[actix_web::test]
async fn what_is_needed_is_asked_for() {
    let world = World::new().await;
    for resource in ALL {
        let weight = world.house.weight();
        let reply = world.house.post(resource.path, &json!({})).await.expect(422);
        assert!(!reply.fields().is_empty(), "{}", resource.path);
        for column in resource.columns.iter().filter(|column| column.required && column.writable) {
            for empty in [Json::Null, json!("")] {
                let body = world.with(resource, &json!({column.name: empty}));
                let reply = world.house.post(resource.path, &body).await.expect(422);
                assert!(reply.fields().contains(&column.name), "{:?}", reply.body);
            }
        }
        for unknown in ["nonsense", "id", "version", "created_at", "error_reason"] {
            let body = world.with(resource, &json!({unknown: "x"}));
            let reply = world.house.post(resource.path, &body).await.expect(422);
            assert_eq!(reply.fields(), [unknown], "{:?}", reply.body);
        }
        assert_eq!(world.house.weight(), weight, "{}", resource.path);
    }
}

#[actix_web::test]
async fn every_word_and_every_empty_field_fits_the_store() {
    let world = World::new().await;
    for resource in ALL {
        for column in resource.columns.iter().filter(|column| column.writable) {
            let Holds::Words(words) = column.holds else { continue };
            for word in words.iter().filter(|word| **word != "entered_in_error") {
                let body = world.with(resource, &json!({column.name: word, "value_decimal": "1"}));
                let body = without_foreign(resource, body);
                world.house.post(resource.path, &body).await.expect(201);
            }
        }
        let id = world.house.post(resource.path, &world.most(resource)).await.expect(201).id();
        let path = format!("{}/{id}", resource.path);
        for column in resource.columns.iter().filter(|column| column.writable) {
            let reply = world.house.patch(&path, &json!({column.name: null})).await;
            let emptied = reply.status == 200;
            let refused = reply.status == 422 && reply.code() == "record.invalid";
            assert!(emptied || refused, "{path} {} {:?}", column.name, reply.body);
        }
        for child in resource.children.iter().filter(|child| child.name != "names") {
            let reply = world.house.patch(&path, &json!({child.name: null})).await;
            assert!(matches!(reply.status, 200 | 422), "{:?}", reply.body);
        }
    }
}

/// `body` without the fields that `resource` does not have.
fn without_foreign(resource: &Resource, body: Json) -> Json {
    let Json::Object(mut fields) = body else { return Json::Null };
    fields.retain(|name, _| {
        resource.column(name).is_some() || resource.children.iter().any(|child| child.name == name)
    });
    Json::Object(fields)
}

#[actix_web::test]
async fn what_was_sent_comes_back() {
    let world = World::new().await;
    for resource in ALL {
        let sent = world.most(resource);
        let id = world.house.post(resource.path, &sent).await.expect(201).id();
        let reply = world.house.get(&format!("{}/{id}", resource.path)).await.expect(200);
        for (name, value) in sent.as_object().unwrap() {
            if resource.column(name).is_some() {
                assert_eq!(&reply.data()[name], value, "{} {name}", resource.path);
            }
        }
    }
}
