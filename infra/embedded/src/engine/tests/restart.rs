use super::*;

#[tokio::test]
async fn a_wait_survives_a_restart_with_its_token_and_its_deadline() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let (woken, expired) = (name(1), name(2));
    let before = world.start(&steps).await;
    begin(&before, 1).await;
    begin(&before, 2).await;
    before.idle().await;
    assert!(before.stop(Duration::from_secs(5)).await);
    drop(before);

    let engine = world.start(&steps).await;
    engine.idle().await;
    assert_eq!(steps.called().len(), 4, "nothing that was answered is asked for again");
    engine.wake(&steps.token(woken)).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Tell");
    world.clock.advance(3_599);
    engine.tick();
    engine.idle().await;
    assert_eq!(engine.describe(expired).await.unwrap(), Standing::Running);
    world.clock.advance(1);
    engine.tick();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Mourn");
    assert_eq!(engine.describe(expired).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn what_was_not_answered_is_asked_for_again_after_a_restart() {
    let world = World::new();
    let held = Arc::new(Told { held: Some(Arc::default()), ..Told::default() });
    let before = world.start(&held).await;
    let name = begin(&before, 1).await;
    while held.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!before.stop(Duration::from_millis(1)).await, "a step runs");

    let steps = Arc::new(Told::default());
    let engine = world.start(&steps).await;
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Wait"]);
    engine.wake(&steps.token(name)).await.unwrap();
    engine.idle().await;
    assert_eq!(engine.describe(name).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn a_damaged_journal_is_named_and_stops_nobody_else() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let before = world.start(&steps).await;
    begin(&before, 1).await;
    begin(&before, 2).await;
    before.idle().await;
    drop(before);
    let database = world.database();
    let damage = |c: &rusqlite::Connection| Ok(c.execute("UPDATE journal SET event = '{}' WHERE execution = 1", [])?);
    database.write(damage).await.unwrap();
    let engine = world.start(&steps).await;
    assert_eq!(engine.damaged().iter().map(|(name, _)| *name).collect::<Vec<_>>(), [name(1)]);
    engine.wake(&steps.token(name(2))).await.unwrap();
    engine.idle().await;
    assert_eq!(engine.describe(name(2)).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn an_execution_goes_on_with_the_definition_that_it_began_with() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let before = world.start(&steps).await;
    let name = begin(&before, 1).await;
    before.idle().await;
    drop(before);
    let newer = DEFINITION.replace("Tell", "Shout");
    let clock: Arc<dyn Clock> = world.clock.clone();
    let engine = Engine::open(world.database(), &newer, clock, Arc::new(crate::ids::Ids)).await.unwrap();
    engine.start(steps.clone());
    engine.wake(&steps.token(name)).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Tell");
}

#[tokio::test]
async fn events_of_one_execution_are_told_apart_although_the_clock_stands_still_or_goes_back() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let engine = world.start(&steps).await;
    let name = begin(&engine, 1).await;
    engine.idle().await;
    let last_at = {
        let execution = engine.core.execution(name).unwrap();
        let execution = execution.lock().await;
        execution.instant(Timestamp::MIN)
    };
    assert!(last_at > world.clock.now());
    world.clock.advance(-7_200);
    drop(engine);
    let engine = world.start(&steps).await;
    let execution = engine.core.execution(name).unwrap();
    assert_eq!(execution.lock().await.instant(world.clock.now()), last_at);
}

#[tokio::test]
async fn an_engine_that_is_halted_writes_nothing_and_wakes_nobody() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let before = world.start(&steps).await;
    let name = begin(&before, 1).await;
    before.idle().await;
    before.halt();
    before.halted().await;
    assert_eq!(before.wake(&steps.token(name)).await.unwrap_err().kind, Kind::Transient);
    let other = self::name(2);
    assert!(before.begin(other, &Slip::first(other.request, 1)).await.is_err());
    world.clock.advance(7_200);
    before.tick();
    before.idle().await;
    assert_eq!(steps.called().len(), 2);
    let engine = world.start(&steps).await;
    engine.wake(&steps.token(name)).await.unwrap();
    engine.idle().await;
    assert_eq!(engine.describe(name).await.unwrap(), Standing::Ended);
    assert_eq!(engine.describe(other).await.unwrap(), Standing::Unknown);
}
