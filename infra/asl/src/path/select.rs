use serde_json::{Map, Value};

use super::Segment;

/// Follows a definite path.
pub(super) fn one(segments: &[Segment], document: &Value) -> Option<Value> {
    let mut node = document;
    for (position, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Name(name) => node = node.as_object()?.get(name)?,
            Segment::Index(index) => node = at(node.as_array()?, *index)?,
            Segment::Length if position + 1 == segments.len() => return length(node).map(Value::from),
            _ => return None,
        }
    }
    Some(node.clone())
}

/// Collects all that an indefinite path names, in document order.
pub(super) fn all<'a>(segments: &[Segment], document: &'a Value) -> Vec<&'a Value> {
    let mut nodes = vec![document];
    for segment in segments {
        let mut next = Vec::new();
        for node in nodes {
            step(segment, node, &mut next);
        }
        nodes = next;
    }
    nodes
}

fn step<'a>(segment: &Segment, node: &'a Value, found: &mut Vec<&'a Value>) {
    match (segment, node) {
        (Segment::Name(name), Value::Object(map)) => found.extend(map.get(name)),
        (Segment::Names(names), Value::Object(map)) => found.extend(names.iter().filter_map(|name| map.get(name))),
        (Segment::Index(index), Value::Array(list)) => found.extend(at(list, *index)),
        (Segment::Indexes(indexes), Value::Array(list)) => found.extend(indexes.iter().filter_map(|i| at(list, *i))),
        (Segment::Wildcard, Value::Array(list)) => found.extend(list),
        (Segment::Wildcard, Value::Object(map)) => found.extend(map.values()),
        (Segment::Slice(from, to), Value::Array(list)) => found.extend(slice(list, *from, *to)),
        (Segment::Filter(filter), Value::Array(list)) => found.extend(list.iter().filter(|item| filter.accepts(item))),
        (Segment::Filter(filter), Value::Object(_)) if filter.accepts(node) => found.push(node),
        (Segment::Descend, _) => descend(node, found),
        _ => {}
    }
}

fn descend<'a>(node: &'a Value, found: &mut Vec<&'a Value>) {
    found.push(node);
    match node {
        Value::Array(list) => list.iter().for_each(|item| descend(item, found)),
        Value::Object(map) => map.values().for_each(|item| descend(item, found)),
        _ => {}
    }
}

fn at(list: &[Value], index: i64) -> Option<&Value> {
    list.get(position(list.len(), index)?)
}

/// Counts a negative index from the end.
fn position(length: usize, index: i64) -> Option<usize> {
    let from_end = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 { length.checked_sub(from_end) } else { Some(from_end) }
}

fn slice(list: &[Value], from: Option<i64>, to: Option<i64>) -> &[Value] {
    let bound = |index: i64| position(list.len(), index).unwrap_or(0).min(list.len());
    let from = from.map_or(0, bound);
    let to = to.map_or(list.len(), bound);
    list.get(from..to).unwrap_or_default()
}

fn length(node: &Value) -> Option<usize> {
    match node {
        Value::Array(list) => Some(list.len()),
        Value::Object(map) => Some(map.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}

/// Finds or makes the place that `segment` names in `node`.
pub(super) fn place<'a>(node: &'a mut Value, segment: &Segment) -> Option<&'a mut Value> {
    match segment {
        Segment::Name(name) => {
            if node.is_null() {
                *node = Value::Object(Map::new());
            }
            Some(node.as_object_mut()?.entry(name.clone()).or_insert(Value::Null))
        }
        Segment::Index(index) => {
            let list = node.as_array_mut()?;
            let position = position(list.len(), *index)?;
            list.get_mut(position)
        }
        _ => None,
    }
}
