//! The template against the definition, the steps, the chores, the schemas and the predecessor's parameters.

use std::collections::BTreeSet;

use graphql::appsync::{Ours, Predecessors};
use serde_json::Value;
use tests::template::{Template, referred};
use workflow::steps;

use crate::root;

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

fn handler(template: &Template, function: &str) -> String {
    template.resource(function)["Properties"]["Handler"].as_str().unwrap().to_owned()
}

#[test]
fn the_machine_runs_the_definition_with_one_function_for_each_step() {
    let template = Template::read();
    let machine = &template.resource("Machine")["Properties"];
    let definition = root().join("infra/aws/stack").join(machine["DefinitionS3Location"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(definition).unwrap(), steps::DEFINITION);
    let substitutions = machine["DefinitionSubstitutions"].as_object().unwrap();
    let expected: BTreeSet<String> = steps::ALL.iter().map(|step| format!("{step}FunctionArn")).collect();
    assert_eq!(substitutions.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for step in steps::ALL {
        let function = referred(&substitutions[&format!("{step}FunctionArn")]).unwrap();
        assert_eq!(handler(&template, function), snake(step));
    }
}

#[test]
fn each_chore_has_a_schedule_and_each_schedule_a_chore() {
    let template = Template::read();
    let rules = template.of_type("AWS::Events::Rule");
    let scheduled = rules.values().filter(|rule| rule["Properties"].get("ScheduleExpression").is_some());
    let scheduled: BTreeSet<String> =
        scheduled.map(|rule| handler(&template, referred(&rule["Properties"]["Targets"][0]["Arn"]).unwrap())).collect();
    let files = std::fs::read_dir(root().join("workflow/src/chores")).unwrap();
    let chores: BTreeSet<String> = files
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".rs").map(str::to_owned))
        .collect();
    assert_eq!(scheduled, chores);
}

fn resolvers(template: &Template, api: &str) -> BTreeSet<(String, String)> {
    let all = template.of_type("AWS::AppSync::Resolver");
    let own = all.values().map(|one| &one["Properties"]).filter(|one| referred(&one["ApiId"]) == Some(api));
    own.map(|one| (text(&one["TypeName"]), text(&one["FieldName"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn every_field_that_needs_a_resolver_has_one_and_no_other_field_has() {
    let template = Template::read();
    let ours = Ours::ours().unwrap().resolvers().into_iter().collect();
    assert_eq!(resolvers(&template, "OwnApi"), ours);
    let theirs = Predecessors::predecessors().unwrap().resolvers().into_iter().collect();
    assert_eq!(resolvers(&template, "PredecessorApi"), theirs);
}

#[test]
fn both_apis_are_shown_the_kept_schemas() {
    let template = Template::read();
    for (schema, generated) in
        [("OwnSchema", Ours::ours().unwrap().sdl()), ("PredecessorSchema", Predecessors::predecessors().unwrap().sdl())]
    {
        let path = template.resource(schema)["Properties"]["DefinitionS3Location"].as_str().unwrap();
        let kept = std::fs::read_to_string(root().join("infra/aws/stack").join(path)).unwrap();
        assert!(kept == generated, "{path} is not what the code generates");
    }
}

/// What the predecessor's installation was told, by its names.
const PREDECESSORS: [&str; 20] = [
    "swb_egress_store_arn",
    "swb_egress_notification_topic",
    "swb_egress_notification_bucket_arn",
    "swb_egress_notification_bucket_kms_arn",
    "swb_egress_store_db_table",
    "datalake_target_bucket_arn",
    "datalake_target_bucket_kms_arn",
    "efs_mount_path",
    "cognito_userpool_domain",
    "max_downloads_allowed",
    "tre_admin_email_address",
    "enable_single_approval",
    "download_expiry_seconds",
    "ig_workspaces_account",
    "use_s3_access_points",
    "max_request_age_days",
    "egress_reviewer_roles",
    "global_web_acl_arn",
    "regional_web_acl_arn",
    "custom_idp",
];

#[test]
fn everything_that_the_predecessor_was_told_has_its_place_or_a_sentence() {
    let template = Template::read();
    let names = |part: &str| template.0[part].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let known = &names("Parameters") | &names("Outputs");
    let document = std::fs::read_to_string(root().join("docs/aws.md")).unwrap();
    for name in PREDECESSORS.into_iter().chain(["custom_domain"]) {
        let row = document.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/aws.md says nothing of {name}"));
        for named in row.split('`').skip(3).step_by(2).filter(|word| word.starts_with(char::is_uppercase)) {
            assert!(known.contains(named), "docs/aws.md names {named}, which is nothing of the template");
        }
    }
}

#[test]
fn every_parameter_is_used() {
    let template = Template::read();
    let rest = format!("{}{}{}", template.0["Resources"], template.0["Conditions"], template.0["Outputs"]);
    for name in template.0["Parameters"].as_object().unwrap().keys() {
        let used = rest.contains(&format!("{{\"Ref\":\"{name}\"}}")) || rest.contains(&format!("${{{name}}}"));
        assert!(used, "{name} is asked for and not used");
    }
}
