//! The threading token in a text, in each form in which it occurs.

/// The forms in which a token occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `thread::pp5XPGfmNf2hRZdRCWnrohc::`
    Lightning,
    /// `ref:_00D….…:ref` and `ref:!00D….!500…:ref`
    RefId,
}

/// The form of the first token in a text.
pub(crate) fn token_form(text: &str) -> Option<Form> {
    let between = |start: &str, end: &str, fits: fn(char) -> bool| {
        text.match_indices(start).any(|(at, _)| {
            let rest = &text[at + start.len()..];
            rest.find(end)
                .is_some_and(|length| length >= 10 && rest[..length].chars().all(fits))
        })
    };
    let of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '!');
    if between("thread::", "::", |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
    }) {
        Some(Form::Lightning)
    } else if between("ref:", ":ref", of_id) {
        Some(Form::RefId)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_found_in_each_of_its_forms() {
        for (text, form) in [
            (
                "Re: Hi thread::pp5XPGfmNf2hRZdRCWnrohc::",
                Some(Form::Lightning),
            ),
            (
                "Re: Hi [ ref:_00D5f4Lab._5005fXY1b:ref ]",
                Some(Form::RefId),
            ),
            ("ref:!00D5f04Lab.!5005f0XY1b:ref", Some(Form::RefId)),
            ("my ref: 12 and the thread:: of it ::", None),
            ("Ref: #12345", None),
            ("", None),
        ] {
            assert_eq!(token_form(text), form, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_through(text in "(thread::|ref:|:ref|::|[a-z0-9]{0,12}|\\PC){0,12}") {
            let _ = token_form(&text);
        }
    }
}
