//! Tokens that prove nothing, and events that somebody wrote.

use std::sync::Arc;

use graphql::appsync::Ours;
use jiff::Timestamp;
use lambdas::face::entry::Doorkeeper;
use lambdas::face::{Audience, BadToken, Prover, resolve};
use serde_json::{Value, json};
use tests::scene::{Scene, Setting, prepare};
use workflow::domain::policy::Policy;

use crate::pool::{CLIENT, ISSUER, Pool};

const EMAIL: &str = "Iris.Governance@example.ac.uk";

fn now() -> Timestamp {
    Timestamp::now()
}

fn header() -> Value {
    json!({ "alg": "RS256", "kid": "one" })
}

fn claims() -> Value {
    let at = now().as_second();
    json!({
        "iss": ISSUER, "sub": "account-1", "token_use": "id", "aud": CLIENT, "iat": at, "exp": at + 900,
        "email": EMAIL, "email_verified": true, "name": "Iris", "cognito:groups": ["InformationGovernance"],
    })
}

fn with(change: Value) -> Value {
    let mut claims = claims();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name).map(drop).unwrap_or_default(),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn prover(pool: &Pool) -> Prover {
    let audience = Audience { issuer: ISSUER.to_owned(), clients: [CLIENT.to_owned()].into() };
    Prover::new(audience, pool.serve().await)
}

#[tokio::test]
async fn a_token_is_proven_by_the_pools_key_and_its_claims() {
    let pool = Pool::new();
    let prover = prover(&pool).await;
    let proven = prover.prove(&pool.sign(&header(), &claims()), now()).await.unwrap().unwrap();
    assert_eq!((proven.subject.as_str(), proven.verified_email.as_deref()), ("account-1", Some(EMAIL)));
    let access = with(json!({ "token_use": "access", "aud": null, "client_id": CLIENT }));
    assert!(prover.prove(&pool.sign(&header(), &access), now()).await.unwrap().is_ok());
    let unverified = pool.sign(&header(), &with(json!({ "email_verified": "false" })));
    assert_eq!(prover.prove(&unverified, now()).await.unwrap().unwrap().verified_email, None);
}

#[tokio::test]
async fn a_token_for_somebody_else_something_else_or_another_time_proves_nothing() {
    let pool = Pool::new();
    let prover = prover(&pool).await;
    let at = now().as_second();
    for (change, why) in [
        (json!({ "iss": "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_other" }), BadToken::Issuer),
        (json!({ "aud": "another-client" }), BadToken::Client),
        (json!({ "aud": null }), BadToken::Client),
        (json!({ "token_use": "access" }), BadToken::Client),
        (json!({ "token_use": "refresh" }), BadToken::Use),
        (json!({ "exp": at - 1 }), BadToken::Expired),
        (json!({ "nbf": at + 600 }), BadToken::NotYet),
        (json!({ "iat": at + 600 }), BadToken::NotYet),
        (json!({ "exp": null }), BadToken::Illegible),
        (json!({ "sub": null }), BadToken::Illegible),
    ] {
        let token = pool.sign(&header(), &with(change.clone()));
        assert_eq!(prover.prove(&token, now()).await.unwrap().unwrap_err(), why, "{change}");
    }
}

#[tokio::test]
async fn a_token_by_another_algorithm_or_key_proves_nothing() {
    let (pool, other) = (Pool::new(), Pool::new());
    let prover = prover(&pool).await;
    let prove = async |token: String| prover.prove(&token, now()).await.unwrap().unwrap_err();
    for alg in ["none", "HS256", "RS512", "ES256", "rs256"] {
        assert_eq!(prove(pool.sign(&json!({ "alg": alg, "kid": "one" }), &claims())).await, BadToken::Algorithm);
    }
    let critical = json!({ "alg": "RS256", "kid": "one", "crit": ["exp"] });
    assert_eq!(prove(pool.sign(&critical, &claims())).await, BadToken::Algorithm);
    let unknown = json!({ "alg": "RS256", "kid": "two" });
    assert_eq!(prove(pool.sign(&unknown, &claims())).await, BadToken::UnknownKey);
    assert_eq!(prove(other.sign(&header(), &claims())).await, BadToken::Signature);
    let good = pool.sign(&header(), &claims());
    let (head, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let swapped = other.sign(&header(), &with(json!({ "cognito:groups": ["operators"] })));
    let payload = swapped.split('.').nth(1).unwrap();
    assert_eq!(prove(format!("{head}.{payload}.{signature}")).await, BadToken::Signature);
    assert_eq!(prove(format!("{head}.{payload}.")).await, BadToken::Signature);
    for illegible in ["", "a.b", "....", "ey.ey.ey"] {
        assert_eq!(prove(illegible.to_owned()).await, BadToken::Illegible, "{illegible}");
    }
    assert!(pool.path().exists());
}

struct Stage {
    scene: Scene,
    doorkeeper: Doorkeeper,
    pool: Pool,
    _dir: tempfile::TempDir,
}

async fn stage() -> Stage {
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path(), Policy::TWO_STAGE).await;
    let scene = Scene::open(dir.path(), Setting::quiet(3)).await;
    // Tokens live by the clock of the house.
    let pool = Pool::new();
    let doorkeeper = Doorkeeper { ports: scene.ports().clone(), prover: Arc::new(prover(&pool).await) };
    Stage { scene, doorkeeper, pool, _dir: dir }
}

