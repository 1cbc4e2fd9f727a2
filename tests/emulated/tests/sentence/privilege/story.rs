//! Stories in which every function does what it is for.

use serde_json::{Value, json};
use tests::builders::RESEARCHER;
use tests::scene::{IRIS, IVAN, OLGA, RITA};
use tests_emulated::Cloud;
use tests_emulated::cloud::{Face, SignedIn};
use workflow::domain::audit::{Event, Fact};
use workflow::domain::decision::Opinion::{Approve, Return};
use workflow::domain::id::RequestId;
use workflow::domain::policy::Policy;
use workflow::ports::outbox::Drawer;

use crate::predecessor::FrontEnd;

/// Everybody who calls.
struct Cast {
    ada: SignedIn,
    iris: SignedIn,
    rita: SignedIn,
    olga: SignedIn,
}

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../../../../../frontend-schema/operations/", $name, ".graphql"))
    };
}

/// What is read of a request, and of the house.
const READ: [&str; 13] = [
    document!("home"),
    document!("requests"),
    document!("request"),
    document!("files"),
    document!("timeline"),
    document!("comments"),
    document!("audit"),
    document!("deliberation"),
    document!("look"),
    document!("policies"),
    document!("stuck"),
    document!("account"),
    document!("submission"),
];

/// Somebody whom an operator enters.
const NEW: &str = "ned.new@example.ac.uk";

/// Plays all of them.
pub(crate) async fn play(cloud: &Cloud) {
    let cast = Cast {
        ada: cloud.sign_in(RESEARCHER, "researchers").await,
        iris: cloud.sign_in(IRIS, "InformationGovernance").await,
        rita: cloud.sign_in(RITA, "TREAdmin").await,
        olga: cloud.sign_in(OLGA, "operators").await,
    };
    // Their groups are others than they were: the directory is to know.
    let ivan = cloud.sign_in(IVAN, "auditors").await;
    http(cloud, "GraphqlHttp", &ivan, (document!("home"), &Value::Null)).await;
    let mut ids = Vec::new();
    for number in 1..=4 {
        ids.push(cloud.submit(number).await);
    }
    cloud.bring(&["no notice at all".to_owned()]).await;
    for id in &ids {
        cloud.until_waiting(*id, 0).await;
    }
    release(cloud, &cast, ids[0]).await;
    reject(cloud, &cast, ids[1]).await;
    cloud.decide(IRIS, ids[2], Return).await.unwrap();
    let withdrawal = json!({ "input": { "request": ids[3].to_string(), "reason": "a mistake" } });
    http(cloud, "GraphqlHttp", &cast.ada, (document!("withdraw"), &withdrawal)).await;
    for id in &ids[1..] {
        cloud.until_told(*id).await;
    }
    let waiting = break_and_mend(cloud, &cast).await;
    let preview = session(cloud, &cast.iris).await;
    get(cloud, &preview, &format!("/requests/{waiting}/files/0")).await;
    let body = json!({ "query": "{ listRequests { task_token } }" }).to_string();
    let headers = json!({ "content-type": "application/json", "cookie": preview });
    let listed = cloud.browse("GraphqlHttp", ("POST", "/predecessor/graphql"), &headers, &body).await;
    assert_eq!(listed["statusCode"], 200, "{listed:#}");
    read(cloud, &cast, ids[0]).await;
    upload(cloud, &cast).await;
    call_back(cloud, &cast, ids[0]).await;
    for chore in ["Sweep", "Seal", "Dispose", "Deliver"] {
        cloud.call(chore, &json!({})).await;
    }
    let ended = json!({ "detail": { "name": format!("{}-1", ids[0]), "status": "ABORTED" } });
    cloud.call("Events", &ended).await;
    bounce(cloud, &cast).await;
    administer(cloud, &cast).await;
}

