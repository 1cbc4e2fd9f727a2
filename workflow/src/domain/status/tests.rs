use super::*;

fn statuses() -> Vec<Status> {
    let cause = Cause { state: "Stage".into(), error: "E".into(), sentence: "S".into() };
    let mut all = vec![
        Status::Received,
        Status::Queued,
        Status::Admitted,
        Status::Staging,
        Status::InReview { stage: 0, round: 1 },
        Status::InReview { stage: 1, round: 2 },
        Status::Releasing,
        Status::Released,
        Status::Revoked,
        Status::Rejected,
        Status::Returned,
        Status::Withdrawn,
        Status::Expired,
    ];
    all.extend(ENDS.map(|end| Status::Rejecting { end }));
    all.push(Status::Failed { cause, resume_at: Box::new(Status::Staging) });
    all
}

const ENDS: [End; 4] = [End::Rejected, End::Returned, End::Withdrawn, End::Expired];

fn happenings() -> Vec<Happening> {
    let mut all = vec![
        Happening::Queued,
        Happening::Dequeued,
        Happening::Admitted,
        Happening::StagingBegan,
        Happening::Staged { round: 1 },
        Happening::Decided,
        Happening::StagePassed,
        Happening::Approved,
        Happening::Released,
        Happening::Revoked,
        Happening::Ended,
        Happening::Resubmitted,
        Happening::Withdrawn,
        Happening::Expired,
        Happening::Failed(Cause { state: "X".into(), error: "Y".into(), sentence: "Z".into() }),
        Happening::Resumed,
        Happening::Abandoned,
    ];
    all.extend(ENDS.map(Happening::Ending));
    all
}

/// The whole table: what may happen to each status, and where it leads.
const TABLE: &str = "\
received: queued > queued, admitted > admitted, failed > failed, ending > rejecting
queued: dequeued > received, withdrawn > withdrawn
admitted: staging began > staging, failed > failed, ending > rejecting
staging: staged > in_review, failed > failed, ending > rejecting
in_review: decided > in_review, stage passed > in_review, approved > releasing, failed > failed, ending > rejecting
releasing: released > released, failed > failed
released: revoked > revoked
revoked:
rejected:
returned: resubmitted > received, withdrawn > withdrawn, expired > expired
withdrawn:
expired:
rejecting: ended > rejected, failed > failed
rejecting: ended > returned, failed > failed
rejecting: ended > withdrawn, failed > failed
rejecting: ended > expired, failed > failed
failed: resumed > staging, abandoned > rejecting
";

#[test]
fn every_pair_of_status_and_happening_is_as_the_table_says() {
    let mut table = String::new();
    for status in statuses() {
        if matches!(status, Status::InReview { stage: 1, .. }) {
            continue;
        }
        let mut row = Vec::new();
        for happening in happenings() {
            if let Ok(next) = status.next(&happening) {
                let cell = format!("{} > {}", happening.name(), next.word());
                if !row.contains(&cell) {
                    row.push(cell);
                }
            }
        }
        table.push_str(format!("{}: {}", status.word(), row.join(", ")).trim_end());
        table.push('\n');
    }
    assert_eq!(table, TABLE);
}

#[test]
fn what_cannot_happen_says_what_and_where() {
    let error = Status::Released.next(&Happening::Decided).unwrap_err();
    assert_eq!(error.to_string(), "decided cannot happen to a request that is released");
}

#[test]
fn nothing_but_the_last_approval_leads_to_a_release() {
    for status in statuses() {
        for happening in happenings() {
            match status.next(&happening) {
                Ok(Status::Releasing) => {
                    assert!(matches!(status, Status::InReview { .. }), "{status}");
                    assert_eq!(happening, Happening::Approved);
                }
                Ok(Status::Released) => assert_eq!((&status, &happening), (&Status::Releasing, &Happening::Released)),
                _ => {}
            }
        }
    }
}

#[test]
fn a_failure_keeps_what_broke_and_where_to_go_on() {
    let cause = Cause { state: "Release".into(), error: "E".into(), sentence: "S".into() };
    let failed = Status::Releasing.next(&Happening::Failed(cause.clone())).unwrap();
    assert_eq!(failed, Status::Failed { cause, resume_at: Box::new(Status::Releasing) });
    assert_eq!(failed.next(&Happening::Resumed).unwrap(), Status::Releasing);
}

#[test]
fn an_over_request_is_never_running_and_every_word_is_pinned() {
    for status in statuses() {
        assert!(!(status.is_over() && status.is_running()), "{status}");
        assert_eq!(StatusWord::parse(status.word().as_str()), Some(status.word()));
        let stored = serde_json::to_value(&status).unwrap();
        assert_eq!(stored["is"], status.word().as_str());
        assert_eq!(serde_json::from_value::<Status>(stored).unwrap(), status);
    }
}
