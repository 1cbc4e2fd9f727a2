//! Truth tables: each role against each action, and each relation to the request against deciding.

use super::*;
use crate::domain::decision::Opinion;
use crate::domain::email::Email;
use crate::domain::person::{Identity, Membership, Scope};
use crate::domain::policy::Policy;
use crate::domain::request::tests::{Life, person};

fn requester() -> Person {
    person("ada.researcher", &["researchers"])
}

fn in_project(mut person: Person, project: &str) -> Person {
    let scope = || Scope::Projects([ProjectId::parse(project).unwrap()].into());
    person.memberships =
        person.memberships.into_iter().map(|m| Membership { group: m.group, scope: scope() }).collect();
    person
}

/// One row a person, one column an action; a code where it is refused.
fn table(people: &[(&str, Person)], life: &Life) -> String {
    let code = |refusal: Option<Refusal>| refusal.map_or("may", |refusal| refusal.code());
    let request = &life.request;
    let mut table = String::new();
    for (name, person) in people {
        let row = [
            code(may_view(person, request).err()),
            code(may_decide(person, request).err()),
            code(may_answer(person, request).err()),
            code(may_comment(person, request).err()),
            code(may_download(person, request).err()),
            code(may_operate(person).err()),
            code(may_audit(person).err()),
            code(may_submit(person, &request.project).err()),
        ];
        table.extend([name, ": ", &row.join(" "), "\n"]);
    }
    table
}

#[test]
fn each_role_may_what_the_table_says() {
    let life = Life::in_review(Policy::TWO_STAGE);
    let mut disabled = person("iris", &["InformationGovernance"]);
    disabled.disabled = true;
    let people = [
        ("requester", requester()),
        ("reviewer of this stage", person("iris", &["InformationGovernance"])),
        ("reviewer of the next stage", person("rita", &["TREAdmin"])),
        ("reviewer in this project", in_project(person("iris", &["InformationGovernance"]), "TREProject1Prod")),
        ("reviewer in another project", in_project(person("iris", &["InformationGovernance"]), "Other")),
        ("disabled reviewer", disabled),
        ("operator", person("olga", &["operators"])),
        ("operator of one project", in_project(person("olga", &["operators"]), "TREProject1Prod")),
        ("auditor", person("audrey", &["auditors"])),
        ("somebody", person("sam", &[])),
        ("group of a similar name", person("eve", &["Ex-InformationGovernance-Trainees"])),
    ];
    assert_eq!(
        table(&people, &life),
        "\
requester: may NOT_IN_GROUP may may NOT_RELEASED NOT_AN_OPERATOR NOT_AN_AUDITOR may
reviewer of this stage: may may NOT_THE_REQUESTER may NOT_RELEASED NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
reviewer of the next stage: may NOT_IN_GROUP NOT_THE_REQUESTER may NOT_A_DOWNLOADER NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
reviewer in this project: may may NOT_THE_REQUESTER may NOT_RELEASED NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
reviewer in another project: NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
disabled reviewer: DISABLED DISABLED DISABLED DISABLED DISABLED DISABLED DISABLED DISABLED
operator: may NOT_IN_GROUP NOT_THE_REQUESTER may NOT_A_DOWNLOADER may may NOT_A_RESEARCHER
operator of one project: may NOT_IN_GROUP NOT_THE_REQUESTER may NOT_A_DOWNLOADER NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
auditor: may NOT_IN_GROUP NOT_THE_REQUESTER READS_ONLY NOT_A_DOWNLOADER NOT_AN_OPERATOR may NOT_A_RESEARCHER
somebody: NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
group of a similar name: NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_AN_OPERATOR NOT_AN_AUDITOR NOT_A_RESEARCHER
"
    );
}

fn code_of_deciding(person: &Person, life: &Life) -> &'static str {
    may_decide(person, &life.request).err().map_or("may", |refusal| refusal.code())
}

#[test]
fn a_requester_never_decides_by_whatever_account() {
    let life = Life::in_review(Policy::TWO_STAGE);
    let same_address = person("ada.researcher", &["InformationGovernance"]);
    assert_eq!(code_of_deciding(&same_address, &life), "OWN_REQUEST");
    let mut other_letters = person("ada", &["InformationGovernance"]);
    other_letters.who.verified_emails = [Email::parse("ADA.Researcher@Example.AC.UK").unwrap()].into();
    assert_eq!(code_of_deciding(&other_letters, &life), "OWN_REQUEST");
    let mut same_account = person("somebody.else", &["InformationGovernance"]);
    same_account.who.identities.insert(Identity { issuer: "platform".into(), subject: "u-7Qb3sT1xYz".into() });
    assert_eq!(code_of_deciding(&same_account, &life), "OWN_REQUEST");
    let mut unverified = person("ada.researcher", &["InformationGovernance"]);
    unverified.who.verified_emails.clear();
    assert_eq!(code_of_deciding(&unverified, &life), "NO_VERIFIED_EMAIL");
}

#[test]
fn nobody_decides_at_two_stages_unless_the_policy_says_so_in_words() {
    let both = person("bea", &["InformationGovernance", "TREAdmin"]);
    let mut life = Life::in_review(Policy::TWO_STAGE);
    life.decide(&both, Opinion::Approve).unwrap();
    assert_eq!(code_of_deciding(&both, &life), "DECIDED_ALREADY");
    life.rule(crate::domain::request::tests::start());
    assert_eq!(code_of_deciding(&both, &life), "DECIDED_ELSEWHERE");
    let lenient = format!("one_person_may_decide_at_several_stages = true\n{}", Policy::TWO_STAGE);
    let mut life = Life::in_review(&lenient);
    life.decide(&both, Opinion::Approve).unwrap();
    life.rule(crate::domain::request::tests::start());
    assert_eq!(code_of_deciding(&both, &life), "may");
}

#[test]
fn every_refusal_is_a_sentence_without_jargon() {
    let life = Life::begin();
    for refusal in [
        Refusal::OwnRequest,
        Refusal::NoSuchRequest,
        Refusal::StageClosed,
        Refusal::Stale { moved: Moved::Manifest },
        may_decide(&person("olga", &["operators"]), &life.request).unwrap_err(),
    ] {
        let sentence = refusal.to_string();
        assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
        assert!(!sentence.contains("null") && !sentence.contains("Err("), "{sentence}");
    }
}
