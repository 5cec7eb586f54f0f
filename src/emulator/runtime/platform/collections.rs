//! List, Set and Map.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use super::super::machine::{Machine, Outcome, Throw, order};
use super::super::value::{List, Map, Set, Value};
use super::Table;
use super::records::copy;

/// The natives here.
pub const TABLE: Table = &[
    ("List.add", |m, t, a| {
        let list = list(m, t)?;
        if let [index, value] = a {
            let position = position(m, list, index, 1)?;
            list.items.borrow_mut().insert(position, value.clone());
        } else {
            list.items.borrow_mut().push(a[0].clone());
        }
        Ok(Value::Null)
    }),
    ("List.addAll", |m, t, a| {
        let items = elements(m, &a[0])?;
        list(m, t)?.items.borrow_mut().extend(items);
        Ok(Value::Null)
    }),
    ("List.clear", |m, t, _| {
        list(m, t)?.items.borrow_mut().clear();
        Ok(Value::Null)
    }),
    ("List.clone", |m, t, _| {
        let list = list(m, t)?;
        Ok(Value::list(
            list.element.clone(),
            list.items.borrow().clone(),
        ))
    }),
    ("List.deepClone", |m, t, a| {
        let list = list(m, t)?;
        let keep = matches!(a.first(), Some(Value::Boolean(true)));
        let items = list
            .items
            .borrow()
            .iter()
            .map(|item| copy(item, keep))
            .collect();
        Ok(Value::list(list.element.clone(), items))
    }),
    ("List.contains", |m, t, a| {
        Ok(Value::Boolean(index_of(m, t, &a[0])?.is_some()))
    }),
    ("List.equals", |m, t, a| {
        Ok(Value::Boolean(list(m, t).is_ok() && t.equals(&a[0])))
    }),
    ("List.get", |m, t, a| m.element(t, &a[0])),
    ("List.hashCode", |_, t, _| Ok(hash(t))),
    ("List.indexOf", |m, t, a| {
        let found = index_of(m, t, &a[0])?.and_then(|index| i32::try_from(index).ok());
        Ok(Value::Integer(found.unwrap_or(-1)))
    }),
    ("List.iterator", |m, t, _| iterator(m, t)),
    ("Set.iterator", |m, t, _| iterator(m, t)),
    ("List.isEmpty", |m, t, _| {
        Ok(Value::Boolean(list(m, t)?.items.borrow().is_empty()))
    }),
    ("List.remove", |m, t, a| {
        let list = list(m, t)?;
        let position = position(m, list, &a[0], 0)?;
        Ok(list.items.borrow_mut().remove(position))
    }),
    ("List.set", |m, t, a| {
        m.set_element(t, &a[0], a[1].clone())?;
        Ok(Value::Null)
    }),
    ("List.size", |m, t, _| {
        Ok(count(list(m, t)?.items.borrow().len()))
    }),
    ("List.sort", |m, t, a| match a {
        [comparator] => sort_by(m, t, comparator),
        _ => sort(m, t),
    }),
    ("List.getSObjectType", |m, t, _| {
        Ok(match list(m, t)?.element {
            super::super::types::Type::Record(object) => Value::ObjectToken(object),
            _ => Value::Null,
        })
    }),
    ("List.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Set.add", |m, t, a| {
        let set = set(m, t)?;
        let value = m.known_key(&set.entries, &a[0])?;
        Ok(Value::Boolean(add(set, &value)))
    }),
    ("Set.addAll", |m, t, a| {
        let items = elements(m, &a[0])?;
        let set = set(m, t)?;
        let mut changed = false;
        for item in items {
            let value = m.known_key(&set.entries, &item)?;
            changed |= add(set, &value);
        }
        Ok(Value::Boolean(changed))
    }),
    ("Set.clear", |m, t, _| {
        *set(m, t)?.entries.borrow_mut() = Default::default();
        Ok(Value::Null)
    }),
    ("Set.clone", |m, t, _| {
        let set = set(m, t)?;
        Ok(Value::set(set.element.clone(), set.entries.borrow().keys()))
    }),
    ("Set.contains", |m, t, a| {
        let set = set(m, t)?;
        let value = m.known_key(&set.entries, &same_kind(set, &a[0]))?;
        Ok(Value::Boolean(set.entries.borrow().contains(&value)))
    }),
    ("Set.containsAll", |m, t, a| {
        let items = elements(m, &a[0])?;
        let set = set(m, t)?;
        let entries = set.entries.borrow();
        Ok(Value::Boolean(
            items.iter().all(|item| entries.contains(item)),
        ))
    }),
    ("Set.equals", |_, t, a| Ok(Value::Boolean(t.equals(&a[0])))),
    ("Set.hashCode", |_, t, _| Ok(hash(t))),
    ("Set.isEmpty", |m, t, _| {
        Ok(Value::Boolean(set(m, t)?.entries.borrow().len() == 0))
    }),
    ("Set.remove", |m, t, a| {
        let set = set(m, t)?;
        let value = m.known_key(&set.entries, &a[0])?;
        let removed = set.entries.borrow_mut().remove(&value);
        Ok(Value::Boolean(removed.is_some()))
    }),
    ("Set.removeAll", |m, t, a| {
        let items = elements(m, &a[0])?;
        let mut entries = set(m, t)?.entries.borrow_mut();
        let removed = items
            .iter()
            .filter(|item| entries.remove(item).is_some())
            .count();
        Ok(Value::Boolean(removed > 0))
    }),
    ("Set.retainAll", |m, t, a| {
        let items = elements(m, &a[0])?;
        let mut entries = set(m, t)?.entries.borrow_mut();
        let before = entries.len();
        for key in entries.keys() {
            if !items.iter().any(|item| item.equals(&key)) {
                entries.remove(&key);
            }
        }
        Ok(Value::Boolean(entries.len() != before))
    }),
    ("Set.size", |m, t, _| {
        Ok(count(set(m, t)?.entries.borrow().len()))
    }),
    ("Set.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Map.clear", |m, t, _| {
        *map(m, t)?.entries.borrow_mut() = Default::default();
        Ok(Value::Null)
    }),
    ("Map.clone", |m, t, _| {
        let map = map(m, t)?;
        Ok(Value::map(map.types.clone(), map.entries.borrow().pairs()))
    }),
    ("Map.deepClone", |m, t, _| {
        let map = map(m, t)?;
        let pairs = map.entries.borrow().pairs();
        let pairs = pairs
            .into_iter()
            .map(|(key, value)| (key, copy(&value, true)))
            .collect();
        Ok(Value::map(map.types.clone(), pairs))
    }),
    ("Map.containsKey", |m, t, a| {
        let map = map(m, t)?;
        let key = m.known_key(&map.entries, &a[0])?;
        Ok(Value::Boolean(map.entries.borrow().contains(&key)))
    }),
    ("Map.equals", |_, t, a| Ok(Value::Boolean(t.equals(&a[0])))),
    ("Map.get", |m, t, a| {
        let map = map(m, t)?;
        let key = m.known_key(&map.entries, &a[0])?;
        let found = map.entries.borrow().get(&key).cloned();
        Ok(found.unwrap_or(Value::Null))
    }),
    ("Map.hashCode", |_, t, _| Ok(hash(t))),
    ("Map.isEmpty", |m, t, _| {
        Ok(Value::Boolean(map(m, t)?.entries.borrow().len() == 0))
    }),
    ("Map.keySet", |m, t, _| {
        let map = map(m, t)?;
        Ok(Value::set(map.types.0.clone(), map.entries.borrow().keys()))
    }),
    ("Map.put", |m, t, a| {
        let map = map(m, t)?;
        let key = m.known_key(&map.entries, &a[0])?;
        let before = map.entries.borrow_mut().put(key, a[1].clone());
        Ok(before.unwrap_or(Value::Null))
    }),
    ("Map.putAll", |m, t, a| {
        let pairs = match &a[0] {
            Value::Map(other) => other.entries.borrow().pairs(),
            Value::List(records) => m.by_id(&records.items.borrow())?,
            _ => return Err(m.null_pointer()),
        };
        let mut entries = map(m, t)?.entries.borrow_mut();
        for (key, value) in pairs {
            entries.put(key, value);
        }
        Ok(Value::Null)
    }),
    ("Map.remove", |m, t, a| {
        let map = map(m, t)?;
        let key = m.known_key(&map.entries, &a[0])?;
        let removed = map.entries.borrow_mut().remove(&key);
        Ok(removed.unwrap_or(Value::Null))
    }),
    ("Map.size", |m, t, _| {
        Ok(count(map(m, t)?.entries.borrow().len()))
    }),
    ("Map.values", |m, t, _| {
        let map = map(m, t)?;
        Ok(Value::list(
            map.types.1.clone(),
            map.entries.borrow().values(),
        ))
    }),
    ("Map.toString", |m, t, _| m.show(t).map(Value::text)),
];

