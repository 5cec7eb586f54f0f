//! SPF, DKIM and DMARC, by a DNS server on this machine.

use std::net::UdpSocket;

use super::*;

/// A DNS server that knows these texts, and nothing else. Its messages are written by hand here
/// (RFC 1035, section 4.1), so that no library judges itself.
fn server(texts: &'static [(&'static str, &'static str)]) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(&answer(&buffer[..length], texts), from);
        }
    });
    address.to_string()
}

fn answer(query: &[u8], texts: &[(&str, &str)]) -> Vec<u8> {
    let mut end = 12;
    let mut name = Vec::new();
    while query[end] != 0 {
        let length = usize::from(query[end]);
        name.push(String::from_utf8_lossy(&query[end + 1..=end + length]).to_lowercase());
        end += length + 1;
    }
    let (name, question) = (name.join("."), &query[12..end + 5]);
    let found: Vec<&str> = texts
        .iter()
        .filter(|(of, _)| *of == name)
        .map(|(_, text)| *text)
        .collect();
    let count = u8::try_from(found.len()).unwrap();
    // An answer to a recursive query: no error, or no such name.
    let code = if found.is_empty() { 0x83 } else { 0x80 };
    let mut out = vec![query[0], query[1], 0x81, code, 0, 1, 0, count, 0, 0, 0, 0];
    out.extend_from_slice(question);
    for text in found {
        // The name is that of the question; TXT, IN, one minute.
        out.extend_from_slice(&[0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60]);
        // In two strings, as long records come.
        let (one, two) = text.split_at(text.len() / 2);
        let length = u16::try_from(text.len() + 2).unwrap();
        out.extend_from_slice(&length.to_be_bytes());
        for part in [one, two] {
            out.push(u8::try_from(part.len()).unwrap());
            out.extend_from_slice(part.as_bytes());
        }
    }
    out
}

const SYMPTOM: &str = "customer replies never reach Salesforce";
const DMARC: (&str, &str) = ("_dmarc.acme.example", "v=DMARC1; p=reject");
const KEY: (&str, &str) = (
    "sf1._domainkey.acme.example",
    "v=DKIM1; k=rsa; p=MIGfMA0GCS",
);

#[test]
fn records_that_let_salesforce_send_are_in_order() {
    let place = healthy();
    let server = server(&[
        ("acme.example", "google-site-verification=x"),
        ("acme.example", "v=spf1 include:spf.acme.example ~all"),
        (
            "spf.acme.example",
            "v=spf1 include:_spf.salesforce.com ~all",
        ),
        DMARC,
        KEY,
    ]);
    let args = [
        "doctor",
        SYMPTOM,
        "-o",
        "local",
        "--json",
        "--dns-server",
        &server,
    ];
    let report = place.run(&args).exits(3).json();
    assert_eq!(of(&report, "unknown"), ["doctor/forwarded-mail"]);
    for (code, said) in [
        ("doctor/spf", "lets Salesforce send"),
        ("doctor/dkim-record", "is published"),
        ("doctor/dmarc", "p=reject"),
    ] {
        let text = found(&report, code)["found"].to_string();
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn each_record_that_is_wrong_has_its_cause() {
    let place = healthy();
    for (texts, expected, said) in [
        (
            &[("acme.example", "v=spf1 mx -all"), DMARC, KEY][..],
            &["doctor/spf"][..],
            "does not include _spf.salesforce.com",
        ),
        (
            &[DMARC, KEY][..],
            &["doctor/spf"][..],
            "publishes no SPF record",
        ),
        (
            &[
                ("acme.example", "v=spf1 mx -all"),
                ("acme.example", "v=spf1 include:_spf.salesforce.com -all"),
                KEY,
            ][..],
            &["doctor/spf"][..],
            "publishes 2 SPF records",
        ),
        (
            &[("acme.example", "v=spf1 include:_spf.salesforce.com -all")][..],
            &["doctor/dkim-record"][..],
            "sf1._domainkey.acme.example is not published",
        ),
    ] {
        let server = server(texts);
        let report = causes_of(&place, &[SYMPTOM, "--dns-server", &server], expected);
        let text = found(&report, expected[0])["found"].to_string();
        assert!(text.contains(said), "{text}");
    }
    // Neither signed nor named, and others are told to refuse that.
    org(&place).set_dkim_key("acme.example", false).unwrap();
    let server = server(&[("acme.example", "v=spf1 mx -all"), DMARC]);
    causes_of(
        &place,
        &[SYMPTOM, "--dns-server", &server],
        &["doctor/spf", "doctor/dmarc"],
    );
}

#[test]
fn a_server_that_is_silent_leaves_it_untold() {
    let place = healthy();
    // Nobody listens there: the port was just given back.
    let closed = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let closed = closed.to_string();
    let args = [
        "doctor",
        SYMPTOM,
        "-o",
        "local",
        "--json",
        "--dns-server",
        &closed,
    ];
    let report = place.run(&args).exits(3).json();
    let unknown = of(&report, "unknown");
    assert!(
        unknown.contains(&"doctor/spf") && unknown.contains(&"doctor/dmarc"),
        "{unknown:?}"
    );
}
