//! How much one call may ask for.

/// The deepest nesting of fields: what tools ask to learn a schema, where they may, is that deep.
pub const DEPTH: usize = 15;
/// The deepest nesting that the parser follows, before anything is known of the fields.
pub const RECURSIVE_DEPTH: usize = 24;
/// The most complexity: every field counts 1, lists count with their length, and some fields weigh more.
pub const COMPLEXITY: usize = 600;
/// What one mutation weighs: two fit into a call with their answers, three do not, whatever their aliases.
pub const MUTATION: usize = 220;
/// The most directives at one field: there are two that a field may have, `@include` and `@skip`.
pub const DIRECTIVES: usize = 2;
/// The most fields that a document spells out, those that weigh nothing (`__typename`) among them.
pub const FIELDS: usize = 400;
/// The most fields to which a document gives a name of its own.
pub const ALIASES: usize = 20;
/// The most bytes of a call's body; whoever reads the body enforces it.
pub const BODY_BYTES: usize = 64 * 1024;
/// The most lexical tokens of a document, as [`count_tokens`] counts them: asked before it is parsed.
pub const TOKENS: usize = 4_000;
/// The most rows of a page.
pub const PAGE: i32 = 100;
/// The rows of a page that does not say how many.
pub const DEFAULT_PAGE: i32 = 25;
/// The most rows that one page of a list examines.
pub const EXAMINED: u32 = 1_000;
/// The most that is counted of what waits for somebody: people want to know whether it is none, some or many, on each page.
pub const COUNTED: u32 = 100;
/// The most files that one upload announces in a call.
pub const ANNOUNCED: usize = 500;

/// What a list weighs: a fixed part for looking it up, and a tenth of what each row asks for.
pub(crate) fn list(first: i32, row: usize) -> usize {
    let rows = usize::try_from(first.clamp(1, PAGE)).unwrap_or(1);
    10 + rows.saturating_mul(row) / 10
}

/// Counts the lexical tokens of a document, roughly and never too few: names, numbers, strings and punctuation.
pub fn count_tokens(document: &str) -> usize {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = 0;
    let mut in_name = false;
    for c in document.chars() {
        let continues = is_name(c) && in_name;
        in_name = is_name(c);
        tokens += usize::from(!continues && !c.is_whitespace() && c != ',');
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_punctuation_are_counted_and_spaces_are_not() {
        assert_eq!(count_tokens("query A { viewer { name } }"), 8);
        assert_eq!(count_tokens("{ a b, c(x: 1) }"), 10);
        assert_eq!(count_tokens(" , \n"), 0);
    }

    #[test]
    fn a_list_weighs_by_its_length_and_never_less_than_looking_it_up() {
        assert_eq!(list(-5, 0), 10);
        assert_eq!(list(100, 20), 210);
        assert_eq!(list(i32::MAX, 20), 210);
    }
}
