//! The option table, and the configs that are made of it: every pair of values in at least one.

use std::collections::{BTreeMap, BTreeSet};

use opencx_sf::config::SHIPPED_NAMES;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `tests/rendered/options.yaml`.
#[derive(Debug, Deserialize)]
struct Table {
    base: Value,
    options: Map<String, Value>,
    never: Vec<(String, String)>,
}

/// One config.
#[derive(Debug, Clone)]
pub struct Combination {
    /// The values that are not the default, `option=value`, or `defaults`.
    pub name: String,
    /// The config file.
    pub config: String,
    /// Whether its names are longer than the Apex was formatted for.
    pub is_unformatted: bool,
}

/// A value: the indexes of its option and of itself.
type Choice = (usize, usize);

impl Table {
    fn read() -> Self {
        serde_yaml::from_str(include_str!("options.yaml")).unwrap()
    }

    /// How many values each option has.
    fn sizes(&self) -> Vec<usize> {
        let sizes = self.options.values();
        sizes
            .map(|values| values.as_object().unwrap().len())
            .collect()
    }

    fn label(&self, (option, value): Choice) -> String {
        let (name, values) = self.options.iter().nth(option).unwrap();
        let value = values.as_object().unwrap().keys().nth(value).unwrap();
        format!("{name}={value}")
    }

    /// The pairs that can't be together, in both orders.
    fn excluded(&self) -> BTreeSet<(Choice, Choice)> {
        let by_label: BTreeMap<String, Choice> = (0..)
            .zip(self.sizes())
            .flat_map(|(option, size)| (0..size).map(move |value| (option, value)))
            .map(|choice| (self.label(choice), choice))
            .collect();
        let pairs = self.never.iter();
        pairs
            .map(|(one, other)| (by_label[one], by_label[other]))
            .flat_map(|(one, other)| [(one, other), (other, one)])
            .collect()
    }

    fn combination(&self, row: &[usize]) -> Combination {
        let mut config = self.base.clone();
        for (values, chosen) in self.options.values().zip(row) {
            let values = values.as_object().unwrap();
            add(&mut config, values.values().nth(*chosen).unwrap());
        }
        let rename = config.as_object_mut().unwrap().remove("rename");
        if let Some(rename) = &rename {
            let names = every_name(rename.as_str().unwrap());
            add(&mut config, &json!({ "email_cases": { "names": names } }));
        }
        let changed: Vec<String> = (0..)
            .zip(row)
            .filter(|(_, chosen)| **chosen != 0)
            .map(|(option, chosen)| self.label((option, *chosen)))
            .collect();
        Combination {
            name: if changed.is_empty() {
                "defaults".to_owned()
            } else {
                changed.join(" ")
            },
            // JSON is YAML.
            config: serde_json::to_string_pretty(&config).unwrap(),
            is_unformatted: rename.is_some_and(|rename| rename == "longest"),
        }
    }
}

/// Lays one tree over another.
fn add(tree: &mut Value, other: &Value) {
    match (tree, other) {
        (Value::Object(tree), Value::Object(other)) => {
            for (key, value) in other {
                add(tree.entry(key).or_insert(Value::Null), value);
            }
        }
        (tree, other) => *tree = other.clone(),
    }
}

/// Another name for each component that can have one.
fn every_name(rename: &str) -> Map<String, Value> {
    let mut names = Map::new();
    for (index, (shipped, _)) in SHIPPED_NAMES.iter().enumerate() {
        let name = match rename {
            "same_length" => {
                let (start, last) = shipped.split_at(shipped.len() - 1);
                format!("{start}{}", if last == "z" { "y" } else { "z" })
            }
            "longest" => format!("{:X<40}", format!("Y{index}")),
            _ => panic!("{rename}"),
        };
        names.insert((*shipped).to_owned(), name.into());
    }
    names
}

/// The configs: the defaults first, then as many as it takes for every pair of values. The same
/// table gives the same configs.
pub fn combinations() -> Vec<Combination> {
    let table = Table::read();
    let excluded = table.excluded();
    let rows = pairwise(&table.sizes(), &excluded);
    rows.iter().map(|row| table.combination(row)).collect()
}