impl Stage {
    fn token(&self, change: Value) -> String {
        let at = self.doorkeeper.ports.clock.now().as_second();
        let mut claims = with(json!({ "iat": at, "exp": at + 900 }));
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.pool.sign(&header(), &claims)
    }

    async fn ask(&self, headers: Value, identity: Value) -> Value {
        let event = json!({
            "parent": "Query", "field": "viewer", "arguments": null, "source": null,
            "identity": identity, "headers": headers,
        });
        let api = Ours::ours().unwrap();
        resolve(&api, (&self.doorkeeper, "https://egress.example.org"), event).await.unwrap()
    }
}

#[tokio::test]
async fn somebody_who_signed_in_is_the_person_whom_the_directory_knew_by_that_address() {
    let stage = stage().await;
    let token = stage.token(json!({}));
    let identity = json!({ "sub": "account-1", "issuer": ISSUER, "sourceIp": ["192.0.2.7"] });
    let answer = stage.ask(json!({ "authorization": format!("Bearer {token}") }), identity.clone()).await;
    assert_eq!(answer["data"]["email"], "iris.governance@example.ac.uk");
    assert_eq!(answer["data"]["groups"][0]["group"], "InformationGovernance");
    // The predecessor's front end sends the token as it is.
    assert!(stage.ask(json!({ "Authorization": token }), identity).await.get("data").is_some());
    stage.scene.house.close().await;
}

#[tokio::test]
async fn an_event_without_a_good_token_of_its_own_identity_is_nobodys() {
    let stage = stage().await;
    let own = json!({ "sub": "account-1", "issuer": ISSUER, "claims": { "cognito:groups": ["operators"] } });
    let good = format!("Bearer {}", stage.token(json!({})));
    let expired = format!("Bearer {}", stage.token(json!({ "exp": 1 })));
    let unverified = format!("Bearer {}", stage.token(json!({ "sub": "account-2", "email_verified": false })));
    for (headers, identity) in [
        (json!({}), own.clone()),
        (json!({ "authorization": "Bearer made.up.token" }), own.clone()),
        (json!({ "authorization": expired }), own.clone()),
        (json!({ "authorization": good.clone() }), json!({ "sub": "account-2", "issuer": ISSUER })),
        (json!({ "authorization": good.clone() }), json!({ "sub": "account-1", "issuer": "https://other" })),
        (json!({ "authorization": good.clone() }), json!({ "userArn": "arn:aws:iam::123456789012:user/x" })),
        (json!({ "authorization": good }), Value::Null),
        (json!({ "authorization": unverified }), json!({ "sub": "account-2", "issuer": ISSUER })),
    ] {
        let answer = stage.ask(headers.clone(), identity.clone()).await;
        assert_eq!(answer["trouble"]["code"], "UNAUTHENTICATED", "{headers} {identity}");
        assert!(answer.get("data").is_none());
    }
    stage.scene.house.close().await;
}

#[tokio::test]
async fn a_group_counts_as_long_as_the_pool_names_it() {
    let stage = stage().await;
    let identity = json!({ "sub": "account-1", "issuer": ISSUER });
    let groups = async |named: Value| {
        let token = stage.token(json!({ "cognito:groups": named }));
        let answer = stage.ask(json!({ "authorization": token }), identity.clone()).await;
        answer["data"]["groups"].as_array().unwrap().len()
    };
    assert_eq!(groups(json!(["InformationGovernance", "operators"])).await, 2);
    assert_eq!(groups(json!([])).await, 0);
    stage.scene.house.close().await;
}
