//! The contract of [`People`].

use workflow::domain::person::{Identity, Person};
use workflow::ports::People;

use crate::builders::{email, group, person, project};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("people.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! people_contract {
    ($make:path) => {
        $crate::contract!(
            people,
            $make,
            [
                somebody_is_found_by_each_account,
                somebody_is_found_by_each_verified_address_in_whatever_case,
                somebody_who_is_saved_again_is_replaced,
                a_group_has_the_members_that_count_in_a_project,
                who_is_disabled_is_known_and_member_of_nothing,
                everybody_is_listed_by_address,
                an_account_leads_to_who_was_saved_with_it_last,
            ]
        );
    };
}

/// An account is an issuer and a subject; a subject alone is nobody.
pub async fn somebody_is_found_by_each_account(people: &dyn People) {
    let ada = person("ada@example.org").with_identity("https://idp.example.org", "7").build();
    people.save(&ada).await.unwrap();
    people.save(&ada).await.unwrap();
    for (issuer, subject) in [("lockgate", "ada@example.org"), ("https://idp.example.org", "7")] {
        assert_eq!(by_identity(people, issuer, subject).await.as_ref(), Some(&ada));
    }
    for (issuer, subject) in [("lockgate", "7"), ("https://idp.example.org", "8"), ("https://other.example.org", "7")] {
        assert_eq!(by_identity(people, issuer, subject).await, None);
    }
}

/// Addresses are compared as people mean them.
pub async fn somebody_is_found_by_each_verified_address_in_whatever_case(people: &dyn People) {
    let ada = person("Ada@Example.org").with_verified("ada@uni.example").build();
    people.save(&ada).await.unwrap();
    for address in ["ada@example.org", "ADA@EXAMPLE.ORG", "Ada@Uni.Example"] {
        assert_eq!(people.by_email(&email(address)).await.unwrap().as_ref(), Some(&ada), "{address}");
    }
    assert_eq!(people.by_email(&email("eve@example.org")).await.unwrap(), None);
}

/// What is no longer so is forgotten: accounts, addresses, groups.
pub async fn somebody_who_is_saved_again_is_replaced(people: &dyn People) {
    let before = person("ada@example.org").with_identity("idp", "7").with_verified("old@example.org").in_group("one");
    people.save(&before.build()).await.unwrap();
    let after = person("ADA@example.org").in_group("two").build();
    people.save(&after).await.unwrap();
    assert_eq!(people.all().await.unwrap(), std::slice::from_ref(&after));
    assert_eq!(by_identity(people, "idp", "7").await, None);
    assert_eq!(people.by_email(&email("old@example.org")).await.unwrap(), None);
    assert_eq!(people.members(&group("one"), None).await.unwrap(), []);
    assert_eq!(people.members(&group("two"), None).await.unwrap(), [after]);
}

/// A membership counts everywhere or in some projects; who is asked for every project gets the former.
pub async fn a_group_has_the_members_that_count_in_a_project(people: &dyn People) {
    let everywhere = person("ada@example.org").in_group("reviewers").in_group_of("reviewers", &["p-1"]).build();
    let somewhere = person("bob@example.org").in_group_of("reviewers", &["p-1", "p-2"]).build();
    let elsewhere = person("eve@example.org").in_group_of("reviewers", &["p-3"]).in_group("auditors").build();
    for person in [&elsewhere, &somewhere, &everywhere] {
        people.save(person).await.unwrap();
    }
    let reviewers = group("reviewers");
    let of = async |name: &str| people.members(&reviewers, Some(&project(name))).await.unwrap();
    assert_eq!(of("p-1").await, [everywhere.clone(), somewhere.clone()]);
    assert_eq!(of("p-2").await, [everywhere.clone(), somewhere]);
    assert_eq!(of("p-3").await, [everywhere.clone(), elsewhere]);
    assert_eq!(of("p-9").await, std::slice::from_ref(&everywhere));
    assert_eq!(people.members(&reviewers, None).await.unwrap(), [everywhere]);
    assert_eq!(people.members(&group("Reviewers"), None).await.unwrap(), []);
}

/// Who is shut out is still somebody, so that they can be told that they are.
pub async fn who_is_disabled_is_known_and_member_of_nothing(people: &dyn People) {
    let gone = person("ada@example.org").in_group("reviewers").disabled().build();
    people.save(&gone).await.unwrap();
    assert_eq!(people.by_email(&email("ada@example.org")).await.unwrap().as_ref(), Some(&gone));
    assert_eq!(by_identity(people, "lockgate", "ada@example.org").await, Some(gone));
    assert_eq!(people.members(&group("reviewers"), None).await.unwrap(), []);
}

/// In an order in which somebody can be looked for.
pub async fn everybody_is_listed_by_address(people: &dyn People) {
    for address in ["eve@example.org", "Ada@example.org", "bob@example.org"] {
        people.save(&person(address).build()).await.unwrap();
    }
    let all = people.all().await.unwrap();
    let addresses: Vec<_> = all.iter().map(|person| person.who.email.as_str()).collect();
    assert_eq!(addresses, ["Ada@example.org", "bob@example.org", "eve@example.org"]);
}

/// Somebody's address changes and their account does not; one's own address leads to oneself all the same.
pub async fn an_account_leads_to_who_was_saved_with_it_last(people: &dyn People) {
    let before = person("old@example.org").with_identity("idp", "7").with_verified("new@example.org").build();
    let after = person("new@example.org").with_identity("idp", "7").build();
    people.save(&before).await.unwrap();
    people.save(&after).await.unwrap();
    assert_eq!(by_identity(people, "idp", "7").await.as_ref(), Some(&after));
    people.save(&before).await.unwrap();
    assert_eq!(people.by_email(&email("new@example.org")).await.unwrap(), Some(after));
}

async fn by_identity(people: &dyn People, issuer: &str, subject: &str) -> Option<Person> {
    let identity = Identity { issuer: issuer.to_owned(), subject: subject.to_owned() };
    people.by_identity(&identity).await.unwrap()
}
