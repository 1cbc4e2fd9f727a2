//! The house's own part of the source area: what people uploaded or submitted from this machine goes once no request
//! needs it any more. The platform's files are only read.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use workflow::domain::manifest::{Declared, Manifest};
use workflow::domain::request::{Request, Submission};
use workflow::ports::object_store::Area;
use workflow::ports::request_store::{Pattern, Query};
use workflow::ports::{PortResult, Ports};

use crate::database::{Error, nanoseconds};
use crate::object_store::ObjectStore;

/// The buckets that hold what people brought by themselves.
const OWN: [&str; 2] = ["uploads", "submitted"];
/// What was brought waits so long to be submitted.
const WAITS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Requests that are read in one page.
const PAGE: u32 = 100;

/// Deletes what nobody needs: what was never submitted within its time, and what is frozen elsewhere by now. Counts the
/// files; the row of each stays as the proof.
pub(super) async fn run(ports: &Ports, objects: &ObjectStore) -> PortResult<u64> {
    if ports.clock.held_since().is_some() {
        return Ok(0);
    }
    let old = ports.clock.now().saturating_sub(WAITS_FOR).map_or(0, nanoseconds);
    let brought = groups(objects, old).await?;
    if brought.is_empty() {
        return Ok(0);
    }
    let wanted = wanted(ports).await?;
    let mut deleted = 0;
    for group in brought.difference(&wanted) {
        deleted += objects.delete_source(group).await?;
    }
    Ok(deleted)
}

/// What was brought together, by the folder that it is in, if the newest of it is old.
async fn groups(objects: &ObjectStore, old: i64) -> PortResult<BTreeSet<String>> {
    let database = objects.database();
    let found = database.read(move |connection| {
        let sql =
            "SELECT key, changed_at FROM objects WHERE area = 'source' AND state = 'here' AND key >= ?1 AND key < ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let (mut all, mut young) = (BTreeSet::new(), BTreeSet::new());
        for bucket in OWN {
            let rows = statement.query_map([format!("{bucket}/"), format!("{bucket}0")], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })?;
            for row in rows {
                let (key, changed_at) = row?;
                let group = group_of(&key);
                if changed_at > old {
                    young.extend(group.clone());
                }
                all.extend(group);
            }
        }
        Ok::<_, Error>(all.difference(&young).cloned().collect())
    });
    found.await.map_err(|error| error.during("object store", "list what people brought"))
}

/// The bucket and the folder of a key, if the bucket is the house's own.
fn group_of(key: &str) -> Option<String> {
    let (bucket, rest) = key.split_once('/')?;
    let (folder, _) = rest.split_once('/')?;
    OWN.contains(&bucket).then(|| format!("{bucket}/{folder}/"))
}

/// What requests still have to be frozen from.
async fn wanted(ports: &Ports) -> PortResult<BTreeSet<String>> {
    let (mut wanted, mut after) = (BTreeSet::new(), None);
    loop {
        let page = ports.requests.list(&Query { pattern: Pattern::Open, after, first: PAGE }).await?;
        for request in page.requests.iter().filter(|request| request.round().frozen.is_none()) {
            wanted.extend(needs(ports, request).await?);
        }
        after = page.next;
        if after.is_none() {
            return Ok(wanted);
        }
    }
}

async fn needs(ports: &Ports, request: &Request) -> PortResult<BTreeSet<String>> {
    let Submission::Files(declared) = &request.round().submission else { return Ok(BTreeSet::new()) };
    let Some(object) = ports.objects.latest(Area::Records, &declared.key).await? else { return Ok(BTreeSet::new()) };
    let size = ports.objects.size(&object).await?;
    let bytes = ports.objects.read(&object, 0, size).await?;
    let damaged = |error| Error::damaged("what a request declared", error).during("object store", "read it");
    let manifest: Manifest<Declared> = serde_json::from_slice(&bytes).map_err(damaged)?;
    Ok(manifest.files().iter().filter_map(|file| group_of(&file.source.key)).collect())
}
