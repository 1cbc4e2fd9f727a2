//! What a function is told by its environment: read once, at its start; all that is missing is said together.

use std::collections::BTreeMap;

use infra_aws::Unset;

/// What a function is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account's side: tables, buckets, keys.
    pub house: infra_aws::Settings,
    own: BTreeMap<&'static str, String>,
}

impl Settings {
    /// Reads what every function needs, and what this one needs beside it.
    pub fn read(own: &[&'static str], variable: impl Fn(&str) -> Option<String>) -> Result<Self, Unset> {
        let value = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let own_values = own.iter().filter_map(|name| Some((*name, value(name)?))).collect::<BTreeMap<_, _>>();
        let missing = own.iter().filter(|name| !own_values.contains_key(*name)).map(|name| (*name).to_owned());
        let missing: Vec<String> = missing.collect();
        match infra_aws::Settings::read(&variable) {
            Ok(house) if missing.is_empty() => Ok(Self { house, own: own_values }),
            Ok(_) => Err(Unset(missing)),
            Err(Unset(theirs)) => Err(Unset(theirs.into_iter().chain(missing).collect())),
        }
    }

    /// A setting of this function's own.
    pub(crate) fn own(&self, name: &str) -> &str {
        self.own.get(name).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_account_and_what_the_function_lack_is_said_together() {
        let Err(Unset(missing)) = Settings::read(&["LOCKGATE_URL"], |_| None) else { panic!("nothing is enough") };
        assert!(missing.contains(&"LOCKGATE_URL".to_owned()));
        assert!(missing.contains(&"LOCKGATE_LEDGER_TABLE".to_owned()));
    }

    #[test]
    fn an_empty_setting_is_a_missing_one() {
        let read = Settings::read(&["LOCKGATE_URL"], |name| (name != "LOCKGATE_URL").then(|| "x".to_owned()));
        let Err(Unset(missing)) = read else { panic!("it is missing") };
        assert_eq!(missing, ["LOCKGATE_URL"]);
    }
}
