//! What the environment says of proxies and certificates, checked before anything is asked: the HTTP
//! client leaves out what it can't read, and then fails for a reason that names nothing.

use std::path::Path;

use super::environment::env;
use super::failure::Failure;
use crate::diag::{Category, Code, Diagnostic};
use crate::secret::mask_url;

const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Finds settings of the environment that can't be meant.
pub(super) fn check() -> Result<(), Failure> {
    let proxies = PROXIES.into_iter().filter_map(|name| {
        let value = env(name)?;
        (!value.is_empty() && !is_proxy(&value)).then(|| bad_proxy(name, &value))
    });
    let mut findings: Vec<Diagnostic> = proxies.collect();
    if let Some(path) = env("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        findings.extend(ca_file(&path));
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.into())
    }
}

/// `http://proxy.acme.example:3128`, or without the scheme.
fn is_proxy(value: &str) -> bool {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    known.contains(&scheme.to_ascii_lowercase().as_str())
        && !name.is_empty()
        && !name.contains(char::is_whitespace)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// What is said when no answer came: a proxy may be why, and it is easily forgotten that there is one.
const NO_CONNECTION: [&str; 5] = [
    "sf/host-not-found",
    "sf/unreachable",
    "sf/proxy",
    "sf/timeout",
    "sf/connection-lost",
];

/// Says of findings about a connection by which proxy it went, if one is set.
pub(super) fn name_proxy(findings: &mut [Diagnostic]) {
    let set = PROXIES.into_iter().find_map(|name| {
        let value = env(name).filter(|value| !value.is_empty())?;
        Some(proxy_note(
            name,
            &value,
            env("NO_PROXY").or(env("no_proxy")),
        ))
    });
    if let Some(note) = set {
        say(findings, &note);
    }
}

fn say(findings: &mut [Diagnostic], note: &str) {
    let about = findings
        .iter_mut()
        .filter(|finding| NO_CONNECTION.contains(&finding.code.0));
    for finding in about {
        finding.because.push(note.to_owned());
    }
}

/// Names the proxy without the user and the password that may be in its address.
fn proxy_note(name: &str, value: &str, no_proxy: Option<String>) -> String {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let except = no_proxy
        .filter(|hosts| !hosts.is_empty())
        .map_or_else(String::new, |hosts| format!(" (NO_PROXY is `{hosts}`)"));
    format!("{name} is set: what NO_PROXY does not list goes by the proxy {host}{except}")
}

fn bad_proxy(name: &str, value: &str) -> Diagnostic {
    let shown = mask_url(value);
    Diagnostic::error(
        Code("cli/bad-proxy"),
        Category::Config,
        format!("the variable {name} is not the address of a proxy: `{shown}`"),
    )
    .help(format!(
        "write it as http://HOST:PORT, with a password http://USER:PASSWORD@HOST:PORT; `unset \
         {name}` goes without one"
    ))
}

fn ca_file(path: &str) -> Option<Diagnostic> {
    let why = match std::fs::read(path) {
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") => {
            return None;
        }
        Ok(_) => "it holds no certificate in PEM form".to_owned(),
        Err(_) if Path::new(path).is_dir() => "it is a folder".to_owned(),
        Err(error) => error.to_string(),
    };
    let finding = Diagnostic::error(
        Code("cli/bad-ca-file"),
        Category::Config,
        format!("the variable SSL_CERT_FILE names `{path}`, which can't be used"),
    )
    .because(why)
    .help(
        "name a file of PEM certificates (a folder goes into SSL_CERT_DIR); `unset SSL_CERT_FILE` \
         goes by the machine's own store",
    );
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        for (value, no_proxy, said) in [
            (
                "http://c4nary:s3cret@proxy.acme.example:3128/x?y",
                None,
                "HTTPS_PROXY is set: what NO_PROXY does not list goes by the proxy \
                 proxy.acme.example:3128",
            ),
            (
                "c4nary:s3cret@proxy:3128",
                Some("localhost,.acme.example"),
                "HTTPS_PROXY is set: what NO_PROXY does not list goes by the proxy proxy:3128 \
                 (NO_PROXY is `localhost,.acme.example`)",
            ),
        ] {
            let no_proxy = no_proxy.map(str::to_owned);
            assert_eq!(proxy_note("HTTPS_PROXY", value, no_proxy), said);
        }
    }

    #[test]
    fn only_findings_about_a_connection_name_the_proxy() {
        let finding = |code| Diagnostic::error(Code(code), Category::Undetermined, "x");
        let mut findings = [
            finding("sf/host-not-found"),
            finding("sf/timeout"),
            finding("sf/token-refused"),
        ];
        say(&mut findings, "HTTPS_PROXY is set");
        let notes = findings.map(|finding| finding.because.len());
        assert_eq!(notes, [1, 1, 0]);
    }

    #[test]
    fn tells_proxies_from_other_texts() {
        for good in [
            "http://proxy.acme.example:3128",
            "proxy:3128",
            "https://u:p%40@proxy.acme.example",
            "socks5h://127.0.0.1:1080/",
            "http://[::1]:3128",
            "HTTP://proxy",
        ] {
            assert!(is_proxy(good), "{good}");
        }
        for bad in [
            "http://",
            "ftp://proxy:1",
            "proxy:http",
            "http://pro xy:1",
            "http://:80",
        ] {
            assert!(!is_proxy(bad), "{bad}");
        }
    }
}
