//! A backup holds every file that its database names, whatever goes on meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use infra_embedded::backup::Keys;
use tests::builders::request_id;
use tests::scene::sample_id;
use workflow::ports::Ports;
use workflow::ports::object_store::{Area, Place};

use crate::Yard;

/// Puts and deletes objects until it is told to stop; counts them.
async fn churn(ports: Ports, number: u64, stop: Arc<AtomicBool>, done: Arc<AtomicU64>) {
    let owner = Some((request_id(500 + number), 1));
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let place = Place { area: Area::Staging, owner, key: format!("churn/{number}/{round}") };
        let object = ports.objects.put(&place, Bytes::from(format!("{number} {round}"))).await.unwrap();
        ports.objects.delete(std::slice::from_ref(&object)).await.unwrap();
        done.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_backup_names_is_gone_from_it() {
    let (yard, scene) = Yard::open().await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let at_work: Vec<_> = (0..4)
        .map(|number| tokio::spawn(churn(scene.ports().clone(), number, Arc::clone(&stop), Arc::clone(&done))))
        .collect();
    for number in 0..6 {
        let before = done.load(Ordering::SeqCst);
        let taken = scene.house.back_up(&yard.path(&format!("backup-{number}")), number % 2 == 0).await.unwrap();
        assert_eq!(taken.manifest.missing, Vec::<String>::new());
        while done.load(Ordering::SeqCst) < before + 10 {
            tokio::task::yield_now().await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    for task in at_work {
        task.await.unwrap();
    }
    for number in 0..6 {
        let mut order = yard.order(&format!("restored-{number}"));
        order.from = yard.path(&format!("backup-{number}"));
        yard.bring_back(&order).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_damaged_already_is_named_and_the_rest_is_kept() {
    let (yard, scene) = Yard::open().await;
    let blobs = yard.house().join("blobs").join(sample_id().to_string()).join("1");
    let victim = std::fs::read_dir(blobs).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&victim).unwrap();
    let taken = scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    assert_eq!(taken.manifest.missing.len(), 1);
    assert!(victim.ends_with(&taken.manifest.missing[0]));
    let order = yard.order("restored");
    assert_eq!(yard.bring_back(&order).await.unwrap().manifest.missing, taken.manifest.missing);
    assert_ne!(order.keys, Keys::New);
}
