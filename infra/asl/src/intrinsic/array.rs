use serde_json::Value;

use super::number::integer;

/// The longest list that `States.ArrayRange` makes.
const RANGE_ITEMS_MAX: i64 = 1_000;

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("expected an array, but got {value}"))
}

pub(super) fn partition(items: &Value, size: &Value) -> Result<Value, String> {
    let size = usize::try_from(integer(size)?).ok().filter(|size| *size > 0);
    let size = size.ok_or("the chunk size must be a positive integer")?;
    Ok(list(items)?.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect())
}

pub(super) fn contains(items: &Value, item: &Value) -> Result<Value, String> {
    Ok(Value::Bool(list(items)?.iter().any(|other| same(other, item))))
}

pub(super) fn range(first: &Value, last: &Value, step: &Value) -> Result<Value, String> {
    let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
    if step == 0 {
        return Err("the increment must not be zero".to_owned());
    }
    let span = last.checked_sub(first).and_then(|span| span.checked_div(step)).unwrap_or(i64::MAX);
    if span >= RANGE_ITEMS_MAX {
        return Err(format!("the range must not have more than {RANGE_ITEMS_MAX} items"));
    }
    let reaches = (last >= first) == (step > 0) || last == first;
    Ok((0..=span)
        .filter(|_| reaches)
        .map(|position| Value::from(first.saturating_add(position.saturating_mul(step))))
        .collect())
}

pub(super) fn item(items: &Value, index: &Value) -> Result<Value, String> {
    let items = list(items)?;
    let position = usize::try_from(integer(index)?).ok();
    position
        .and_then(|position| items.get(position))
        .cloned()
        .ok_or_else(|| format!("there is no item at index {index}"))
}

pub(super) fn length(items: &Value) -> Result<Value, String> {
    Ok(Value::from(list(items)?.len()))
}

pub(super) fn unique(items: &Value) -> Result<Value, String> {
    let mut unique: Vec<Value> = Vec::new();
    for item in list(items)? {
        if !unique.iter().any(|other| same(other, item)) {
            unique.push(item.clone());
        }
    }
    Ok(Value::Array(unique))
}

/// Whether two values are the same; numbers by value.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}
