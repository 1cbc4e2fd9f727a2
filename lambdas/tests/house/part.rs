//! The parts of the binary against the template, the steps and the chores.

use std::collections::BTreeSet;

use lambdas::{CHORES, OTHERS, STEPS};
use tests::template::Template;
use workflow::steps;

#[test]
fn the_binary_has_a_part_for_each_function_of_the_stack_and_no_other() {
    let template = Template::read();
    let functions = template.of_type("AWS::Lambda::Function");
    let wanted: BTreeSet<&str> = functions.values().map(|one| one["Properties"]["Handler"].as_str().unwrap()).collect();
    let parts: BTreeSet<&str> = STEPS.map(|(handler, _)| handler).into_iter().chain(CHORES).chain(OTHERS).collect();
    assert_eq!(parts, wanted);
    assert_eq!(STEPS.map(|(_, state)| state), steps::ALL);
}

#[tokio::test]
async fn the_stack_tells_each_function_what_it_reads() {
    let template = Template::read();
    for (name, function) in template.of_type("AWS::Lambda::Function") {
        let own = &function["Properties"];
        let told = own["Environment"]["Variables"].as_object();
        let variable =
            |name: &str| told.and_then(|told| told.get(name)).map(|_| "https://egress.example.org".to_owned());
        let variable = |name: &str| match name {
            "LOCKGATE_MAIL_FROM" => Some("egress@example.org".to_owned()),
            "LOCKGATE_DEFAULT_POLICY" => Some("two-stage".to_owned()),
            _ => variable(name),
        };
        if let Err(error) = lambdas::part(own["Handler"].as_str().unwrap(), variable).await {
            panic!("{name} does not start: {error}");
        }
    }
}

#[tokio::test]
async fn a_function_says_all_that_it_lacks_at_once() {
    let Err(error) = lambdas::part("web", |_| None).await else { panic!("nothing is enough") };
    let said = error.to_string();
    for name in infra_aws::SETTINGS.into_iter().chain(["LOCKGATE_URL", "LOCKGATE_FRONT_SECRET"]) {
        assert!(said.contains(name), "{said}");
    }
    assert!(lambdas::part("nothing", |_| Some("x".to_owned())).await.is_err());
}