fn list<'v>(machine: &Machine<'_>, value: &'v Value) -> Outcome<&'v Rc<List>> {
    match value {
        Value::List(list) => Ok(list),
        _ => Err(machine.null_pointer()),
    }
}

fn set<'v>(machine: &Machine<'_>, value: &'v Value) -> Outcome<&'v Rc<Set>> {
    match value {
        Value::Set(set) => Ok(set),
        _ => Err(machine.null_pointer()),
    }
}

fn map<'v>(machine: &Machine<'_>, value: &'v Value) -> Outcome<&'v Rc<Map>> {
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(machine.null_pointer()),
    }
}

/// The elements of a List or Set that must not be null.
pub fn elements(machine: &Machine<'_>, value: &Value) -> Outcome<Vec<Value>> {
    value.elements().ok_or_else(|| machine.null_pointer())
}

/// A size as an Integer.
pub fn count(size: usize) -> Value {
    Value::Integer(i32::try_from(size).unwrap_or(i32::MAX))
}

fn add(set: &Set, value: &Value) -> bool {
    let mut entries = set.entries.borrow_mut();
    if entries.contains(value) {
        return false;
    }
    entries.put(value.clone(), Value::Null);
    true
}

// The key under which a value is looked up; a set of Ids finds 15 characters too.
fn same_kind(set: &Set, value: &Value) -> Value {
    match (&set.element, value) {
        (super::super::types::Type::Id, Value::String(text)) => {
            Value::Id(Arc::from(crate::metadata::id18(text)))
        }
        _ => value.clone(),
    }
}

