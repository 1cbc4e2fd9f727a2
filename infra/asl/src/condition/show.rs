use std::fmt;

use super::{Against, Condition, Quality, Relation, Test};

/// Writes a condition for a diagram: `$.verdict = "release" and not $.late is true`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => join(f, parts, " and "),
            Self::Any(parts) => join(f, parts, " or "),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Test(variable, test) => write!(f, "{} {test}", variable.text),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Condition], word: &str) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(word)?;
        }
        match part {
            Condition::All(_) | Condition::Any(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(quality, expected) => {
                let word = if *expected { "is" } else { "is not" };
                write!(f, "{word} {quality}")
            }
            Self::Compare((_, relation), Against::Literal(value)) => write!(f, "{relation} {value}"),
            Self::Compare((_, relation), Against::Path(path)) => write!(f, "{relation} {}", path.text),
            Self::Matches(pattern) => write!(f, "matches \"{pattern}\""),
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present => "present",
            Self::Null => "null",
            Self::String => "a string",
            Self::Numeric => "a number",
            Self::Boolean => "a boolean",
            Self::Timestamp => "a timestamp",
        })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equals => "=",
            Self::LessThan => "<",
            Self::LessThanEquals => "≤",
            Self::GreaterThan => ">",
            Self::GreaterThanEquals => "≥",
        })
    }
}