/// An operator publishes a policy, assigns it to a project, and finds it there; enters somebody, and shuts another out.
async fn administer(cloud: &Cloud, cast: &Cast) {
    let document = Policy::TWO_STAGE.replacen("\"two-stage\"", "\"strict\"", 1);
    let ask = async |order: Value| cloud.call("Administer", &order).await["text"].as_str().unwrap().to_owned();
    let published = ask(json!({ "ask": "publish_policy", "document": document, "by": OLGA })).await;
    assert!(published.starts_with("strict v1 is published."), "{published}");
    ask(json!({ "ask": "assign_policy", "policy": "strict", "project": "Other", "by": OLGA })).await;
    let listed = ask(json!({ "ask": "list_policies" })).await;
    assert!(listed.contains("strict v1: Information Governance, then Research IT; applies to Other"), "{listed}");
    let shown = ask(json!({ "ask": "show_policy", "policy": "strict" })).await;
    assert_eq!(Policy::parse(&shown).unwrap(), Policy::parse(&document).unwrap());
    for (order, why) in [
        (json!({ "ask": "publish_policy", "document": document, "by": IRIS }), "operator"),
        (json!({ "ask": "publish_policy", "document": document, "by": "nobody@example.ac.uk" }), "signed in"),
        (json!({ "ask": "publish_policy", "document": "name = 1", "by": OLGA }), "name"),
        (json!({ "ask": "assign_policy", "policy": "lax", "by": OLGA }), "no such policy"),
        (json!({ "ask": "fly" }), "cannot be read"),
        (
            json!({ "ask": "enter_person", "email": NEW, "name": "Ned New", "groups": ["TREAdmin"], "by": OLGA }),
            "user pool",
        ),
        (json!({ "ask": "enter_person", "email": NEW, "groups": ["TREAdmin@Other"], "by": OLGA }), "say their name"),
        (json!({ "ask": "disable_person", "email": NEW, "by": OLGA }), "nobody of the address"),
        (json!({ "ask": "disable_person", "email": RITA, "by": IRIS }), "operator"),
    ] {
        let refused = cloud.refused("Administer", &order).await;
        assert!(refused.contains(why) && refused.contains("Nothing was changed."), "{refused}");
    }
    let enter =
        json!({ "ask": "enter_person", "email": NEW, "name": "Ned New", "groups": ["TREAdmin@Other,B"], "by": OLGA });
    ask(enter).await;
    ask(json!({ "ask": "disable_person", "email": RITA, "by": OLGA })).await;
    let narrow = json!({ "ask": "enter_person", "email": IRIS, "groups": ["InformationGovernance@Other"], "by": OLGA });
    ask(narrow).await;
    http(cloud, "GraphqlHttp", &cast.iris, (document!("home"), &Value::Null)).await;
    let listed = ask(json!({ "ask": "list_people" })).await;
    assert!(listed.lines().any(|line| line.contains(NEW) && line.ends_with("TREAdmin@B,Other")), "{listed}");
    let is_narrow = |line: &str| line.contains(IRIS) && line.ends_with(": InformationGovernance@Other");
    assert!(listed.lines().any(is_narrow), "her token says the group, and the directory where it counts: {listed}");
    assert!(listed.lines().any(|line| line.contains(RITA) && line.ends_with("; shut out")), "{listed}");
    let refused = cloud.execute(&Face::ours(), &cast.rita, document!("home"), &Value::Null).await;
    assert!(refused.to_string().contains("UNAUTHENTICATED"), "{refused}");
}