fn position(machine: &Machine<'_>, list: &List, index: &Value, past: usize) -> Outcome<usize> {
    let wanted = index.as_long().ok_or_else(|| machine.null_pointer())?;
    usize::try_from(wanted)
        .ok()
        .filter(|position| *position < list.items.borrow().len() + past)
        .ok_or_else(|| machine.out_of_bounds(wanted))
}

fn index_of(machine: &mut Machine<'_>, this: &Value, wanted: &Value) -> Outcome<Option<usize>> {
    let items = list(machine, this)?.items.borrow().clone();
    for (index, item) in items.iter().enumerate() {
        if machine.equals(item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// A hash code: the same for equal values.
pub fn hash(value: &Value) -> Value {
    let key = super::super::value::hash_key(value);
    let hash = key.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31)
            .wrapping_add(i32::from(unit.cast_signed()))
    });
    Value::Integer(hash)
}

fn iterator(machine: &Machine<'_>, this: &Value) -> Outcome<Value> {
    let items = Value::list(super::super::types::Type::Object, elements(machine, this)?);
    Ok(machine.platform_object(
        "system.listiterator",
        &[("items", items), ("position", Value::Integer(0))],
    ))
}

// By a Comparator, which gets nulls too.
fn sort_by(machine: &mut Machine<'_>, this: &Value, comparator: &Value) -> Outcome<Value> {
    let list = list(machine, this)?;
    let items = list.items.borrow().clone();
    let sorted = ordered(items, |a, b| {
        let arguments = vec![a.clone(), b.clone()];
        let result = machine.call_method(comparator, "compare", arguments)?;
        Ok(result.as_long().unwrap_or_default().cmp(&0))
    })?;
    *list.items.borrow_mut() = sorted;
    Ok(Value::Null)
}

// In a stable order, until the comparison fails.
fn ordered(
    mut items: Vec<Value>,
    mut compare: impl FnMut(&Value, &Value) -> Outcome<Ordering>,
) -> Outcome<Vec<Value>> {
    let mut problem = None;
    items.sort_by(|a, b| {
        if problem.is_some() {
            return Ordering::Equal;
        }
        compare(a, b).unwrap_or_else(|throw| {
            problem = Some(throw);
            Ordering::Equal
        })
    });
    problem.map_or(Ok(items), Err)
}

// Nulls first; objects by their compareTo.
fn sort(machine: &mut Machine<'_>, this: &Value) -> Outcome<Value> {
    let list = list(machine, this)?;
    let items = list.items.borrow().clone();
    let objects = items.iter().any(|item| matches!(item, Value::Object(_)));
    if !objects && items.iter().any(|item| matches!(item, Value::Record(_))) {
        return Err(Throw::Unsupported("sorting sObjects".to_owned()));
    }
    let sorted = ordered(items, |a, b| {
        if objects && !a.is_null() && !b.is_null() {
            let result = machine.call_method(a, "compareTo", vec![b.clone()])?;
            return Ok(result.as_long().unwrap_or_default().cmp(&0));
        }
        order(a, b).ok_or_else(|| Throw::Unsupported("sorting these values".to_owned()))
    })?;
    *list.items.borrow_mut() = sorted;
    Ok(Value::Null)
}
