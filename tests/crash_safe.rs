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
