//! The contract of [`Policies`], on a new house.

use workflow::domain::policy::Policy;
use workflow::ports::{Kind, Policies};

use crate::builders::{policy_name, project, single, two_stage};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("policies.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! policies_contract {
    ($make:path) => {
        $crate::contract!(
            policies,
            $make,
            [
                a_new_house_has_the_shipped_policies,
                a_version_never_changes,
                the_newest_version_applies,
                a_projects_own_policy_goes_before_the_houses,
                only_a_policy_that_is_there_can_be_assigned,
            ]
        );
    };
}

/// Two people decide, one after the other, unless somebody says otherwise.
pub async fn a_new_house_has_the_shipped_policies(policies: &dyn Policies) {
    assert_eq!(policies.for_project(&project("any")).await.unwrap(), two_stage());
    assert_eq!(policies.list().await.unwrap(), [(two_stage(), vec![]), (single(), vec![])]);
    assert_eq!(policies.find(&policy_name("nothing"), None).await.unwrap(), None);
}

/// Requests are bound to versions, so a version is what it was.
pub async fn a_version_never_changes(policies: &dyn Policies) {
    policies.publish(&two_stage()).await.unwrap();
    let altered = Policy { one_person_may_decide_at_several_stages: true, ..two_stage() };
    assert_eq!(policies.publish(&altered).await.unwrap_err().kind, Kind::Conflict);
    let name = two_stage().name;
    assert_eq!(policies.find(&name, Some(1)).await.unwrap(), Some(two_stage()));
    let next = Policy { version: 2, ..altered };
    policies.publish(&next).await.unwrap();
    policies.publish(&next).await.unwrap();
    assert_eq!(policies.find(&name, Some(1)).await.unwrap(), Some(two_stage()));
    assert_eq!(policies.find(&name, Some(2)).await.unwrap(), Some(next));
    assert_eq!(policies.find(&name, Some(3)).await.unwrap(), None);
}

/// A house need not assign a policy again when it publishes the next version; also ten is more than nine.
pub async fn the_newest_version_applies(policies: &dyn Policies) {
    for version in [10, 2, 9] {
        policies.publish(&Policy { version, ..two_stage() }).await.unwrap();
    }
    assert_eq!(policies.for_project(&project("any")).await.unwrap().version, 10);
    assert_eq!(policies.find(&two_stage().name, None).await.unwrap().unwrap().version, 10);
    let listed = policies.list().await.unwrap();
    assert_eq!(listed.iter().map(|(policy, _)| policy.version).collect::<Vec<_>>(), [10, 1]);
}

/// Projects differ.
pub async fn a_projects_own_policy_goes_before_the_houses(policies: &dyn Policies) {
    let name = single().name;
    for id in ["p-2", "p-1", "p-2"] {
        policies.assign(&name, Some(&project(id))).await.unwrap();
    }
    assert_eq!(policies.for_project(&project("p-1")).await.unwrap(), single());
    assert_eq!(policies.for_project(&project("p-3")).await.unwrap(), two_stage());
    let listed = policies.list().await.unwrap();
    assert_eq!(listed, [(two_stage(), vec![]), (single(), vec![project("p-1"), project("p-2")])]);
    policies.assign(&name, None).await.unwrap();
    policies.assign(&two_stage().name, Some(&project("p-1"))).await.unwrap();
    assert_eq!(policies.for_project(&project("p-3")).await.unwrap(), single());
    assert_eq!(policies.for_project(&project("p-1")).await.unwrap(), two_stage());
    let listed = policies.list().await.unwrap();
    assert_eq!(listed, [(single(), vec![project("p-2")]), (two_stage(), vec![project("p-1")])]);
}

/// An assignment never points at nothing.
pub async fn only_a_policy_that_is_there_can_be_assigned(policies: &dyn Policies) {
    let nothing = policy_name("nothing");
    assert_eq!(policies.assign(&nothing, None).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(policies.assign(&nothing, Some(&project("p-1"))).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(policies.for_project(&project("p-1")).await.unwrap(), two_stage());
}
