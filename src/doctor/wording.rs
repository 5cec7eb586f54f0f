//! Words that several findings share.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::sf::text::clean;

/// `1 job`, `3 jobs`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `2026-11-22 19:04 UTC`.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `01:00 on Tuesday (Europe/Berlin)`; in GMT where the zone isn't known here.
pub(super) fn clock_time(at: Timestamp, zone: &str) -> String {
    match TimeZone::get(zone) {
        Ok(found) if !zone.is_empty() => {
            let there = at.to_zoned(found);
            format!("{} ({zone})", there.strftime("%H:%M on %A"))
        }
        _ => format!("{} GMT", at.strftime("%H:%M on %A")),
    }
}

/// A message of the org without what could be a customer's address or a secret URL.
pub(crate) fn without_addresses(text: &str) -> String {
    let hidden = |word: &str| {
        if word.contains("://") {
            "[address]".to_owned()
        } else if word.contains('@') {
            "[mail address]".to_owned()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<String> = clean(text).split(' ').map(hidden).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_not_repeated() {
        assert_eq!(
            without_addresses("Bad: ann@acme.example at https://api.open.cx/hook/t0ken\nnow"),
            "Bad: [mail address] at [address] now"
        );
    }

    #[test]
    fn midnight_in_the_zone_of_the_user() {
        let midnight: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        assert_eq!(
            clock_time(midnight, "Asia/Tokyo"),
            "09:00 on Tuesday (Asia/Tokyo)"
        );
        assert_eq!(clock_time(midnight, "Nowhere/Else"), "00:00 on Tuesday GMT");
        assert_eq!(clock_time(midnight, ""), "00:00 on Tuesday GMT");
    }
}
