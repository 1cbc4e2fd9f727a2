use super::*;
use crate::archive::testing::{File, SMALL};

fn member(path: &str) -> Member {
    let file = File::new(path, "content", Method::Store);
    Member::file(path, 0, file.content(), file.method)
}

fn plan(members: Vec<Member>) -> Result<Plan, PlanError> {
    Plan::new(Timestamp::UNIX_EPOCH, members)
}

#[test]
fn a_stored_plan_reads_back_as_itself() {
    let members = vec![member("a.csv"), member("名.csv"), Member::document("manifest.json", "{}")];
    let made = plan(members).unwrap();
    let read = Plan::from_json(&made.to_json().unwrap()).unwrap();
    assert_eq!(read, made);
    assert_eq!(read.fingerprint().unwrap(), Digest::of(&made.to_json().unwrap()));
}

#[test]
fn members_out_of_order_or_twice_are_refused() {
    for names in [["b", "a"], ["a", "a"]] {
        let refused = plan(names.map(member).to_vec()).unwrap_err();
        assert!(matches!(refused, PlanError::OutOfOrder { .. }), "{refused}");
    }
}

#[test]
fn a_name_that_is_also_a_folder_is_refused() {
    let refused = plan(["a", "a-b", "a/b"].map(member).to_vec()).unwrap_err();
    assert_eq!(refused.to_string(), "the name 'files/a' is used for a file and for a folder");
}

#[test]
fn unsafe_names_are_refused() {
    for name in ["../x", "/x", "x\\y", "x//y", "C:x", "x\u{7}"] {
        assert!(matches!(plan(vec![member(name)]), Err(PlanError::UnsafeName { .. })), "{name}");
    }
}

#[test]
fn a_document_cannot_pass_for_an_approved_file() {
    let disguised = Member::document("files/x", "{}");
    assert!(matches!(plan(vec![disguised]), Err(PlanError::Inconsistent { .. })));
}

#[test]
fn a_plan_of_another_encoder_is_refused() {
    let json = String::from_utf8(plan(vec![member("a")]).unwrap().to_json().unwrap()).unwrap();
    let other = json.replace(ENCODER, "lockgate-zip 0");
    assert!(matches!(Plan::from_json(other.as_bytes()), Err(PlanError::OtherEncoder { .. })));
}

#[test]
fn a_plan_that_lost_a_member_does_not_add_up() {
    let mut short = Plan::with_cuts(Timestamp::UNIX_EPOCH, vec![member("a"), member("b")], SMALL).unwrap();
    short.members.pop();
    assert!(matches!(Plan::from_json(&short.to_json().unwrap()), Err(PlanError::DoesNotAddUp)));
}

#[test]
fn parts_grow_so_that_a_store_takes_them_all() {
    for bytes in [0, 1 << 30, 1 << 40, 5 << 40] {
        let cuts = Cuts::for_bytes(bytes);
        assert!(cuts.part_bytes >= LEAST_PART_BYTES);
        assert!(bytes.div_ceil(cuts.part_bytes) <= PARTS, "{bytes}");
    }
}
