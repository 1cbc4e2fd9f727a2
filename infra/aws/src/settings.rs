//! What an installation is told about its account: read once, complete or not at all.

use workflow::domain::text::PolicyName;

/// The settings that must be there.
pub const SETTINGS: [&str; 20] = [
    "LOCKGATE_REQUESTS_TABLE",
    "LOCKGATE_LEDGER_TABLE",
    "LOCKGATE_OUTBOX_TABLE",
    "LOCKGATE_DIRECTORY_TABLE",
    "LOCKGATE_POLICIES_TABLE",
    "LOCKGATE_INTAKE_TABLE",
    "LOCKGATE_ACCESS_TABLE",
    "LOCKGATE_SESSIONS_TABLE",
    "LOCKGATE_UPLOADS_TABLE",
    "LOCKGATE_EGRESS_STORE_TABLE",
    "LOCKGATE_STAGING_BUCKET",
    "LOCKGATE_RECORDS_BUCKET",
    "LOCKGATE_RELEASE_BUCKET",
    "LOCKGATE_UPLOADS_BUCKET",
    "LOCKGATE_STORAGE_KEY",
    "LOCKGATE_RELEASE_KEY",
    "LOCKGATE_TOKEN_KEY",
    "LOCKGATE_SIGNING_KEY",
    "LOCKGATE_MAC_KEY",
    "LOCKGATE_STATE_MACHINE",
];

/// The settings that may be left out.
pub const OPTIONAL_SETTINGS: [&str; 3] =
    ["LOCKGATE_CONFIGURATION_SET", "LOCKGATE_USER_POOL", "LOCKGATE_DEFAULT_POLICY"];

/// What an installation is called in its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The tables.
    pub tables: Tables,
    /// The buckets.
    pub buckets: Buckets,
    /// The keys, by ARN.
    pub keys: KeyNames,
    /// The ARN of the state machine.
    pub state_machine: String,
    /// The SES configuration set that mails are sent with: bounces come back through it.
    pub configuration_set: Option<String>,
    /// The Cognito user pool whose groups count as memberships.
    pub user_pool: Option<String>,
    /// The policy of projects that have none of their own, as long as nobody assigned another one to the house.
    pub default_policy: PolicyName,
}

/// The tables of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Requests, under the predecessor's key and attribute names.
    pub requests: String,
    /// What a change writes beside its request: events, answered notices, held stores, who asked for what.
    pub ledger: String,
    /// Messages and whom they reached.
    pub outbox: String,
    /// People.
    pub directory: String,
    /// Policies.
    pub policies: String,
    /// What could not be taken in.
    pub intake: String,
    /// The access log.
    pub access: String,
    /// Accounts, sessions and keys.
    pub sessions: String,
    /// Uploads.
    pub uploads: String,
    /// The upstream platform's egress stores.
    pub egress_stores: String,
}

/// The buckets of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// Frozen files.
    pub staging: String,
    /// Manifests, plans, proofs.
    pub records: String,
    /// Released archives.
    pub release: String,
    /// Files that people bring by themselves.
    pub uploads: String,
}

/// The keys of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNames {
    /// Encrypts staging, records and uploads.
    pub storage: String,
    /// Encrypts released archives.
    pub release: String,
    /// Seals task tokens.
    pub token: String,
    /// Signs statements: ECC, NIST P-256.
    pub signing: String,
    /// Makes message authentication codes: HMAC-SHA-256.
    pub mac: String,
}

/// What is missing or cannot be used, all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("settings are missing or cannot be used: {}. Set these environment variables and start again.", .0.join(", "))]
pub struct Unset(pub Vec<String>);

impl Settings {
    /// Reads the settings by their names.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Unset> {
        let optional = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let mut unset = Vec::new();
        let mut take = |name: &str| {
            optional(name).unwrap_or_else(|| {
                unset.push(name.to_owned());
                String::new()
            })
        };
        let settings = Self {
            tables: Tables::take(&mut take),
            buckets: Buckets::take(&mut take),
            keys: KeyNames::take(&mut take),
            state_machine: take("LOCKGATE_STATE_MACHINE"),
            configuration_set: optional("LOCKGATE_CONFIGURATION_SET"),
            user_pool: optional("LOCKGATE_USER_POOL"),
            default_policy: PolicyName::parse(
                optional("LOCKGATE_DEFAULT_POLICY").unwrap_or_else(|| "two-stage".to_owned()),
            )
            .map_err(|bad| Unset(vec![format!("LOCKGATE_DEFAULT_POLICY ({bad})")]))?,
        };
        if unset.is_empty() { Ok(settings) } else { Err(Unset(unset)) }
    }
}

impl Tables {
    fn take(take: &mut impl FnMut(&str) -> String) -> Self {
        Self {
            requests: take("LOCKGATE_REQUESTS_TABLE"),
            ledger: take("LOCKGATE_LEDGER_TABLE"),
            outbox: take("LOCKGATE_OUTBOX_TABLE"),
            directory: take("LOCKGATE_DIRECTORY_TABLE"),
            policies: take("LOCKGATE_POLICIES_TABLE"),
            intake: take("LOCKGATE_INTAKE_TABLE"),
            access: take("LOCKGATE_ACCESS_TABLE"),
            sessions: take("LOCKGATE_SESSIONS_TABLE"),
            uploads: take("LOCKGATE_UPLOADS_TABLE"),
            egress_stores: take("LOCKGATE_EGRESS_STORE_TABLE"),
        }
    }
}

impl Buckets {
    fn take(take: &mut impl FnMut(&str) -> String) -> Self {
        Self {
            staging: take("LOCKGATE_STAGING_BUCKET"),
            records: take("LOCKGATE_RECORDS_BUCKET"),
            release: take("LOCKGATE_RELEASE_BUCKET"),
            uploads: take("LOCKGATE_UPLOADS_BUCKET"),
        }
    }
}

impl KeyNames {
    fn take(take: &mut impl FnMut(&str) -> String) -> Self {
        Self {
            storage: take("LOCKGATE_STORAGE_KEY"),
            release: take("LOCKGATE_RELEASE_KEY"),
            token: take("LOCKGATE_TOKEN_KEY"),
            signing: take("LOCKGATE_SIGNING_KEY"),
            mac: take("LOCKGATE_MAC_KEY"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let Err(Unset(missing)) = Settings::read(|_| None) else { panic!("nothing is enough") };
        let mut missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        let mut wanted = SETTINGS;
        missing.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(missing, wanted);
    }

    #[test]
    fn what_may_be_left_out_has_a_default() {
        let settings = Settings::read(|name| SETTINGS.contains(&name).then(|| format!("the {name}"))).unwrap();
        assert_eq!(settings.tables.ledger, "the LOCKGATE_LEDGER_TABLE");
        assert_eq!((settings.user_pool, settings.default_policy.as_str()), (None, "two-stage"));
    }
}
