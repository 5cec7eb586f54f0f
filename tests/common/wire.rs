//! A wire between the tool and an org that can be held or cut at a given request.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It never arrives, and the connection stays open.
    HoldBefore,
    /// It arrives, and the answer is held back.
    HoldAfter,
    /// The connection closes before it arrives.
    CutBefore,
    /// It arrives with another method.
    Instead(&'static str),
    /// It arrives, and the connection closes before the answer.
    CutAfter,
}

/// A running wire. The threads end with the test's process.
pub struct Wire {
    pub url: String,
    held: Receiver<()>,
}

impl Wire {
    /// Leads to the org at that URL. `fate` gets each request's line (`GET /path HTTP/1.1`).
    pub fn to(url: &str, fate: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Self {
        Self::changing(url, fate, |_, answer| answer)
    }

    /// The same, and `change` gets each request's line and the body of its answer, and says what
    /// comes back in its place.
    pub fn changing(
        url: &str,
        fate: impl Fn(&str) -> Fate + Send + Sync + 'static,
        change: impl Fn(&str, String) -> String + Send + Sync + 'static,
    ) -> Self {
        let change: Arc<Change> = Arc::new(change);
        let org = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (holding, held) = channel();
        let fate: Arc<dyn Fn(&str) -> Fate + Send + Sync> = Arc::new(fate);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (org, fate, holding) = (org.clone(), Arc::clone(&fate), holding.clone());
                let change = Arc::clone(&change);
                // A peer that went away ends its own connection only.
                std::thread::spawn(move || serve(stream.ok()?, &org, &*fate, &*change, &holding));
            }
        });
        Self { url, held }
    }

    /// Whether a request is held, after at most that time.
    pub fn holds(&self, wait: Duration) -> bool {
        self.held.recv_timeout(wait).is_ok()
    }
}

type Change = dyn Fn(&str, String) -> String + Send + Sync;

/// An answer with another body, where it is text.
fn changed(answer: Vec<u8>, line: &str, change: &Change) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&answer) else {
        return answer;
    };
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head: Vec<&str> = head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("content-length"))
        .collect();
    let body = change(line, body.to_owned());
    let (head, length) = (head.join("\r\n"), body.len());
    format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

fn serve(
    mut client: TcpStream,
    org: &str,
    fate: &dyn Fn(&str) -> Fate,
    change: &Change,
    holding: &Sender<()>,
) -> Option<()> {
    loop {
        let request = message(&mut client)?;
        let line = String::from_utf8_lossy(&request);
        let fate = fate(line.lines().next()?);
        if fate == Fate::CutBefore {
            return client.shutdown(Shutdown::Both).ok();
        }
        if fate == Fate::HoldBefore {
            return hold(&client, holding);
        }
        let request = match fate {
            Fate::Instead(method) => with_method(&request, method),
            _ => request.clone(),
        };
        let mut server = TcpStream::connect(org).ok()?;
        server.write_all(&request).ok()?;
        let answer = message(&mut server)?;
        match fate {
            Fate::CutAfter => return client.shutdown(Shutdown::Both).ok(),
            Fate::HoldAfter => return hold(&client, holding),
            _ => {
                let line = line.lines().next()?;
                client.write_all(&changed(answer, line, change)).ok()?;
            }
        }
    }
}

/// A request with another method, and without its body.
fn with_method(request: &[u8], method: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let (_, rest) = head.split_once(' ').unwrap();
    let lines: Vec<&str> = rest
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("content-"))
        .collect();
    format!("{method} {}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

/// Says so, and keeps the connection until the peer goes away.
fn hold(client: &TcpStream, holding: &Sender<()>) -> Option<()> {
    holding.send(()).ok()?;
    let mut client = client;
    let _ = client.read(&mut [0; 1]);
    Some(())
}

/// Head and body of a message with a content length.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16_384];
    loop {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = head {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
