use std::fs::File;
use std::io::{BufReader, BufWriter};

/// Runs a corpus that is not part of the project, where one is given: `ASL_CASES` in, `ASL_RESULTS` out.
#[test]
#[ignore = "needs a corpus: set ASL_CASES and ASL_RESULTS"]
fn run_a_corpus() {
    let cases = File::open(std::env::var("ASL_CASES").unwrap()).unwrap();
    let results = File::create(std::env::var("ASL_RESULTS").unwrap()).unwrap();
    super::run(BufReader::new(cases), BufWriter::new(results)).unwrap();
}
