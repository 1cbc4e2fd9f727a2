//! A great many files, and very large ones.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use tests::builders::RESEARCHER;
use tests::machine::Machine;
use tests::process::{Server, is_long, run};
use tests::scene::{IRIS, RITA};

use crate::unpack;

/// Files beyond what the old form of zip archives can count.
const MANY: usize = 70_000;
/// As many as the shipped policies allow.
const MOST: usize = 100_000;
/// Beyond what the old form of zip archives can measure.
const LARGE: u64 = 5 << 30;

/// What a server used up so far: processor time, and the most memory that it ever held, in MiB.
fn used(server: &Server) -> (Duration, u64) {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    (Duration::from_millis(ticks * 10), peak >> 10)
}

/// Has a folder released, and says what each part of it cost.
fn release(machine: &Machine, folder: &Path) -> std::path::PathBuf {
    let server = Server::start(machine.dir());
    let ask = ["--json", "submit", "--workspace", "w", "--project", "TREProject1Prod", "--title", "Many"];
    let about = ["--why", "for a paper", "--requester", RESEARCHER, folder.to_str().unwrap()];
    let mut began = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.1?} wall, {:?} in all", began.elapsed(), used(&server));
        began = Instant::now();
    };
    let said = machine.say(&ask.into_iter().chain(about).collect::<Vec<_>>()).done();
    let id = said.json()["id"].as_str().unwrap().to_owned();
    lap("intake");
    let reached = |status: &str| {
        for _ in 0..200_000 {
            let listed = machine.say(&["--json", "request", "list"]).done().json();
            if listed["requests"][0]["status"] == status {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("it was never {status}");
    };
    reached("in_review");
    lap("staging");
    for who in [IRIS, RITA] {
        machine
            .say(&["request", "decide", &id, "--approve", "--as", who, "--reason", "looked at all", "--wait"])
            .done();
    }
    reached("released");
    lap("release");
    let zip = machine.beside("out.zip");
    machine.say(&["download", &id, "--as", RESEARCHER, "--to", zip.to_str().unwrap()]).done();
    lap("download");
    assert_eq!(server.stop(), 0);
    zip
}

fn many(count: usize) {
    let machine = Machine::new(0);
    let folder = machine.beside("outputs");
    let mut names = BTreeSet::new();
    for index in 0..count {
        let name = format!("{}/{}/{index}.csv", index % 83, index % 7);
        let path = folder.join(&name);
        if index < 83 * 7 {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        std::fs::write(path, format!("{index}\n")).unwrap();
        names.insert(format!("files/{name}"));
    }
    let zip = release(&machine, &folder);
    unpack::tested(&zip);
    let listed = run("unzip", ["-Z1", zip.to_str().unwrap()]);
    let listed: BTreeSet<String> =
        listed.lines().filter(|name| name.starts_with("files/")).map(str::to_owned).collect();
    assert!(listed == names, "{} names instead of {}", listed.len(), names.len());
    machine.comes_right();
}

#[test]
fn more_files_than_the_old_form_can_count_are_released() {
    if is_long() {
        many(MANY);
    }
}

#[test]
fn as_many_files_as_the_policy_allows_are_released() {
    if is_long() {
        many(MOST);
    }
}

#[test]
fn a_file_larger_than_the_old_form_can_measure_is_released() {
    if !is_long() {
        return;
    }
    let machine = Machine::new(0);
    let folder = machine.beside("outputs");
    std::fs::create_dir(&folder).unwrap();
    File::create(folder.join("large.bin")).unwrap().set_len(LARGE).unwrap();
    std::fs::write(folder.join("small.csv"), "1\n").unwrap();
    let zip = release(&machine, &folder);
    unpack::tested(&zip);
    assert!(run("unzip", ["-l", zip.to_str().unwrap()]).contains(&LARGE.to_string()));
    machine.comes_right();
}
