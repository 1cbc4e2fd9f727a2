//! What is around every page: who looks, and where they can go.

/// What is around a page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Who looks.
    pub(crate) name: String,
    /// Their address.
    pub(crate) email: String,
    /// Whether they may submit files.
    pub(crate) submits: bool,
    /// Whether they are an operator.
    pub(crate) operates: bool,
    /// How many requests wait for their decision, where any do.
    pub(crate) waiting: Option<String>,
    /// The section that the page belongs to.
    pub(crate) here: &'static str,
}

/// How many there are, with a plus where there may be more.
pub(crate) fn tally(number: i64, complete: bool) -> Option<String> {
    (number > 0).then(|| if complete { number.to_string() } else { format!("{number}+") })
}

/// Makes the frame from the part of a document that every page asks for.
macro_rules! frame {
    ($head:expr, $here:literal) => {{
        let head = &$head;
        crate::frame::Frame {
            name: head.name.clone(),
            email: head.email.clone(),
            submits: head.can.submit,
            operates: head.can.operate.may,
            waiting: crate::frame::tally(head.waiting.decisions.number, head.waiting.decisions.complete),
            here: $here,
        }
    }};
}
pub(crate) use frame;
