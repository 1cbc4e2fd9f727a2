//! What the user pool asks before it gives out a token: which groups to name, and whose token it is.
//!
//! Groups of an institution's own directory come in one attribute, which counts for accounts of its provider alone: an
//! account of the pool's own could have written it. Each group is compared whole: one whose name only contains that of
//! another is another.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The groups that mean something everywhere. Policies may name further ones.
const GROUPS: [&str; 5] = ["InformationGovernance", "TREAdmin", "researchers", "operators", "auditors"];
/// The attribute into which the pool maps what an identity provider says of groups.
const ATTRIBUTE: &str = "custom:groups";
/// What the pool says of an account whose password it does not know.
const OF_A_PROVIDER: &str = "EXTERNAL_PROVIDER";
/// What an access token is to say of its person, as the identity token does.
const CLAIMS: [&str; 3] = ["email", "email_verified", "name"];

/// The groups that mean something here: the shipped ones, and those of a list with commas.
pub(crate) fn groups_that_count(further: &str) -> BTreeSet<String> {
    let further = further.split(',').map(str::trim).filter(|group| !group.is_empty());
    GROUPS.into_iter().chain(further).map(str::to_owned).collect()
}

/// Answers the event with the groups that count, and with the person in the access token too.
pub(crate) fn answer(mut event: Value, count: &BTreeSet<String>) -> Value {
    let groups = groups(&event, count);
    let attributes = event.pointer("/request/userAttributes").cloned().unwrap_or_default();
    let claims: Map<String, Value> =
        CLAIMS.iter().filter_map(|name| Some(((*name).to_owned(), attributes.get(*name)?.clone()))).collect();
    if let Some(event) = event.as_object_mut() {
        let overrides = json!({ "claimsAndScopeOverrideDetails": {
            "groupOverrideDetails": { "groupsToOverride": groups },
            "accessTokenGeneration": { "claimsToAddOrOverride": claims },
        }});
        event.insert("response".to_owned(), overrides);
    }
    event
}

fn groups(event: &Value, count: &BTreeSet<String>) -> BTreeSet<String> {
    let pool = event.pointer("/request/groupConfiguration/groupsToOverride").and_then(Value::as_array);
    let pool = pool.into_iter().flatten().filter_map(Value::as_str);
    let attribute = |name: &str| event.pointer("/request/userAttributes")?.get(name)?.as_str();
    let is_of_a_provider = attribute("cognito:user_status") == Some(OF_A_PROVIDER);
    let said = attribute(ATTRIBUTE).filter(|_| is_of_a_provider).unwrap_or_default();
    // Several come as one text: `[a, b]`.
    let said = said.trim_matches(['[', ']']).split(',').map(|group| group.trim().trim_matches('"'));
    pool.chain(said).filter(|group| count.contains(*group)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pool: &Value, said: &str) -> Value {
        named_of(OF_A_PROVIDER, pool, said)
    }

    fn named_of(status: &str, pool: &Value, said: &str) -> Value {
        let event = json!({ "request": {
            "groupConfiguration": { "groupsToOverride": pool },
            "userAttributes": {
                "custom:groups": said, "email": "iris@example.ac.uk", "email_verified": "true",
                "cognito:user_status": status,
            },
        }});
        answer(event, &groups_that_count("OutputCheckers, DataOwners,"))["response"]["claimsAndScopeOverrideDetails"]
            .clone()
    }

    #[test]
    fn a_group_is_compared_whole() {
        let given = named(&json!([]), "[NotTREAdmin-Trainees, TREAdmins, InformationGovernance]");
        assert_eq!(given["groupOverrideDetails"]["groupsToOverride"], json!(["InformationGovernance"]));
    }

    #[test]
    fn all_groups_count_and_those_of_the_pool_too() {
        let given = named(&json!(["operators", "eu-west-2_abc_saml"]), "TREAdmin,InformationGovernance");
        let groups = &given["groupOverrideDetails"]["groupsToOverride"];
        assert_eq!(*groups, json!(["InformationGovernance", "TREAdmin", "operators"]));
    }

    #[test]
    fn groups_of_an_institutions_own_policies_count_once_they_are_named() {
        let given = named(&json!(["OutputCheckers"]), "[DataOwners, Deans]");
        assert_eq!(given["groupOverrideDetails"]["groupsToOverride"], json!(["DataOwners", "OutputCheckers"]));
        assert_eq!(groups_that_count("").len(), GROUPS.len());
    }

    #[test]
    fn what_an_account_of_the_pool_may_have_written_of_itself_does_not_count() {
        for status in ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "external_provider", ""] {
            let given = named_of(status, &json!(["researchers"]), "TREAdmin, InformationGovernance");
            assert_eq!(given["groupOverrideDetails"]["groupsToOverride"], json!(["researchers"]), "{status}");
        }
    }

    #[test]
    fn an_access_token_says_whose_it_is() {
        let given = named(&json!([]), "");
        assert_eq!(given["accessTokenGeneration"]["claimsToAddOrOverride"]["email"], "iris@example.ac.uk");
    }
}
