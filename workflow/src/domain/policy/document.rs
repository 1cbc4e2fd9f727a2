//! Reading a policy document, and what is refused in one.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{Policy, Silence, Span, Stage};
use crate::domain::span::Unit;

/// Says what is wrong with a policy document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// It is not TOML of the right shape.
    #[error("the policy cannot be read: {0}")]
    Unreadable(String),
    /// It is readable and makes no sense.
    #[error("in the policy, {0}")]
    Senseless(String),
}

impl Policy {
    /// Reads a policy document and refuses what could not work: unknown settings, no stage, two stages of one id, a
    /// quorum of nobody, a deadline that is needed and missing.
    pub fn parse(toml: &str) -> Result<Self, BadPolicy> {
        let policy: Self = toml::from_str(toml).map_err(|e| BadPolicy::Unreadable(e.to_string().trim().to_owned()))?;
        policy.check().map_err(BadPolicy::Senseless)?;
        Ok(policy)
    }

    /// The document of this policy.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    fn check(&self) -> Result<(), String> {
        if self.version == 0 {
            return Err("version counts from 1".into());
        }
        TimeZone::get(&self.timezone).map_err(|_| format!("timezone '{}' is not an IANA time zone", self.timezone))?;
        if self.stages.is_empty() {
            return Err("there is no [[stage]]: somebody has to decide".into());
        }
        if self.stages.len() > 32 {
            return Err("there are more than 32 stages".into());
        }
        if self.download.expires_after.unit == Unit::WorkingDay || self.download.expires_after.count == 0 {
            return Err("download.expires_after has to be a length of time above 0 and not in working days".into());
        }
        let mut ids = BTreeSet::new();
        self.stages.iter().try_for_each(|stage| {
            if !ids.insert(&stage.id) {
                return Err(format!("two stages are called '{}'", stage.id));
            }
            check_stage(stage)
        })
    }
}

fn check_stage(stage: &Stage) -> Result<(), String> {
    let id = &stage.id;
    if stage.quorum == 0 || stage.quorum > 64 {
        return Err(format!("the quorum of stage '{id}' has to be between 1 and 64"));
    }
    if stage.remind_every.is_some_and(|span| span.count == 0) {
        return Err(format!("remind_every of stage '{id}' has to be above 0"));
    }
    if stage.silence == Silence::Expire && stage.deadline.is_none() {
        return Err(format!("stage '{id}' expires on silence, so it needs a deadline"));
    }
    if stage.reason_at_least > 4000 {
        return Err(format!("reason_at_least of stage '{id}' is more than a reason can hold (4,000)"));
    }
    Ok(())
}

pub(super) fn one() -> u32 {
    1
}

pub(super) fn ten() -> u32 {
    10
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about by reference")]
pub(super) fn is_ten(number: &u32) -> bool {
    *number == ten()
}

pub(super) fn twenty_working_days() -> Span {
    Span { count: 20, unit: Unit::WorkingDay }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policies_are_good() {
        let two = Policy::parse(Policy::TWO_STAGE).unwrap();
        assert_eq!(
            two.stages.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
            ["information_governance", "research_it"]
        );
        assert_eq!(Policy::parse(Policy::SINGLE).unwrap().stages.len(), 1);
    }

    #[test]
    fn a_policy_round_trips_through_its_document() {
        let policy = Policy::parse(Policy::TWO_STAGE).unwrap();
        assert_eq!(Policy::parse(&policy.to_toml()).unwrap(), policy);
    }

    #[test]
    fn what_could_not_work_is_refused_in_words() {
        let broken = |from: &str, to: &str| {
            let text = Policy::TWO_STAGE.replacen(from, to, 1);
            assert_ne!(text, Policy::TWO_STAGE, "{from}");
            Policy::parse(&text).unwrap_err().to_string()
        };
        assert!(broken("quorum = 1", "quorum = 0").contains("between 1 and 64"));
        assert!(broken("deadline = \"10 working days\"", "").contains("needs a deadline"));
        assert!(broken("Europe/London", "Europe/Lundon").contains("IANA"));
        assert!(broken("id = \"research_it\"", "id = \"information_governance\"").contains("two stages"));
        assert!(broken("quorum = 1", "qorum = 1").contains("qorum"));
        assert!(broken("version = 1", "version = 0").contains("counts from 1"));
    }
}
