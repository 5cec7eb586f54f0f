//! The line that says which template a component came from, and the text without it.

use std::fmt;

use sha2::{Digest as _, Sha256};

const LEAD: &str = "opencx-sf template=";
const COMMENT_LEAD: &str = "// opencx-sf template=";

/// Where a component's text came from: one line that every rendered component carries.
///
/// In Apex a line comment of its own, in XML the end of `description`:
/// `opencx-sf template=classes/OpenCxJob.cls version=3 digest=0123456789abcdef`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The template's path below `templates/`.
    pub template: String,
    /// The template's version.
    pub version: u32,
    /// First 16 hexadecimal digits of SHA-256 over the content without the marker.
    pub digest: String,
}

impl Marker {
    /// The marker of an Apex source: the first line that is a marker comment and nothing else. A
    /// marker's text in a string literal or behind code is not one.
    pub fn in_source(source: &str) -> Option<Self> {
        lines(source).find_map(marker_line)
    }

    /// The marker at the end of an XML `description`, also when an org has folded its white space.
    pub fn in_description(description: &str) -> Option<Self> {
        let start = description.rfind(LEAD)?;
        Self::parse(&description[start..])
    }

    /// Reads the form that `Display` writes; white space around the parts doesn't matter.
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some("opencx-sf") {
            return None;
        }
        let template = words.next()?.strip_prefix("template=")?;
        let version = words.next()?.strip_prefix("version=")?.parse().ok()?;
        let digest = words.next()?.strip_prefix("digest=")?;
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = words.next().is_none()
            && !template.is_empty()
            && digest.len() == 16
            && digest.bytes().all(hexadecimal);
        fits.then(|| Self {
            template: template.to_owned(),
            version,
            digest: digest.to_owned(),
        })
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            template,
            version,
            digest,
        } = self;
        write!(f, "{LEAD}{template} version={version} digest={digest}")
    }
}

/// A line without its end, if it is a marker comment.
fn marker_line(line: &str) -> Option<Marker> {
    if !line.starts_with(COMMENT_LEAD) {
        return None;
    }
    Marker::parse(line.strip_prefix("// ")?)
}

/// The lines of a source, whichever line ends it has, without its BOM.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    let text = source.trim_start_matches('\u{feff}');
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Apex source in the form in which two sources are compared: no BOM, LF, exactly one final
/// newline; the marker line is left out. Nothing else is touched, so any other edit is seen.
pub fn normalize(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 1);
    let mut marker_seen = false;
    for line in lines(source) {
        if !marker_seen && marker_line(line).is_some() {
            marker_seen = true;
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    out.push('\n');
    out
}

/// First 16 hexadecimal digits of SHA-256 over [`normalize`]d source.
pub fn digest(source: &str) -> String {
    let hash = Sha256::digest(normalize(source).as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The source in normal form with the marker comment as its first line, replacing the one that is
/// there. A leading line comment leaves the ApexDoc comment where documentation tools look for
/// it, right above the declaration.
pub fn stamp(source: &str, template: &str, version: u32) -> String {
    let marker = Marker {
        template: template.to_owned(),
        version,
        digest: digest(source),
    };
    format!("// {marker}\n{}", normalize(source))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker() -> Marker {
        Marker {
            template: "classes/A.cls".to_owned(),
            version: 3,
            digest: "0123456789abcdef".to_owned(),
        }
    }

    const TEXT: &str = "opencx-sf template=classes/A.cls version=3 digest=0123456789abcdef";

    #[test]
    fn text_form() {
        assert_eq!(marker().to_string(), TEXT);
        assert_eq!(
            Marker::in_description(&format!("Managed by opencx-sf.\n  {TEXT} ")),
            Some(marker())
        );
        assert_eq!(
            Marker::in_source(&format!("/* x */\r\n// {TEXT}\r\n")),
            Some(marker())
        );
    }

    #[test]
    fn only_a_comment_of_its_own_counts_in_source() {
        for source in [
            format!("class A {{ String s = '// {TEXT}'; }}"),
            format!("class A {{}} // {TEXT}"),
            format!("  // {TEXT}"),
            format!("// {TEXT} and more"),
            "// opencx-sf template= version=3 digest=0123456789abcdef".to_owned(),
            "// opencx-sf template=a version=-3 digest=0123456789abcdef".to_owned(),
            "// opencx-sf template=a version=3 digest=0123456789ABCDEF".to_owned(),
            "// opencx-sf template=a version=3 digest=0123".to_owned(),
        ] {
            assert_eq!(Marker::in_source(&source), None, "{source}");
        }
    }

    #[test]
    fn normal_form() {
        for (source, normal) in [
            ("", "\n"),
            ("a", "a\n"),
            ("\u{feff}a\r\nb\rc\n\n\n", "a\nb\nc\n"),
            ("\na \n", "\na \n"),
        ] {
            assert_eq!(normalize(source), normal);
        }
        assert_eq!(
            normalize(&format!("// {TEXT}\nclass A {{}}")),
            "class A {}\n"
        );
        // Of two, one stays: it is an edit that somebody made.
        assert_eq!(
            normalize(&format!("// {TEXT}\n// {TEXT}\n")),
            format!("// {TEXT}\n")
        );
    }

    #[test]
    fn stamping_puts_the_digest_of_the_rest_into_the_first_line() {
        // printf 'class A {}\n' | sha256sum
        let stamped = stamp("class A {}", "classes/A.cls", 3);
        assert_eq!(
            stamped,
            "// opencx-sf template=classes/A.cls version=3 digest=f119fc42a923d52c\nclass A {}\n"
        );
        let again = stamp(&stamped, "classes/A.cls", 4);
        assert_eq!(again, stamped.replace("version=3", "version=4"));
    }

    proptest! {
        #[test]
        fn stamping_does_not_change_the_digest(source in "(\u{feff}|[a-z/ ']|\r|\n)*") {
            let stamped = stamp(&source, "classes/A.cls", 1);
            prop_assert_eq!(digest(&stamped), digest(&source));
            prop_assert_eq!(Marker::in_source(&stamped).unwrap().digest, digest(&source));
            prop_assert_eq!(normalize(&normalize(&source)), normalize(&source));
        }

        #[test]
        fn any_text_can_be_read(text in any::<String>(), tail in "[a-z=0-9 ]*") {
            Marker::in_source(&text);
            Marker::in_source(&format!("// {LEAD}{tail}"));
            Marker::in_description(&format!("{text}{LEAD}{tail}"));
            normalize(&text);
        }
    }
}
