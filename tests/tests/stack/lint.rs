//! What we ask of the template and of the definition, where no judge looks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::template::{Template, referred};
use workflow::steps;

/// Every statement of every policy document below a value.
fn statements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(object) => {
            let own = object.get("Statement").and_then(Value::as_array).into_iter().flatten();
            own.chain(object.values().flat_map(statements)).collect()
        }
        Value::Array(items) => items.iter().flat_map(statements).collect(),
        _ => Vec::new(),
    }
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

fn words(value: &Value) -> Vec<&str> {
    list(value).into_iter().filter_map(Value::as_str).collect()
}

/// Text with its references left as they stand.
fn written(value: &Value) -> String {
    value.as_str().or_else(|| value["Fn::Sub"].as_str()).map_or_else(String::new, str::to_owned)
}

#[test]
fn every_function_has_a_role_of_its_own_that_nobody_else_has() {
    let template = Template::read();
    let mut roles = BTreeSet::new();
    for (name, function) in template.of_type("AWS::Lambda::Function") {
        let role = referred(&function["Properties"]["Role"]).unwrap();
        assert!(roles.insert(role.to_owned()), "{name} shares {role}");
        let attached = template.resource(role)["Properties"]["ManagedPolicyArns"].as_array().map_or(0, Vec::len);
        assert!(attached <= 10, "{role} has {attached} policies, more than an account allows by itself");
    }
}

#[test]
fn nobody_who_signs_in_by_a_password_can_write_their_own_groups() {
    let template = Template::read();
    let clients = template.of_type("AWS::Cognito::UserPoolClient");
    assert!(!clients.is_empty());
    for (name, client) in clients {
        // With a provider, what it maps has to be writable; then nobody has a password.
        let either = |setting: &str| client["Properties"][setting]["Fn::If"].as_array().unwrap().clone();
        let (writable, flows) = (either("WriteAttributes"), either("ExplicitAuthFlows"));
        assert_eq!((&writable[0], &flows[0]), (&json!("HasProvider"), &json!("HasProvider")), "{name}");
        assert!(words(&flows[1]).iter().all(|flow| *flow == "ALLOW_REFRESH_TOKEN_AUTH"), "{name} {flows:?}");
        assert!(writable[2].is_array(), "{name} may write everything");
        assert!(words(&writable[2]).iter().all(|attribute| !attribute.starts_with("custom:")), "{name} {writable:?}");
    }
}

/// What has no resource of its own in AWS.
const WITHOUT_RESOURCE: [&str; 3] = ["xray:", "logs:", "dynamodb:ListStreams"];

#[test]
fn nobody_may_do_everything_and_nothing_may_be_done_to_everything() {
    let template = Template::read();
    for kind in ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"] {
        for (name, resource) in template.of_type(kind) {
            for statement in statements(&resource["Properties"]) {
                for action in words(&statement["Action"]) {
                    assert!(!action.contains('*'), "{name} may {action}");
                    let is_wide = words(&statement["Resource"]).contains(&"*");
                    let has_none = WITHOUT_RESOURCE.iter().any(|prefix| action.starts_with(prefix));
                    assert!(!is_wide || has_none, "{name} may {action} on everything");
                }
            }
        }
    }
}

#[test]
fn a_prefix_of_keys_ends_with_a_slash() {
    let template = Template::read();
    for (name, resource) in template.resources() {
        for statement in statements(resource) {
            let is_about_objects = words(&statement["Action"]).iter().any(|action| action.starts_with("s3:"));
            for resource in list(&statement["Resource"]).into_iter().filter(|_| is_about_objects) {
                let text = written(resource);
                let is_whole = ["/*", "/declared-*"].iter().any(|end| text.ends_with(end));
                assert!(!text.contains('*') || text == "*" || is_whole, "{name}: {text}");
            }
        }
    }
}

#[test]
fn what_is_subscribed_targeted_or_streamed_has_a_dead_letter_queue() {
    let template = Template::read();
    for (name, one) in template.of_type("AWS::SNS::Subscription") {
        assert!(one["Properties"].pointer("/RedrivePolicy/deadLetterTargetArn").is_some(), "{name}");
    }
    for (name, rule) in template.of_type("AWS::Events::Rule") {
        for target in rule["Properties"]["Targets"].as_array().unwrap() {
            assert!(target.get("DeadLetterConfig").is_some(), "{name}");
        }
    }
    for (name, source) in template.of_type("AWS::Lambda::EventSourceMapping") {
        let source = &source["Properties"];
        let partial = source["FunctionResponseTypes"][0] == "ReportBatchItemFailures";
        assert!(partial || source.pointer("/DestinationConfig/OnFailure/Destination").is_some(), "{name}");
    }
}

#[test]
fn a_batch_is_not_brought_again_while_it_is_being_taken() {
    let template = Template::read();
    let queue = template.resource("NoticeQueue")["Properties"]["VisibilityTimeout"].as_u64().unwrap();
    let function = template.resource("ReceiveFunction")["Properties"]["Timeout"].as_u64().unwrap();
    assert!(queue >= 6 * function);
}

