use serde_json::Value;

use super::{Argument, Call, Function};
use crate::path::{Cursor, PathError};

/// How deep calls may nest.
const DEPTH: usize = 16;

pub(super) fn call(text: &str) -> Result<Call, PathError> {
    let mut cursor = Cursor::new(text);
    let call = read(&mut cursor, DEPTH)?;
    cursor.skip_spaces();
    if cursor.rest().is_empty() { Ok(call) } else { Err(cursor.error("unexpected text")) }
}

fn read(cursor: &mut Cursor<'_>, depth: usize) -> Result<Call, PathError> {
    let Some(depth) = depth.checked_sub(1) else { return Err(cursor.error("the calls are nested too deeply")) };
    let start = cursor.rest();
    cursor.expect("States.")?;
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric());
    let function = Function::named(name).ok_or_else(|| cursor.error("there is no such function"))?;
    cursor.skip_spaces();
    cursor.expect("(")?;
    let arguments = arguments(cursor, depth)?;
    let (least, most) = function.arity();
    if !(least..=most).contains(&arguments.len()) {
        return Err(cursor.error("wrong number of arguments"));
    }
    let length = start.len() - cursor.rest().len();
    Ok(Call { text: start.get(..length).unwrap_or_default().to_owned(), function, arguments })
}

fn arguments(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Argument>, PathError> {
    let mut arguments = Vec::new();
    cursor.skip_spaces();
    if cursor.eat(")") {
        return Ok(arguments);
    }
    loop {
        cursor.skip_spaces();
        arguments.push(argument(cursor, depth)?);
        cursor.skip_spaces();
        if cursor.eat(")") {
            return Ok(arguments);
        }
        cursor.expect(",")?;
    }
}

fn argument(cursor: &mut Cursor<'_>, depth: usize) -> Result<Argument, PathError> {
    match cursor.peek() {
        Some('\'') => text(cursor).map(Argument::Text),
        Some('$') => cursor.path().map(Argument::Path),
        Some('S') => read(cursor, depth).map(Argument::Call),
        _ => {
            let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            let value: Value = serde_json::from_str(word).map_err(|_| cursor.error("expected an argument"))?;
            Ok(Argument::Literal(value))
        }
    }
}

/// Takes a text in single quotes as it is written, escapes and all.
fn text(cursor: &mut Cursor<'_>) -> Result<String, PathError> {
    cursor.expect("'")?;
    let mut text = String::new();
    loop {
        match cursor.next() {
            None => return Err(cursor.error("the quote is not closed")),
            Some('\'') => return Ok(text),
            Some('\\') => {
                text.push('\\');
                text.extend(cursor.next());
            }
            Some(c) => text.push(c),
        }
    }
}

/// Resolves `\'`, `\{`, `\}` and `\\`; other backslashes stay, so that JSON in a text keeps its own escapes.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escaped = characters.next_if(|next| c == '\\' && matches!(next, '\'' | '{' | '}' | '\\'));
        plain.push(escaped.unwrap_or(c));
    }
    plain
}
