//! What an expression may look at besides its input: the context object, and chance that repeats under replay.

use std::cell::{Cell, LazyCell};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::path::{Path, Root};
use crate::seed::Seed;

/// Surroundings of one evaluation. The context object is made only if something asks for it.
pub(crate) struct Surroundings<'a> {
    context: LazyCell<Value, Box<dyn FnOnce() -> Value + 'a>>,
    variables: Vec<&'a Map<String, Value>>,
    pub(crate) chance: Chance<'a>,
}

impl<'a> Surroundings<'a> {
    /// `variables` are those of the innermost scope first.
    pub(crate) fn new(
        context: impl FnOnce() -> Value + 'a,
        variables: Vec<&'a Map<String, Value>>,
        chance: Chance<'a>,
    ) -> Self {
        Self { context: LazyCell::new(Box::new(context)), variables, chance }
    }

    /// Finds what `path` names in `input` or in the context object.
    pub(crate) fn find(&self, path: &Path, input: &Value) -> Option<Value> {
        path.select(self.document(&path.root, input)?)
    }

    /// The document that a path of this root is about.
    pub(crate) fn document<'b>(&'b self, root: &Root, input: &'b Value) -> Option<&'b Value> {
        match root {
            Root::Input => Some(input),
            Root::Context => Some(&self.context),
            Root::Variable(name) => self.variables.iter().find_map(|scope| scope.get(name)),
        }
    }
}

/// Bytes that look random, and are the same whenever the same evaluation is repeated.
pub(crate) struct Chance<'a> {
    seed: &'a Seed,
    evaluation: u64,
    drawn: Cell<u64>,
}

impl<'a> Chance<'a> {
    /// `evaluation` tells evaluations of one execution apart.
    pub(crate) fn new(seed: &'a Seed, evaluation: u64) -> Self {
        Self { seed, evaluation, drawn: Cell::new(0) }
    }

    pub(crate) fn draw(&self) -> [u8; 32] {
        let drawn = self.drawn.get();
        self.drawn.set(drawn.wrapping_add(1));
        let mut numbers = [0; 16];
        let (evaluation, draw) = numbers.split_at_mut(8);
        evaluation.copy_from_slice(&self.evaluation.to_be_bytes());
        draw.copy_from_slice(&drawn.to_be_bytes());
        derive(self.seed.bytes(), b"chance", &numbers)
    }

    /// A number in `0..1`.
    pub(crate) fn fraction(&self) -> f64 {
        fraction(&self.draw())
    }
}

/// Takes 53 bits, as many as a double holds exactly.
#[allow(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
pub(crate) fn fraction(bytes: &[u8; 32]) -> f64 {
    let bits = bytes.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// A keyed digest; `purpose` keeps the uses of one key apart.
pub(crate) fn derive(key: &[u8; 32], purpose: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(purpose);
    mac.update(&[0]);
    mac.update(message);
    mac.finalize().into_bytes().into()
}
