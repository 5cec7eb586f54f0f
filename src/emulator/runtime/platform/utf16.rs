//! A text by UTF-16 position, as Apex counts. Nearly every text is ASCII, where positions are
//! bytes: loops over `charAt` and `substring` would otherwise convert the whole text at each step.

use std::ops::Range;
use std::sync::Arc;

/// A text whose parts are addressed by UTF-16 unit.
pub enum Units {
    /// One byte is one unit.
    Ascii(Arc<str>),
    /// The units of any other text.
    Wide(Vec<u16>),
}

impl From<Arc<str>> for Units {
    fn from(text: Arc<str>) -> Self {
        if text.is_ascii() {
            Self::Ascii(text)
        } else {
            Self::Wide(text.encode_utf16().collect())
        }
    }
}

impl Units {
    /// How many units there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Ascii(text) => text.len(),
            Self::Wide(units) => units.len(),
        }
    }

    /// The unit at a position, or nothing behind the end.
    pub fn get(&self, position: usize) -> Option<u16> {
        match self {
            Self::Ascii(text) => text.as_bytes().get(position).copied().map(u16::from),
            Self::Wide(units) => units.get(position).copied(),
        }
    }

    /// The text of a range; positions behind the end count as the end.
    pub fn slice(&self, range: Range<usize>) -> String {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        match self {
            Self::Ascii(text) => text[range].to_owned(),
            Self::Wide(units) => String::from_utf16_lossy(&units[range]),
        }
    }

    /// Every unit in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (0..self.len()).filter_map(|position| self.get(position))
    }

    /// Where `wanted` is found first, from `start` on.
    pub fn find(&self, wanted: &Self, start: usize) -> Option<usize> {
        if let (Self::Ascii(text), Self::Ascii(wanted)) = (self, wanted) {
            let start = start.min(text.len());
            return text[start..].find(&**wanted).map(|found| start + found);
        }
        (start.min(self.len())..=self.len()).find(|position| self.has(wanted, *position))
    }

    /// Where `wanted` is found last.
    pub fn find_last(&self, wanted: &Self) -> Option<usize> {
        if let (Self::Ascii(text), Self::Ascii(wanted)) = (self, wanted) {
            return text.rfind(&**wanted);
        }
        (0..=self.len())
            .rev()
            .find(|position| self.has(wanted, *position))
    }

    fn has(&self, wanted: &Self, position: usize) -> bool {
        (0..wanted.len()).all(|index| self.get(position + index) == wanted.get(index))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Units;

    fn wide(text: &str) -> Units {
        Units::Wide(text.encode_utf16().collect())
    }

    proptest! {
        #[test]
        fn both_forms_of_a_text_agree(
            text in "[ab]{0,12}", wanted in "[ab]{0,3}", start in 0_usize..15, end in 0_usize..15,
        ) {
            let short = Units::from(std::sync::Arc::from(text.as_str()));
            let part = Units::from(std::sync::Arc::from(wanted.as_str()));
            let (long, wide_part) = (wide(&text), wide(&wanted));
            prop_assert_eq!(short.len(), long.len());
            prop_assert_eq!(short.get(start), long.get(start));
            prop_assert_eq!(short.slice(start..end), long.slice(start..end));
            prop_assert_eq!(short.find(&part, start), long.find(&wide_part, start));
            prop_assert_eq!(short.find_last(&part), long.find_last(&wide_part));
            prop_assert!(short.iter().eq(long.iter()));
        }
    }

    #[test]
    fn a_character_beyond_the_first_plane_takes_two_positions() {
        let units = Units::from(std::sync::Arc::from("a😀b"));
        assert_eq!(units.len(), 4);
        assert_eq!(units.slice(3..9), "b");
        assert_eq!(
            units.find(&Units::from(std::sync::Arc::from("b")), 0),
            Some(3)
        );
    }
}
