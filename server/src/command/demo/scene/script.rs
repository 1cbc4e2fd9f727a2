//! What is played: requests, each with the state that it is left in.

use workflow::domain::decision::Opinion::{Approve, Reject, Return};

use super::super::cast::{
    FIRST_REVIEWER as INES, OTHER_FIRST_REVIEWER as TOM, OTHER_RESEARCHER as NOOR, RESEARCHER as ADA,
    SECOND_REVIEWER as ROSA, UNREVIEWED_PROJECT,
};
use super::Mark::{Returned, Review};
use super::What::{Comment, Decide, Resubmit};
use super::{Act, File, Mark, Scene, What};

macro_rules! recorded {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../../../../testdata/acro-outputs/", $name)).as_slice())),*]
    };
}

/// A notice that names no project.
pub(super) const UNUSABLE_NOTICE: &str = r#"{
  "id": "0f6a2c34-8f3a-4f0e-9b57-6a1d2c3e4f50",
  "egress_store_id": "7d2b9c1e-4a5f-4b6c-8d7e-9f0a1b2c3d4e",
  "egress_store_name": "Cohort study-egress-store",
  "created_by_email": "noor.haddad@example.ac.uk",
  "status": "PENDING",
  "ver": 1
}"#;

const MODELS: &[File] = recorded!["output_4_0.csv" "output_4_1.csv" "results.json" "session_summary.csv"];
const SMALL_COUNT: &[File] = recorded!["output_0_0.csv" "output_1_0.csv" "histogram_0.png"];
const FIGURE: &[File] = recorded!["histogram_0.png" "affairs/summary.csv" "checksums/histogram_0.png.txt"];

const BY_REGION: &[File] = &[
    ("by_region.csv", b"region,people,mean_age\nNorth,412,47.1\nEast,388,44.9\nSouth,3,52.3\nWest,517,46.0\n"),
    ("notes.txt", b"Ages are means over all visits. Regions are those of 2021.\n"),
];
const BY_REGION_CORRECTED: &[File] = &[
    ("by_region.csv", b"region,people,mean_age\nNorth,412,47.1\nEast,388,44.9\nSouth and West,520,46.0\n"),
    ("notes.txt", b"Ages are means over all visits. South and West are one region now: South alone was too small.\n"),
];
const PATIENTS: &[File] = &[(
    "patients.csv",
    b"patient,born,postcode,diagnosis\nP-0012,1961-03-04,EX4 4QJ,C50.9\nP-0019,1958-11-23,EX1 1AB,C61\n",
)];

/// Names and contents that would do harm where somebody takes them for more than names and contents.
const HOSTILE: &[File] = &[
    (
        "<img src=x onerror=alert(1)>.csv",
        b"name,n\n\"<script>alert('cell')</script>\",12\n=1+1,4\n\"@SUM(A1:A9)\",31\n",
    ),
    ("'; DROP TABLE requests; --.csv", b"statement,n\n\"'; DROP TABLE requests; --\",25\n"),
    ("--help", b"A file that is called like an option of a command.\n"),
    ("CON.txt", b"A name that some systems keep for a device.\n"),
    ("p\u{430}yroll.csv", b"month,total\n2026-01,1200\n2026-02,1180\n"),
    ("report.html", b"<!doctype html><title>Report</title><script>document.title = 'this must never run'</script>\n"),
    ("pictures/chart.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert('picture')</script></svg>\n"),
    ("archive.bin", &[0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x01, 0x00, 0x00, 0xFF, 0xFE, 0x41, 0x42]),
];

const GOOD: &str = "All counts are above the threshold, and the models have enough degrees of freedom.";
const SAME: &str = "The approval of Information Governance is on record; the files are what it names.";

const fn act(by: &'static str, at: Mark, what: What) -> Act {
    Act { by, at, what }
}

/// The scenes, after the platform's own notice, which waits at the first stage.
pub(super) const SCENES: &[Scene] = &[
    Scene {
        id: "3f1c9a52-7e64-4d0b-8a1f-2b6c7d8e9f01",
        by: NOOR,
        project: "TREProject2Prod",
        title: "Regression models for the appendix",
        purpose: "Tables 3 and 4 of the appendix; the referees asked for standard errors.",
        files: MODELS,
        acts: &[
            act(TOM, Review(1, 0), Comment("Are the standard errors clustered by practice?")),
            act(NOOR, Review(1, 0), Comment("Yes, by practice; session_summary.csv says how.")),
            act(INES, Review(1, 0), Decide(Approve, GOOD)),
        ],
    },
    Scene {
        id: "8b7d2e10-5c43-4f9a-b0de-1a2b3c4d5e02",
        by: ADA,
        project: "TREProject1Prod",
        title: "Figure 2 for the conference poster",
        purpose: "The poster is due at the end of the month.",
        files: SMALL_COUNT,
        acts: &[act(
            INES,
            Review(1, 0),
            Decide(Return, "In output_0_0.csv one cell counts seven people. Please suppress it and submit again."),
        )],
    },
    Scene {
        id: "c46f0b98-13d7-4c25-9e8a-5d6e7f809103",
        by: NOOR,
        project: "TREProject2Prod",
        title: "Mean age by region",
        purpose: "Map for the project's web page.",
        files: BY_REGION,
        acts: &[
            act(TOM, Review(1, 0), Decide(Return, "South counts three people. Please join it with a neighbour.")),
            act(NOOR, Returned(1), Comment("South and West are one region now.")),
            act(NOOR, Returned(1), Resubmit(BY_REGION_CORRECTED)),
        ],
    },
    Scene {
        id: "e95a4d27-80bc-4e31-8f46-7a8b9cadbe04",
        by: ADA,
        project: "TREProject1Prod",
        title: "Histogram of ages, first draft of the paper",
        purpose: "For the co-authors outside the environment.",
        files: FIGURE,
        acts: &[act(INES, Review(1, 0), Decide(Approve, GOOD)), act(ROSA, Review(1, 1), Decide(Approve, SAME))],
    },
    Scene {
        id: "17c8e3f6-a92b-4b74-9cd0-0e1f2a3b4c05",
        by: ADA,
        project: "TREProject1Prod",
        title: "Rows behind table 5",
        purpose: "The journal's data checklist asks for them.",
        files: PATIENTS,
        acts: &[act(
            TOM,
            Review(1, 0),
            Decide(Reject, "These are rows about single people. Rows never leave; summaries of ten or more may."),
        )],
    },
    Scene {
        id: "6ad4f7b1-2e58-4097-a3c6-9b8a7d6c5e06",
        by: NOOR,
        project: "TREProject2Prod",
        title: "Names that look for trouble <script>alert(1)</script>",
        purpose: "A harmless request whose names and contents try to be more than that. \"><img src=x onerror=alert(2)>",
        files: HOSTILE,
        acts: &[],
    },
    Scene {
        id: "92be05d3-6f1a-4c8d-b7e4-3c4d5e6f7a07",
        by: NOOR,
        project: UNREVIEWED_PROJECT,
        title: "Variant counts",
        purpose: "Supplement of the consortium's paper.",
        files: MODELS,
        acts: &[],
    },
];
