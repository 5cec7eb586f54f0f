//! The module order that the crate documentation states, held against the `use` lines.

#![allow(clippy::unwrap_used, reason = "a test stops where it can't go on")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The modules in the order of the table in `src/lib.rs`.
fn order() -> Vec<String> {
    let text = std::fs::read_to_string("src/lib.rs").unwrap();
    let modules: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .filter_map(|line| line.split_once('`').map(|(name, _)| name.to_owned()))
        .collect();
    assert!(modules.len() > 10, "the table in src/lib.rs was not found");
    modules
}

/// The top-level module that a source file belongs to; `None` for lib.rs and main.rs.
fn module_of(path: &Path) -> Option<String> {
    let first = path.strip_prefix("src").ok()?.components().next()?;
    let name = first.as_os_str().to_string_lossy();
    let name = name.strip_suffix(".rs").unwrap_or(&name);
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

/// The first names of what stands behind a `::`: `plan` of `plan::Plan`, `diag` and `sf` of
/// `{diag, sf::wire}`.
fn heads(rest: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 1_usize;
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => found.push(String::new()),
                _ if depth == 1 => found.last_mut().unwrap().push(character),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    } else {
        found[0].push_str(rest);
    }
    let name = |path: &String| -> String {
        let path = path.trim().chars();
        path.take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let names = found.iter().map(name);
    names.filter(|name| !name.is_empty()).collect()
}

/// The modules that a text names with a path: with `crate::` those of this crate.
fn used(text: &str, path: &str) -> Vec<String> {
    text.split(path).skip(1).flat_map(heads).collect()
}

/// What a text names `levels` modules further up: with two, `super::super::state` and no deeper or
/// shorter path.
fn used_above(text: &str, levels: usize) -> Vec<String> {
    const UP: &str = "super::";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(UP) {
        let chain = &rest[at..];
        let mut behind = chain;
        let mut count = 0;
        while let Some(next) = behind.strip_prefix(UP) {
            (behind, count) = (next, count + 1);
        }
        if count == levels {
            found.extend(heads(behind));
        }
        rest = behind;
    }
    found
}

/// Source files that exist in test builds only: `#[cfg(test)] mod name;` of their parent.
fn test_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in WalkDir::new("src").into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|suffix| suffix != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for declared in text.split("#[cfg(test)]").skip(1) {
            let declared = declared.trim_start().trim_start_matches("pub(crate) ");
            if let Some((name, _)) = declared
                .strip_prefix("mod ")
                .and_then(|m| m.split_once(';'))
                && !name.contains('{')
            {
                found.push(entry.path().with_extension("").join(name));
            }
        }
    }
    found
}

/// Module, path and text of every source file that is part of the binary.
fn sources() -> Vec<(String, String, String)> {
    let test_files = test_files();
    WalkDir::new("src")
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|suffix| suffix == "rs")
        })
        .filter_map(|entry| {
            let module = module_of(entry.path())?;
            let stem = entry.path().with_extension("");
            if test_files.iter().any(|test| stem.starts_with(test)) {
                return None;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            Some((module, entry.path().display().to_string(), text))
        })
        .collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let order = order();
    let level: BTreeMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(index, name)| (name.as_str(), index))
        .collect();
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (module, file, text) in sources() {
        let Some(own) = level.get(module.as_str()) else {
            wrong.push(format!(
                "{file}: module `{module}` is not in the table of src/lib.rs"
            ));
            continue;
        };
        seen.insert(module.clone());
        for name in used(&text, "crate::") {
            match level.get(name.as_str()) {
                Some(other) if other > own => {
                    wrong.push(format!(
                        "{file}: `{module}` uses `{name}`, which is below it"
                    ));
                }
                _ => {}
            }
        }
    }
    for name in &order {
        if !seen.contains(name) {
            wrong.push(format!(
                "`{name}` is in the table of src/lib.rs and has no file"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines of the list in `src/emulator.rs`, each with the parts that it names.
fn parts_of_the_emulator() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string("src/emulator.rs").unwrap();
    let list = text.split("//! - ").skip(1);
    let lines = list.map(|line| line.split("\n\n").next().unwrap_or_default());
    lines
        .map(|line| {
            let quoted = line.split('`').skip(1).step_by(2);
            let is_part = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            quoted.filter(is_part).map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn a_part_of_the_emulator_uses_only_those_above_it() {
    let mut level = BTreeMap::new();
    for (index, names) in parts_of_the_emulator().into_iter().enumerate() {
        level.extend(names.into_iter().map(|name| (name, index)));
    }
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (_, file, text) in sources() {
        let Ok(path) = Path::new(&file).strip_prefix("src/emulator") else {
            continue;
        };
        let path = path.with_extension("");
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let own = parts[0].to_string();
        let Some(own_level) = level.get(&own) else {
            wrong.push(format!(
                "{file}: `{own}` is not in the list of src/emulator.rs"
            ));
            continue;
        };
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let above = used_above(code, parts.len());
        for name in above.into_iter().chain(used(code, "crate::emulator::")) {
            if let Some(other) = level.get(&name)
                && name != own
                && other >= own_level
            {
                wrong.push(format!(
                    "{file}: `{own}` uses `{name}`, which is not above it"
                ));
            }
        }
        seen.insert(own);
    }
    let missing = level.keys().filter(|name| !seen.contains(*name));
    wrong.extend(missing.map(|name| format!("`{name}` is listed and has no file")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_guard_opens_a_writer() {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(module, _, text)| module != "guard" && text.contains("Writer::open"))
        .map(|(_, file, _)| file)
        .collect();
    assert!(
        offenders.is_empty(),
        "Writer::open outside guard: {offenders:?}"
    );
}

#[test]
fn the_emulator_shares_only_wire_types_with_the_client() {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(module, _, _)| module == "emulator")
        .filter(|(_, _, text)| {
            text.split("crate::sf::")
                .skip(1)
                .any(|rest| !rest.starts_with("wire"))
        })
        .map(|(_, file, _)| file)
        .collect();
    assert!(
        offenders.is_empty(),
        "the emulator uses the client: {offenders:?}"
    );
}

#[test]
fn only_the_command_line_touches_terminal_and_environment() {
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in [
            "env::var",
            "process::exit",
            "println!",
            "eprintln!",
            "stdout()",
            "stderr()",
        ] {
            if module != "cli" && code.contains(word) {
                wrong.push(format!("{file}: `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reads_use_lines() {
    assert_eq!(
        used(
            "use crate::{\n diag::{Code, Place},\n sf::wire,\n};\nfn f(x: crate::plan::Plan) {}",
            "crate::"
        ),
        ["diag", "sf", "plan"]
    );
    let text = "use super::super::{Error, runtime::{self, Left}};\nuse super::own;\nx(super::super::ids::same())";
    assert_eq!(used_above(text, 2), ["Error", "runtime", "ids"]);
    assert_eq!(used_above(text, 1), ["own"]);
}