/// Every value of every option, `option=value`.
pub fn labels() -> Vec<String> {
    let table = Table::read();
    let choices = (0..)
        .zip(table.sizes())
        .flat_map(|(option, size)| (0..size).map(move |value| (option, value)));
    choices.map(|choice| table.label(choice)).collect()
}

/// The config with these values, `option=value` parted by spaces, and the defaults otherwise.
#[track_caller]
pub fn combination_of(labels: &str) -> Combination {
    let table = Table::read();
    let mut row = vec![0; table.options.len()];
    for label in labels.split_whitespace() {
        let choices = (0..)
            .zip(table.sizes())
            .flat_map(|(option, size)| (0..size).map(move |value| (option, value)));
        let found = choices.into_iter().find(|c| table.label(*c) == label);
        let (option, value) = found.unwrap_or_else(|| panic!("{label} is not in options.yaml"));
        row[option] = value;
    }
    table.combination(&row)
}

/// Rows with a value of each option, so that every pair of values that isn't excluded is in one.
fn pairwise(sizes: &[usize], excluded: &BTreeSet<(Choice, Choice)>) -> Vec<Vec<usize>> {
    let choices: Vec<Choice> = (0..)
        .zip(sizes)
        .flat_map(|(option, size)| (0..*size).map(move |value| (option, value)))
        .collect();
    let fits = |row: &[Choice], choice: Choice| {
        let free = row.iter().all(|taken| taken.0 != choice.0);
        free && row
            .iter()
            .all(|taken| !excluded.contains(&(*taken, choice)))
    };
    let mut open: BTreeSet<(Choice, Choice)> = BTreeSet::new();
    for one in &choices {
        for other in &choices {
            if one.0 < other.0 && !excluded.contains(&(*one, *other)) {
                open.insert((*one, *other));
            }
        }
    }
    let ordered = |one: Choice, other: Choice| (one.min(other), one.max(other));
    let mut rows = Vec::new();
    let mut row: Vec<Choice> = (0..sizes.len()).map(|option| (option, 0)).collect();
    loop {
        for (index, one) in row.iter().enumerate() {
            for other in &row[index + 1..] {
                open.remove(&ordered(*one, *other));
            }
        }
        row.sort_unstable();
        rows.push(row.iter().map(|(_, value)| *value).collect());
        let Some((one, other)) = open.first().copied() else {
            return rows;
        };
        row = vec![one, other];
        while row.len() < sizes.len() {
            // The value that settles most open pairs; among equals the first, which is a default.
            let gain = |choice: Choice| {
                let settles = |taken: &&Choice| open.contains(&ordered(**taken, choice));
                row.iter().filter(settles).count()
            };
            let next = choices.iter().rev().filter(|choice| fits(&row, **choice));
            let next = next.max_by_key(|choice| (gain(**choice), std::cmp::Reverse(choice.1)));
            row.push(*next.expect("the exclusions leave no value"));
        }
    }
}

#[test]
fn every_pair_of_values_is_in_a_combination() {
    let table = Table::read();
    let (sizes, excluded) = (table.sizes(), table.excluded());
    let rows = pairwise(&sizes, &excluded);
    let has = |one: Choice, other: Choice| {
        rows.iter()
            .any(|row| row[one.0] == one.1 && row[other.0] == other.1)
    };
    for (first, size) in sizes.iter().enumerate() {
        for (second, other_size) in sizes.iter().enumerate().skip(first + 1) {
            for value in 0..*size {
                for other in 0..*other_size {
                    let pair = ((first, value), (second, other));
                    let label = || format!("{} {}", table.label(pair.0), table.label(pair.1));
                    assert_ne!(has(pair.0, pair.1), excluded.contains(&pair), "{}", label());
                }
            }
        }
    }
}

#[test]
fn excluded_pairs_stay_apart_and_the_defaults_come_first() {
    let excluded = BTreeSet::from([((0, 1), (1, 1)), ((1, 1), (0, 1))]);
    let rows = pairwise(&[2, 3, 2, 4], &excluded);
    assert_eq!(rows[0], [0, 0, 0, 0]);
    assert!(rows.iter().all(|row| row[0] != 1 || row[1] != 1));
    assert!(rows.len() < 2 * 3 * 2 * 4 / 2, "{rows:?}");
}
