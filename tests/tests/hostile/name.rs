//! Hostile names on every way in, and out again.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;
use tests::machine::notice;
use tests::process::is_long;
use workflow::actions::create_upload::{self, Announcement};
use workflow::domain::notice::Notice;
use workflow::domain::path::SafePath;
use workflow::domain::policy::Policy;
use workflow::domain::text::ProjectId;
use workflow::domain::version_list;

use crate::corpus::{self, Hostile};
use crate::platform::{Platform, sentence_of};
use crate::unpack;

/// What a file of a name holds: bytes that no other has.
pub(crate) fn bytes_of(name: &str) -> Vec<u8> {
    format!("the bytes of {name:?}\n").repeat(3).into_bytes()
}

#[track_caller]
fn is_fit_to_be_shown(sentence: &str) {
    let strange =
        sentence.chars().find(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'));
    assert_eq!(strange, None, "{sentence:?}");
}

#[test]
fn every_hostile_name_becomes_what_is_promised_or_is_refused_with_a_sentence() {
    let names = corpus::names();
    assert!(names.len() > 200, "{}", names.len());
    for Hostile { name, why, becomes } in names {
        match SafePath::parse(&name) {
            Ok(path) => assert_eq!(Some(path.as_str()), becomes.as_deref(), "{name:?} {why}"),
            Err(bad) => {
                assert_eq!(None, becomes, "{name:?} {why}: {bad}");
                is_fit_to_be_shown(&bad.to_string());
            }
        }
    }
}

#[test]
fn names_that_would_be_one_file_somewhere_are_refused_together_with_both_names() {
    for [first, second] in corpus::pairs() {
        let entry = |name: &str| json!({ "Key": format!("ws/{name}"), "Size": 1, "VersionId": "v" });
        let list = json!({ "objects": [entry(&first), entry(&second)] }).to_string();
        let refusal = version_list::read(list.as_bytes(), "b", "ws/").err();
        let refusal = refusal.unwrap_or_else(|| panic!("{first:?} and {second:?} may not leave together")).to_string();
        is_fit_to_be_shown(&refusal);
        assert!(refusal.contains("rename one of them"), "{refusal}");
        for alone in [first, second] {
            let list = json!({ "objects": [entry(&alone)] }).to_string();
            version_list::read(list.as_bytes(), "b", "ws/").unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_in_a_version_list_are_released_as_promised() {
    let platform = Platform::new(Policy::TWO_STAGE).await;
    let (mut lines, mut promised) = (Vec::new(), BTreeMap::new());
    for names in corpus::kept().chunks(32) {
        let stored = names.iter().map(async |(name, _)| platform.store(1, (name, &bytes_of(name))).await);
        lines.extend(join_all(stored).await);
        promised.extend(names.iter().map(|(name, path)| (path.clone(), bytes_of(name))));
    }
    let request = platform.submit(1, &lines).await;
    assert_eq!(request.status.word().as_str(), "in_review", "{:?}", request.round().ended_because);
    let zip = platform.release(1).await;
    assert!(promised.len() > 150, "{}", promised.len());
    unpack::everywhere(&zip, &promised);
    platform.hold([1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_in_a_version_list_that_may_not_leave_are_sent_back() {
    let platform = Platform::new(Policy::SINGLE).await;
    let fine = platform.store(0, ("fine.csv", b"1")).await;
    let mut number = 0;
    // What each becomes is held elsewhere; here is what becomes of the request, which is the same for all.
    let one_of = if is_long() { 1 } else { 6 };
    let refused = corpus::names().into_iter().filter(|hostile| hostile.becomes.is_none()).step_by(one_of);
    for Hostile { name, why, .. } in refused {
        if name.is_empty() || name.ends_with('/') {
            continue; // The markers of folders, which every list of the platform has.
        }
        number += 1;
        let folder = Notice::parse(notice(number).as_bytes()).unwrap().folder;
        let line = json!({ "Key": format!("{folder}{name}"), "Size": 1, "VersionId": "v" });
        let sentence = sentence_of(&platform.submit(number, &[fine_in(&fine, &folder), line]).await);
        assert!(sentence.contains("the file name '"), "{name:?} {why}: {sentence}");
        is_fit_to_be_shown(&sentence);
    }
    assert!(number > 15, "{number}");
    platform.hold(1..=number).await;
}

#[test]
fn hostile_texts_in_a_notice_are_refused_with_a_reason_that_can_be_shown() {
    let fields: serde_json::Value = serde_json::from_str(&notice(1)).unwrap();
    for Hostile { name, .. } in corpus::names() {
        for field in fields.as_object().unwrap().keys().filter(|field| *field != "status") {
            let mut notice = fields.clone();
            notice[field] = if field == "ver" { name.clone().into() } else { json!([name]) };
            let refusal = Notice::parse(notice.to_string().as_bytes()).unwrap_err().to_string();
            is_fit_to_be_shown(&refusal);
            notice[field] = name.clone().into();
            if let Err(refusal) = Notice::parse(notice.to_string().as_bytes()) {
                is_fit_to_be_shown(&refusal.to_string());
            }
        }
    }
}

fn fine_in(line: &serde_json::Value, folder: &str) -> serde_json::Value {
    json!({ "Key": format!("{folder}fine.csv"), "Size": 1, "VersionId": line["VersionId"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_of_uploads_are_taken_as_promised_or_refused() {
    let platform = Platform::new(Policy::SINGLE).await;
    let ada = platform.scene.caller(tests::builders::RESEARCHER).await;
    let project = ProjectId::parse("TREProject1Prod").unwrap();
    let announce = async |names: Vec<String>| {
        let id = platform.scene.ports().ids.name();
        let files = names.into_iter().map(|name| (name, 1)).collect();
        let announcement = Announcement { id, project: project.clone(), files };
        create_upload::run(platform.scene.ports(), &ada, announcement).await.map(|_| id)
    };
    for Hostile { name, why, becomes } in corpus::names() {
        let created = announce(vec![name.clone()]).await;
        match (&becomes, created) {
            (Some(path), Ok(id)) => {
                let upload = platform.scene.ports().uploads.find(id).await.unwrap().unwrap();
                assert_eq!(upload.files[0].path.as_str(), path, "{name:?} {why}");
            }
            (None, Err(refusal)) => is_fit_to_be_shown(&refusal.to_string()),
            (_, created) => panic!("{name:?} {why}: {becomes:?}, {created:?}"),
        }
    }
    for pair in corpus::pairs() {
        announce(pair.to_vec()).await.unwrap_err();
    }
    let names: Vec<String> = corpus::kept().into_iter().map(|(name, _)| name).collect();
    let id = announce(names.clone()).await.unwrap();
    let upload = platform.scene.ports().uploads.find(id).await.unwrap().unwrap();
    for files in (0..).zip(&upload.files).collect::<Vec<_>>().chunks(32) {
        let uploads = &platform.scene.ports().uploads;
        let put = files.iter().map(async |(index, file)| (file, uploads.append(id, *index, 0, b"x"[..].into()).await));
        for (file, put) in join_all(put).await {
            put.unwrap_or_else(|error| panic!("{}: {}", file.path, error.in_full()));
        }
    }
    let (_, manifest) = workflow::actions::finish_upload::run(platform.scene.ports(), &ada, id).await.unwrap();
    assert_eq!(manifest.files().len(), names.len());
    platform.hold([]).await;
}
