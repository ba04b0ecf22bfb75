//! How much may be asked for when somebody is looked for, and what happens at the bound.

use serde_json::json;

use super::world::World;
use crate::domain::patients::browse::PLACE_MAX;
use crate::domain::patients::matches::TYPED_MAX;
use crate::domain::patients::shelf::LETTERS_MAX;

#[actix_web::test]
async fn a_place_further_than_any_list_is_refused() {
    let world = World::new().await;
    let at = async |place: i64| world.house.get(&format!("patients?offset={place}")).await;
    let last = at(PLACE_MAX).await.expect(200);
    assert_eq!(last.data(), &json!([]));
    assert_eq!(at(PLACE_MAX + 1).await.expect(400).fields(), ["offset"]);
}

#[actix_web::test]
async fn more_is_not_typed_of_a_person_than_is_compared() {
    let world = World::new().await;
    for (letters, status) in [(TYPED_MAX, 200), (TYPED_MAX + 1, 400)] {
        let name = "%C3%A9".repeat(letters);
        let reply = world.house.get(&format!("patients/matches?family={name}")).await;
        assert_eq!(reply.status, status, "{letters}: {:?}", reply.body);
        let body = json!({"given": "é".repeat(letters)});
        let reply = world.house.post("patients/matches", &body).await;
        let status = if status == 400 { 422 } else { status };
        assert_eq!(reply.status, status, "{letters}: {:?}", reply.body);
        assert_eq!(reply.fields(), if status == 422 { vec!["given"] } else { vec![] });
    }
}

#[actix_web::test]
async fn of_a_script_with_thousands_of_signs_the_first_are_told_apart_and_all_are_counted() {
    let world = World::new().await;
    let there = world.house.get("patients/shelf").await.expect(200).data()["total"].clone();
    let signs = ('\u{4e00}'..).take(LETTERS_MAX);
    for sign in signs {
        let person = json!({"names": [{"family": sign.to_string()}]});
        world.house.post("patients", &person).await.expect(201);
    }
    let shelf = world.house.get("patients/shelf").await.expect(200);
    let letters = shelf.data()["letters"].as_array().unwrap();
    assert_eq!(letters.len(), LETTERS_MAX, "fewer than there are signs");
    let all = there.as_u64().unwrap() + LETTERS_MAX as u64;
    assert_eq!(shelf.data()["total"], json!(all));
}
