//! What the environment says of proxies and certificates, checked before anything is asked: the HTTP
//! client leaves out what it can't read, and then fails for a reason that names nothing.

use std::path::Path;

use super::context::env;
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