/// A mail that SES had taken comes back, twice; an operator has its message sent once more.
async fn bounce(cloud: &Cloud, cast: &Cast) {
    let settled = cloud.ports.outbox.list(Drawer::Settled, 1_000).await.unwrap();
    let mailed = settled.iter().find(|posting| !posting.deliveries.is_empty()).expect("mails left");
    let (id, delivery) = (mailed.id, &mailed.deliveries[0]);
    let name = delivery.answer.strip_prefix("taken by SES as ").expect("SES took it");
    let came_back = json!({ "source": "aws.ses", "detail-type": "Email Bounced", "detail": {
        "eventType": "Bounce",
        "mail": { "timestamp": delivery.at.to_string(), "messageId": name, "destination": [delivery.to.as_str()] },
        "bounce": { "bounceType": "Permanent", "bouncedRecipients": [
            { "emailAddress": delivery.to.as_str(), "diagnosticCode": "smtp; 550 5.1.1 no such mailbox" },
        ] },
    } });
    for _ in 0..2 {
        cloud.call("Events", &came_back).await;
    }
    let mut unknown = came_back.clone();
    unknown["detail"]["mail"]["messageId"] = json!("somebody-elses");
    assert!(cloud.refused("Events", &unknown).await.contains("not on record yet"), "it is to come again");
    unknown["detail"]["mail"]["timestamp"] = json!("2020-01-01T00:00:00Z");
    cloud.call("Events", &unknown).await;
    let posting = cloud.ports.outbox.find(id).await.unwrap().unwrap();
    assert!(posting.undeliverable && posting.deliveries[0].came_back.is_some(), "{posting:#?}");
    let trail = cloud.ports.requests.trail(id.request, 0, 1_000).await.unwrap();
    let noted = |event: &&Event| matches!(&event.fact, Fact::Undeliverable { message, .. } if *message == id);
    assert_eq!(trail.iter().filter(noted).count(), 1, "it is noted once");
    http(cloud, "GraphqlHttp", &cast.olga, (document!("retry_message"), &json!({ "id": id.to_string() }))).await;
    cloud.call("Deliver", &json!({})).await;
    let posting = cloud.ports.outbox.find(id).await.unwrap().unwrap();
    assert!(posting.settled && posting.deliveries.iter().all(|delivery| delivery.came_back.is_none()), "{posting:#?}");
}

/// The predecessor's front end decides first, and our own second.
async fn release(cloud: &Cloud, cast: &Cast, id: RequestId) {
    let face = Face::predecessor();
    let front_end = FrontEnd { cloud, face: &face, who: &cast.iris };
    let row = front_end.row(id).await;
    let decided = front_end.decide(&row, "ig_reviewer_1", "APPROVED").await;
    assert!(decided.get("errors").is_none(), "{decided:#}");
    cloud.until_waiting(id, 1).await;
    let ballot = ballot(cloud, id, "APPROVE").await;
    cloud.execute(&Face::ours(), &cast.rita, document!("decide"), &ballot).await;
    cloud.until_told(id).await;
    front_end.download(id).await;
}

async fn reject(cloud: &Cloud, cast: &Cast, id: RequestId) {
    let comment = json!({ "input": { "request": id.to_string(), "text": "What is this?" } });
    http(cloud, "GraphqlHttp", &cast.iris, (document!("comment"), &comment)).await;
    let ballot = ballot(cloud, id, "REJECT").await;
    http(cloud, "Web", &cast.iris, (document!("decide"), &ballot)).await;
}

async fn ballot(cloud: &Cloud, id: RequestId, opinion: &str) -> Value {
    let request = cloud.request(id).await;
    let round = request.round();
    let ballot = tests::scene::ballot(&request, Approve);
    json!({ "input": {
        "request": id.to_string(), "round": round.number, "stage": ballot.stage.to_string(),
        "manifestDigest": ballot.manifest.to_string(), "opinion": opinion, "reason": "I looked at every file.",
    } })
}

/// A store that the platform does not know yet.
async fn break_and_mend(cloud: &Cloud, cast: &Cast) -> RequestId {
    let (id, notice) = cloud.prepare(7).await;
    let store = notice["egress_store_id"].as_str().unwrap();
    cloud.forget_store(store).await;
    cloud.bring(&[notice.to_string()]).await;
    cloud.until(id, |request| request.status.word().as_str() == "failed").await;
    cloud.enter_store(store).await;
    let retry = json!({ "input": { "request": id.to_string(), "reason": null } });
    http(cloud, "GraphqlHttp", &cast.olga, (document!("retry"), &retry)).await;
    cloud.until_waiting(id, 0).await.id
}

