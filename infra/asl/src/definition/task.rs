use super::retry::{Catcher, Retrier, catchers, retriers};
use super::state::{ResultPath, Then, assign, result_path, then};
use super::wait::{Seconds, seconds};
use super::workflow::Names;
use super::{Fields, Resource, Services};
use crate::flaw::FlawKind;
use crate::template::Template;

/// What a `Task` state asks for, and what it does with the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    pub(crate) resource: Resource,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) assign: Option<Template>,
    pub(crate) timeout: Option<Seconds>,
    pub(crate) heartbeat: Option<Seconds>,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) then: Then,
}

/// Reads the fields of a `Task` state.
pub(super) fn read(fields: &mut Fields<'_, '_>, names: &Names<'_>, services: Services) -> Option<Task> {
    let resource = resource(fields, services);
    let parameters = fields.template("Parameters");
    let result_selector = fields.template("ResultSelector");
    let result_path = result_path(fields);
    let assign = assign(fields);
    let timeout = seconds(fields, "TimeoutSeconds", "TimeoutSecondsPath");
    let heartbeat = seconds(fields, "HeartbeatSeconds", "HeartbeatSecondsPath");
    if let (Some(Seconds::Fixed(timeout)), Some(Seconds::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        fields.flaw(FlawKind::Schema, "HeartbeatSeconds", "the heartbeat must be shorter than TimeoutSeconds");
    }
    let retry = retriers(fields);
    let catch = catchers(fields, names);
    let then = then(fields, names);
    Some(Task {
        resource: resource?,
        parameters,
        result_selector,
        result_path: result_path?,
        assign,
        timeout,
        heartbeat,
        retry: retry?,
        catch: catch?,
        then: then?,
    })
}

fn resource(fields: &mut Fields<'_, '_>, services: Services) -> Option<Resource> {
    if !fields.has("Resource") {
        fields.flaw(FlawKind::Schema, "", "These fields are required: [Resource]");
    }
    let text = fields.text("Resource")?;
    let Some(resource) = Resource::parse(text) else {
        let message = format!(
            "The resource provided {text} is not recognized. The value is not a valid resource ARN, \
             or the resource is not available in this region."
        );
        fields.flaw(FlawKind::Schema, "Resource", message);
        return None;
    };
    if services == Services::Functions && !resource.is_function() {
        let message =
            format!("tasks of {text} are not supported; use arn:aws:states:::lambda:invoke or a function's ARN");
        fields.flaw(FlawKind::Unsupported, "Resource", message);
        return None;
    }
    Some(resource)
}
