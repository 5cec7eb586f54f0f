//! HTML as it is written: text goes in escaped, markup on purpose.

use jiff::Timestamp;

/// HTML in the making.
#[derive(Default)]
pub struct Html(String);

impl Html {
    /// Adds markup as it is; never with text from outside.
    pub fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text. What could steer the reader's eye (control and direction characters) is made
    /// visible.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(character),
                '\r' => {}
                '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{FFFD}'),
                c if c.is_control() => self.0.push('\u{FFFD}'),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds an element with text in it. `class` may be empty.
    pub fn element(&mut self, name: &str, class: &str, text: &str) -> &mut Self {
        if class.is_empty() {
            self.raw(&format!("<{name}>"));
        } else {
            self.raw(&format!("<{name} class=\"{class}\">"));
        }
        self.text(text).raw(&format!("</{name}>"))
    }

    /// Adds a list of names and values; empty values are left out.
    pub fn pairs(&mut self, pairs: &[(&str, &str)]) -> &mut Self {
        self.raw("<dl>");
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            self.element("dt", "", name).element("dd", "", value);
        }
        self.raw("</dl>")
    }

    /// The HTML.
    pub fn done(self) -> String {
        self.0
    }
}

/// A moment, as an element.
pub fn time(at: Timestamp) -> String {
    format!(
        "<time datetime=\"{}\">{}</time>",
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        at.strftime("%Y-%m-%d %H:%M:%S UTC")
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Html;

    #[test]
    fn text_is_escaped() {
        let mut html = Html::default();
        html.element("p", "", "<b onclick='x'>\"&\u{1b}\u{202E}</b>");
        assert_eq!(
            html.done(),
            "<p>&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;\u{FFFD}\u{FFFD}&lt;/b&gt;</p>"
        );
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in "\\PC*|[<>&\"'/a-z ]*") {
            let mut html = Html::default();
            html.text(&text);
            let done = html.done();
            prop_assert!(!done.contains(['<', '>', '"', '\'']));
        }
    }
}