async fn read(cloud: &Cloud, cast: &Cast, id: RequestId) {
    let variables = json!({ "id": id.to_string(), "list": { "pattern": "ALL" } });
    for document in READ {
        cloud.execute(&Face::ours(), &cast.olga, document, &variables).await;
        for function in ["GraphqlHttp", "Web"] {
            http(cloud, function, &cast.iris, (document, &variables)).await;
        }
    }
    let grant = json!({ "request": id.to_string() });
    http(cloud, "GraphqlHttp", &cast.ada, (document!("grant_download"), &grant)).await;
    let granted = http(cloud, "Web", &cast.ada, (document!("grant_download"), &grant)).await;
    let link = granted.pointer("/data/grantDownload/url").or(granted.pointer("/data/grantDownload/grant/url"));
    let path = link.and_then(Value::as_str).unwrap_or_else(|| panic!("{granted:#}"));
    let path = path.trim_start_matches("https://egress.example.ac.uk").to_owned();
    let cookie = session(cloud, &cast.ada).await;
    for path in [path, "/".to_owned(), format!("/requests/{id}")] {
        get(cloud, &cookie, &path).await;
    }
}

/// A browser in which somebody has signed in.
async fn session(cloud: &Cloud, who: &SignedIn) -> String {
    let url = Some("https://egress.example.ac.uk".to_owned());
    let settings = http::Settings { url, profile: http::Profile::Network, ..http::Settings::default() };
    let cookie = http::open_session(&cloud.ports, &settings, who.identity.clone()).await.unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A file from a browser: put where its ticket says, and submitted.
async fn upload(cloud: &Cloud, cast: &Cast) {
    let wish = json!({ "input": { "project": "TREProject-1", "files": [{ "path": "a.csv", "size": 3 }] } });
    let made = http(cloud, "GraphqlHttp", &cast.ada, (document!("create_upload"), &wish)).await;
    let made = &made["data"]["createUpload"];
    let ticket = made["tickets"][0]["url"].as_str().unwrap_or_else(|| panic!("{made:#}"));
    let put = tests::client::client().put(ticket).body("a,b").send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    let submission = json!({ "input": { "upload": made["id"], "title": "Counts", "workspace": "w", "purpose": null } });
    let submitted = http(cloud, "GraphqlHttp", &cast.ada, (document!("submit"), &submission)).await;
    let id = submitted.pointer("/data/submit/request/id").unwrap_or_else(|| panic!("{submitted:#}"));
    cloud.until_waiting(id.as_str().unwrap().parse().unwrap(), 0).await;
}

async fn call_back(cloud: &Cloud, cast: &Cast, id: RequestId) {
    let wish = json!({ "input": { "request": id.to_string(), "reason": "a wrong table" } });
    http(cloud, "GraphqlHttp", &cast.olga, (document!("revoke"), &wish)).await;
}

/// Executes a document behind a function URL.
async fn http(cloud: &Cloud, function: &str, who: &SignedIn, (document, variables): (&str, &Value)) -> Value {
    let body = json!({ "query": document, "variables": variables }).to_string();
    let headers = json!({ "content-type": "application/json", "authorization": format!("Bearer {}", who.token) });
    let answer = cloud.browse(function, ("POST", "/graphql"), &headers, &body).await;
    assert_eq!(answer["statusCode"], 200, "{answer:#}");
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

/// Opens a page, and goes where it sends to outside.
async fn get(cloud: &Cloud, cookie: &str, path: &str) {
    let answer = cloud.browse("Web", ("GET", path), &json!({ "cookie": cookie }), "").await;
    let status = answer["statusCode"].as_i64().unwrap();
    assert!([200, 303, 307].contains(&status), "{path}: {answer:#}");
    if let Some(link) = answer["headers"]["location"].as_str().filter(|link| link.starts_with("http")) {
        assert!(tests::client::client().get(link).send().await.unwrap().status().is_success(), "{link}");
    }
}
