//! What the parser is given in place of a source, where the grammar knows less than Apex.

use std::borrow::Cow;

const WORD: &[u8] = b"trigger";

/// The source with another word of the same length for `Trigger` in `Trigger.new` and the like:
/// every byte keeps its place, so a node's text is read from the source itself. Where a statement
/// begins, the grammar takes the word for that of a trigger's declaration, and refuses
/// `Trigger.new[0].addError('…');`.
pub fn for_parser(source: &str) -> Cow<'_, str> {
    let bytes = source.as_bytes();
    let mut given = Cow::Borrowed(source);
    let mut from = 0;
    while let Some(start) = find_word(bytes, from) {
        from = start + WORD.len();
        if bytes.get(after_spaces(bytes, from)) == Some(&b'.') {
            given.to_mut().replace_range(start..from, "Triggeq");
        }
    }
    given
}

/// The next place of the word, in any case of its letters.
fn find_word(bytes: &[u8], from: usize) -> Option<usize> {
    let part_of_a_name = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii())
    };
    let windows = bytes.get(from..)?.windows(WORD.len()).enumerate();
    windows
        .filter(|(_, window)| window.eq_ignore_ascii_case(WORD))
        .map(|(index, _)| from + index)
        .find(|start| {
            let before = start.checked_sub(1).and_then(|before| bytes.get(before));
            !part_of_a_name(before) && !part_of_a_name(bytes.get(start + WORD.len()))
        })
}

fn after_spaces(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    from + spaces.count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_word_before_a_dot_is_replaced() {
        for (source, given) in [
            (
                "Trigger.new[0].addError('x');",
                "Triggeq.new[0].addError('x');",
            ),
            (
                "for (Case c : TRIGGER . New) {}",
                "for (Case c : Triggeq . New) {}",
            ),
            (
                "a(trigger.oldMap, Trigger.isInsert);",
                "a(Triggeq.oldMap, Triggeq.isInsert);",
            ),
            (
                "MyTrigger.new; a.triggers.b; ",
                "MyTrigger.new; a.triggers.b; ",
            ),
            (
                "trigger A on Case (before insert) {}",
                "trigger A on Case (before insert) {}",
            ),
            ("Trigger", "Trigger"),
            ("Trigger.", "Triggeq."),
        ] {
            assert_eq!(for_parser(source), given);
        }
    }

    proptest! {
        /// No byte moves, and nothing but that word changes.
        #[test]
        fn every_byte_keeps_its_place(source in "(Trigger|TRIGGER|\\.| |new|[a-zé_\n]|0){0,40}") {
            let given = for_parser(&source);
            prop_assert_eq!(given.len(), source.len());
            for (index, (was, is)) in source.bytes().zip(given.bytes()).enumerate() {
                prop_assert!(was == is || b"Triggeq".contains(&is), "{}", index);
            }
        }
    }
}
