//! R1 to R9: what the predecessor was shown to do wrong when its own functions were run, with what we promise instead.

mod identity;
mod staging;
mod submission;

use std::io::Read;

use tests::invariants;
use tests::scene::Scene;
use workflow::domain::request::Request;
use workflow::ports::object_store::{Area, ObjectVersion};

/// Reads the released zip of a request with somebody else's reader: names below `files/`, with their bytes.
async fn released_files(scene: &Scene, request: &Request) -> Vec<(String, Vec<u8>)> {
    let archive = request.release.as_ref().unwrap().archive.as_ref().unwrap();
    let object = ObjectVersion { area: Area::Release, key: archive.key.clone(), version: archive.version.clone() };
    let bytes = scene.ports().objects.read(&object, 0, archive.size).await.unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).unwrap();
        let Some(name) = member.name().unwrap().strip_prefix("files/").map(str::to_owned) else { continue };
        let mut content = Vec::new();
        member.read_to_end(&mut content).unwrap();
        files.push((name, content));
    }
    files
}

/// The facts of a request, as their names.
async fn facts(scene: &Scene, request: &Request) -> Vec<String> {
    let events = invariants::trail(scene.ports(), request.id).await;
    events.iter().map(|event| serde_json::to_value(&event.fact).unwrap()["fact"].as_str().unwrap().to_owned()).collect()
}
