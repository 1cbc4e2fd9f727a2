//! The stack's template as `CloudFormation` reads it once the packaging has written out its anchors.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template.
pub struct Template(pub Value);

impl Template {
    /// Reads the template of the checkout.
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("infra/aws/stack/template.yaml");
        let mut yaml: Yaml = serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        yaml.apply_merge().unwrap();
        Self(json_of(yaml))
    }

    /// All resources of a type, by their names in the template.
    pub fn of_type(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let all = self.0["Resources"].as_object().unwrap();
        all.iter().filter(|(_, one)| one["Type"] == kind).map(|(name, one)| (name.as_str(), one)).collect()
    }

    /// All resources.
    pub fn resources(&self) -> &Map<String, Value> {
        self.0["Resources"].as_object().unwrap()
    }

    /// One resource.
    pub fn resource(&self, name: &str) -> &Value {
        self.resources().get(name).unwrap_or_else(|| panic!("the template has no {name}"))
    }
}

/// The short forms of functions become the long ones, as in JSON.
fn json_of(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => json!(truth),
        Yaml::Number(number) => serde_json::to_value(number).unwrap(),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.into_iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            entries.into_iter().map(|(key, value)| (key_of(&key), json_of(value))).collect::<Map<_, _>>().into()
        }
        Yaml::Tagged(tagged) => function(tagged.tag.to_string().trim_start_matches('!'), json_of(tagged.value)),
    }
}

fn key_of(key: &Yaml) -> String {
    key.as_str().map_or_else(|| panic!("{key:?} is no name"), str::to_owned)
}

fn function(name: &str, value: Value) -> Value {
    let value = match (name, value.as_str().and_then(|text| text.split_once('.'))) {
        ("GetAtt", Some((resource, attribute))) => json!([resource, attribute]),
        _ => value,
    };
    let name = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
    json!({ name: value })
}

/// The resource that a reference is to.
pub fn referred(value: &Value) -> Option<&str> {
    value.get("Ref").or_else(|| value.get("Fn::GetAtt").and_then(|path| path.get(0))).and_then(Value::as_str)
}
