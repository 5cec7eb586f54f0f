//! The browser in which somebody logs in.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::common::Ran;

/// The arguments of a login that opens no browser of its own.
pub const LOGIN: [&str; 6] = ["login", "-o", "dev", "--no-browser", "--port", "0"];

/// One request to the local org or to the waiting login, answer and all.
pub fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let authority = authority.replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(&authority).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Where an answer sends the browser.
pub fn location(answer: &str) -> String {
    let line = answer
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("location: "));
    line.expect(answer)["location: ".len()..].to_owned()
}

/// Runs that login and visits the address that it names: what the command said, and its code.
pub fn login(mut command: Command, visit: impl Fn(&str)) -> Ran {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let url = loop {
        let mut line = String::new();
        assert_ne!(err.read_line(&mut line).unwrap(), 0, "{said}");
        said.push_str(&line);
        if let Some(at) = line.find("http://") {
            break line[at..].trim().to_owned();
        }
    };
    visit(&url);
    err.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: said,
    }
}
