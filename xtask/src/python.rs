//! Judges and stand-ins that are written in Python: each in an environment of its own, by exact version.

use std::path::Path;
use std::process::Command;

use crate::call;

/// Folder, and what is in it. They are apart because each pins libraries of its own.
const ENVIRONMENTS: [(&str, &[&str]); 4] = [
    ("venv", &["moto[server,all]==5.2.5", "cfn-lint==1.58.0"]),
    ("checkov", &["checkov==3.3.30"]),
    ("statelint", &["statelint==3.1.0"]),
    ("awscli", &["awscli==1.46.2"]),
];

/// Makes the environments where they are missing, or were made for other versions.
pub(crate) fn ensure(tools: &Path) -> anyhow::Result<()> {
    for (folder, packages) in ENVIRONMENTS {
        let (place, wanted) = (tools.join(folder), packages.join("\n"));
        let list = place.join("installed");
        if std::fs::read_to_string(&list).is_ok_and(|found| found == wanted) {
            continue;
        }
        println!("The tests need {}; installed into {folder} now, which takes some minutes.", packages.join(" and "));
        call::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
        let mut pip = Command::new(place.join("bin/pip"));
        call::run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
        std::fs::write(list, wanted)?;
    }
    Ok(())
}
