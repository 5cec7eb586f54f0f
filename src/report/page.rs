//! The frame of a page that needs nothing else: it opens from a disk, light or dark, wide or narrow,
//! and holds no script.

use super::style::plain;

/// A page. `body` is HTML, the rest is text.
pub(super) fn page(title: &str, heading: &str, about: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n\
         <h1>{}</h1>\n<p class=\"dim\">{}, by opencx-sf {}</p>\n{body}</main>\n</body>\n</html>\n",
        escaped(title),
        include_str!("page.css"),
        escaped(heading),
        escaped(about),
        env!("CARGO_PKG_VERSION"),
    )
}

/// How many of something there are, in a colour unless there are none.
pub(super) fn tile(number: usize, words: &str, class: &str) -> String {
    let class = if number == 0 { "none" } else { class };
    format!(
        "<div class=\"tile {class}\"><b>{number}</b> {}</div>\n",
        escaped(words)
    )
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    let text = plain(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
