//! A house with a request in review, and people who call the API.

use graphql::{Context, IdempotencyKey, Profile, Request, Schema};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::builders::{NOTICE, person};
use tests::scene::{Scene, Setting, prepare, sample_id};
use workflow::actions::{self, Caller};
use workflow::domain::notice::Notice;

/// A reviewer and researcher of another project, in every group there.
pub(crate) const EVE: &str = "eve.elsewhere@example.ac.uk";
/// An auditor.
pub(crate) const AUDREY: &str = "audrey.auditor@example.ac.uk";

/// A house on a stage.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) schema: Schema,
    _dir: TempDir,
}

/// The requester of the sample.
pub(crate) fn ada() -> String {
    Notice::parse(NOTICE.as_bytes()).unwrap().submitter.email.to_string()
}

/// The sample's id.
pub(crate) fn id() -> String {
    sample_id().to_string()
}

impl Stage {
    /// A house in which nothing has come in yet.
    pub(crate) async fn empty(policy: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path(), policy).await;
        let scene = Scene::open(dir.path(), Setting::quiet(2)).await;
        let groups = ["InformationGovernance", "TREAdmin", "researchers", "operators", "auditors"];
        let eve = groups.iter().fold(person(EVE), |eve, group| eve.in_group_of(group, &["Elsewhere"])).build();
        scene.ports().people.save(&eve).await.unwrap();
        scene.ports().people.save(&person(AUDREY).in_group("auditors").build()).await.unwrap();
        Self { scene, schema: graphql::schema(Profile::Production), _dir: dir }
    }

    /// A house in which the sample waits at the first stage.
    pub(crate) async fn in_review(policy: &str) -> Self {
        let stage = Self::empty(policy).await;
        actions::receive::run(stage.scene.ports(), NOTICE.as_bytes()).await.unwrap();
        stage.scene.settle().await;
        stage
    }

    pub(crate) async fn caller(&self, address: &str) -> Caller {
        self.scene.caller(address).await
    }

    pub(crate) async fn context(&self, address: &str) -> Context {
        Context::new(self.scene.ports().clone(), self.caller(address).await, "call-1")
    }

    /// Executes a document as somebody and answers the whole response.
    pub(crate) async fn call(&self, address: &str, document: &str, variables: Value) -> Value {
        self.call_in(self.context(address).await, document, variables).await
    }

    /// The same with a name for the call.
    pub(crate) async fn call_once(&self, key: &str, address: &str, document: &str, variables: Value) -> Value {
        let key = Some(IdempotencyKey::parse(key).unwrap());
        self.call_in(self.context(address).await.with_idempotency_key(key), document, variables).await
    }

    async fn call_in(&self, context: Context, document: &str, variables: Value) -> Value {
        let request = Request::new(document).variables(graphql::Variables::from_json(variables));
        serde_json::to_value(graphql::execute(&self.schema, request, context).await).unwrap()
    }

    /// Executes a document that has to work, and answers its data.
    pub(crate) async fn data(&self, address: &str, document: &str, variables: Value) -> Value {
        let response = self.call(address, document, variables).await;
        assert!(response.get("errors").is_none(), "{response:#}");
        response["data"].clone()
    }

    /// What a reviewer hands in about the sample as it stands.
    pub(crate) async fn ballot(&self, opinion: &str) -> Value {
        let request = self.scene.request().await.unwrap();
        let round = request.round();
        json!({
            "request": id(),
            "round": round.number,
            "stage": round.entry.as_ref().map_or("none", |entry| entry.stage.as_str()),
            "manifestDigest": round.manifest.as_ref().unwrap().digest.to_string(),
            "opinion": opinion,
            "reason": "looked at every table",
        })
    }
}

pub(crate) const DECIDE: &str = "mutation D($input: DecideInput!) { decide(input: $input) {
    __typename
    ... on Decided { request { status { word } } }
    ... on Stale { code moved sentence request { status { word } } }
    ... on Refused { code sentence }
} }";
