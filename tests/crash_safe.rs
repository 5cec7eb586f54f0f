//! A local org that is killed in the middle of its work keeps what it answered for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;
#[path = "common/served.rs"]
mod served;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use common::Place;
use served::Served;

/// Asks for a new Case on a connection of its own; its id, or nothing when the server went away.
fn create(address: &str, token: &str) -> Option<String> {
    let body = "{\"Subject\":\"kept\"}";
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "POST /services/data/v66.0/sobjects/Case HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let start = answer.find("\"id\":\"")? + 6;
    answer.get(start..start + 18).map(str::to_owned)
}

#[test]
fn what_was_answered_survives_a_kill() {
    let place = Place::minimal();
    let mut answered: Vec<String> = Vec::new();
    for round in 0..4 {
        let served = Served::start(&place, &[]);
        let address = served.instance_url.trim_start_matches("http://").to_owned();
        let token = served.token.clone();
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let (address, token) = (address.clone(), token.clone());
                std::thread::spawn(move || {
                    let mut ids = Vec::new();
                    while let Some(id) = create(&address, &token) {
                        ids.push(id);
                    }
                    ids
                })
            })
            .collect();
        // Killed (SIGKILL) after an answer of this process, while the writers go on.
        for _ in 0..=round {
            answered.extend(create(&address, &token));
        }
        drop(served);
        for writer in writers {
            answered.extend(writer.join().unwrap());
        }
    }
    assert!(answered.len() >= 4);
    let text = std::fs::read_to_string(place.path().join("served/org.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kept: Vec<&str> = state["records"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|record| record["id"].as_str())
        .collect();
    for id in &answered {
        assert!(kept.contains(&id.as_str()), "{id} was answered and is gone");
    }
    let mut distinct = answered.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), answered.len(), "an id was given twice");
}

/// Ctrl-C is the ordinary end of a served org: nothing is left but its state.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_cleanly() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let place = Place::minimal();
    let start = || {
        let mut child = place
            .command(&["emulator", "start", "--state", "served"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = || {
            let line = lines.next().unwrap().unwrap();
            line.split_once('=')
                .unwrap()
                .1
                .trim_matches('\'')
                .to_owned()
        };
        let address = value().trim_start_matches("http://").to_owned();
        (child, address, value())
    };
    let (child, address, token) = start();
    let id = create(&address, &token).unwrap();
    // A client that says nothing does not hold it.
    let _idle = TcpStream::connect(&address).unwrap();
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(
        !said.contains("error") && !said.contains("panicked"),
        "{said}"
    );
    assert!(
        TcpStream::connect(&address).is_err(),
        "nobody listens any more"
    );
    let mut left: Vec<String> = std::fs::read_dir(place.path().join("served"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["org.json", "org.lock"]);
    // The next one goes on where it was, with a token of its own.
    let (mut child, address, fresh) = start();
    assert_ne!(fresh, token);
    assert_eq!(
        create(&address, &token),
        None,
        "the old token is worth nothing"
    );
    assert_ne!(create(&address, &fresh).unwrap(), id);
    child.kill().unwrap();
    child.wait().unwrap();
}
