//! Real input, carried in the program: what a researcher's analysis wrote, and the platform's own words about it.

use std::io;
use std::path::Path;

/// The platform's notice.
pub(super) const NOTICE: &str = include_str!("../../../../testdata/platform/notice.json");

/// The platform's list of versions.
pub(super) const LIST: &str = include_str!("../../../../testdata/platform/egress-store-ver1.json");

/// The file that a reviewer objects to: one of its cells counts seven people.
const OBJECTED: &str = "output_0_0.csv";

macro_rules! sample {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../../../testdata/acro-outputs/", $name)).as_slice())),*]
    };
}

/// The files, by name.
const FILES: &[(&str, &[u8])] = sample![
    "affairs/summary.csv"
    "checksums/histogram_0.png.txt"
    "checksums/output_0_0.csv.txt"
    "checksums/output_1_0.csv.txt"
    "checksums/output_2_0.csv.txt"
    "checksums/output_4_0.csv.txt"
    "checksums/output_4_1.csv.txt"
    "checksums/output_5_0.csv.txt"
    "checksums/output_5_1.csv.txt"
    "checksums/output_5_2.csv.txt"
    "checksums/results.json.txt"
    "checksums/session_summary.csv.txt"
    "checksums/session_summary.json.txt"
    "config.json"
    "histogram_0.png"
    "marriage/summary.csv"
    "output_0_0.csv"
    "output_1_0.csv"
    "output_2_0.csv"
    "output_4_0.csv"
    "output_4_1.csv"
    "output_5_0.csv"
    "output_5_1.csv"
    "output_5_2.csv"
    "results.json"
    "session_summary.csv"
    "session_summary.json"
];

/// Writes the files into a folder, as the researcher has them. In a `corrected` version the small count is gone.
pub(super) fn lay_out(folder: &Path, corrected: bool) -> io::Result<()> {
    for (name, bytes) in FILES {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        if corrected && *name == OBJECTED {
            std::fs::write(path, suppress(bytes))?;
        } else {
            std::fs::write(path, bytes)?;
        }
    }
    Ok(())
}

/// Takes the count of seven out of the table.
fn suppress(table: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(table).replacen("1,18,36,38,7", "1,18,36,38,", 1).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corrected_version_differs_in_the_objected_file_only() {
        let bytes = FILES.iter().find(|(name, _)| *name == OBJECTED).unwrap().1;
        assert_ne!(suppress(bytes), bytes);
        assert_eq!(suppress(bytes).len() + 1, bytes.len());
    }

    #[test]
    fn every_file_that_the_platform_lists_is_here() {
        let list: serde_json::Value = serde_json::from_str(LIST).unwrap();
        for object in list["objects"].as_array().unwrap() {
            let (_, name) = object["Key"].as_str().unwrap().split_once('/').unwrap();
            let size = FILES.iter().find(|(file, _)| *file == name).map(|(_, bytes)| bytes.len());
            assert!(name.is_empty() || size.map(Into::into) == Some(object["Size"].clone()), "{name}");
        }
    }
}