#[test]
fn a_function_ends_before_the_task_that_waits_for_it() {
    let template = Template::read();
    let definition: Value = serde_json::from_str(steps::DEFINITION).unwrap();
    for step in steps::ALL {
        let function = template.resource(&format!("{step}Function"))["Properties"]["Timeout"].as_u64().unwrap();
        if let Some(task) = definition["States"][step]["TimeoutSeconds"].as_u64() {
            assert!(function < task, "{step}");
        }
    }
}

#[test]
fn rows_and_files_are_encrypted_kept_and_never_public() {
    let template = Template::read();
    for (name, table) in template.of_type("AWS::DynamoDB::Table") {
        let own = &table["Properties"];
        assert_eq!(own["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true, "{name}");
        assert_eq!(referred(&own["SSESpecification"]["KMSMasterKeyId"]), Some("StorageKey"), "{name}");
        assert_eq!((&table["DeletionPolicy"], &own["DeletionProtectionEnabled"]), (&"Retain".into(), &true.into()));
    }
    let policies = template.of_type("AWS::S3::BucketPolicy");
    for (name, bucket) in template.of_type("AWS::S3::Bucket") {
        let own = &bucket["Properties"];
        assert_eq!(own["VersioningConfiguration"]["Status"], "Enabled", "{name}");
        assert!(own["PublicAccessBlockConfiguration"].as_object().unwrap().values().all(|blocked| blocked == true));
        assert!(own.get("BucketEncryption").is_some() && own.get("LifecycleConfiguration").is_some(), "{name}");
        let policy = policies.values().find(|policy| referred(&policy["Properties"]["Bucket"]) == Some(name));
        let policy = policy.unwrap_or_else(|| panic!("{name} has no policy"));
        let denies_plain =
            |s: &&Value| s["Effect"] == "Deny" && s["Condition"]["Bool"]["aws:SecureTransport"] == "false";
        assert!(statements(policy).iter().any(denies_plain), "{name}");
    }
}

/// Properties that give something a name which another installation could want too.
const NAMES: [&str; 12] = [
    "BucketName",
    "TableName",
    "QueueName",
    "TopicName",
    "FunctionName",
    "RoleName",
    "PolicyName",
    "AlarmName",
    "StateMachineName",
    "LogGroupName",
    "UserPoolName",
    "ManagedPolicyName",
];

#[test]
fn two_installations_do_not_collide() {
    let template = Template::read();
    for (name, resource) in template.resources() {
        for (property, value) in resource["Properties"].as_object().into_iter().flatten() {
            if NAMES.contains(&property.as_str()) {
                let shown = value.to_string();
                let is_own = shown.contains("AWS::StackName") || referred(value).is_some();
                assert!(is_own, "{name}.{property} is {shown}");
            }
        }
    }
}

#[test]
fn a_resolver_reaches_one_function_and_only_with_a_token_of_the_pool() {
    let template = Template::read();
    let sources = template.of_type("AWS::AppSync::DataSource");
    for (name, source) in &sources {
        let role = template.resource(referred(&source["Properties"]["ServiceRoleArn"]).unwrap());
        let may: Vec<&Value> = statements(&role["Properties"]["Policies"]);
        let function = referred(&source["Properties"]["LambdaConfig"]["LambdaFunctionArn"]);
        let reached: Vec<_> = may.iter().flat_map(|statement| list(&statement["Resource"])).map(referred).collect();
        assert_eq!(reached, [function], "{name}");
    }
    for (name, api) in template.of_type("AWS::AppSync::GraphQLApi") {
        assert_eq!(api["Properties"]["AuthenticationType"], "AMAZON_COGNITO_USER_POOLS", "{name}");
        assert!(api["Properties"].get("AdditionalAuthenticationProviders").is_none(), "{name}");
    }
    // The predecessor's schema says for each field whose it is; what it does not say is nobody's.
    assert_eq!(template.resource("PredecessorApi")["Properties"]["UserPoolConfig"]["DefaultAction"], "DENY");
}

#[test]
fn the_roles_of_the_house_are_as_narrow_as_its_parts() {
    let template = Template::read();
    let mut whose = BTreeMap::<&str, BTreeSet<String>>::new();
    for (name, function) in template.of_type("AWS::Lambda::Function") {
        let role = template.resource(referred(&function["Properties"]["Role"]).unwrap());
        for policy in list(&role["Properties"]["ManagedPolicyArns"]).into_iter().filter_map(referred) {
            whose.entry(policy).or_default().insert(name.trim_end_matches("Function").to_owned());
        }
    }
    let of = |policy: &str| whose[policy].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("Sign"), ["Release", "Seal"]);
    assert_eq!(of("TokenSeal"), ["Wait"]);
    assert_eq!(of("EgressStoreAccess"), ["Admit", "Tell"]);
    assert_eq!(of("ReleaseWrite"), ["Reject", "Release", "Sweep"]);
    assert_eq!(of("Begin"), ["Deliver", "Sweep"]);
    assert_eq!(of("Mail"), ["Deliver"]);
    let used: BTreeSet<&str> = whose.keys().copied().collect();
    let unused: Vec<_> =
        template.of_type("AWS::IAM::ManagedPolicy").into_keys().filter(|p| !used.contains(p)).collect();
    assert!(unused.is_empty(), "nobody has {unused:?}");
}
