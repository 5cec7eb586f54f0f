//! For tests: a server that plays a script, a clock that goes only where it is sent.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::clock::Clock;
use super::reader::Reader;
use super::session::Session;
use super::transport::Deadlines;
use crate::metadata::ApiVersion;
use crate::secret::Secret;

pub(crate) const TOKEN: &str = "00D000000000062!AQ.very.secret";

/// What the server does with one request.
pub(crate) enum Play {
    /// Sends these bytes and closes the connection.
    Send(Vec<u8>),
    /// Reads the request and resets the connection.
    Reset,
    /// Reads the request and says nothing until the client gives up.
    Silence,
    /// Sends these bytes, one by one and with pauses.
    Drip(Vec<u8>),
}

/// An answer with that status, content type and body, and more header lines.
pub(crate) fn answer(status: u16, content_type: &str, headers: &str, body: &str) -> Play {
    Play::Send(
        format!(
            "HTTP/1.1 {status} Word\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Connection: close\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

pub(crate) fn json(status: u16, body: &str) -> Play {
    answer(status, "application/json;charset=UTF-8", "", body)
}

/// A SOAP answer with that content of its body.
pub(crate) fn soap(status: u16, content: &str) -> Play {
    let envelope = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"http://soap.sforce.com/2006/04/metadata\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{content}\
         </soapenv:Body></soapenv:Envelope>"
    );
    answer(status, "text/xml;charset=UTF-8", "", &envelope)
}

/// A running server. Each request takes the next play; later ones are cut off.
pub(crate) struct Scripted {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) async fn start(script: impl IntoIterator<Item = Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let record = Arc::clone(&seen);
        let script: Vec<Play> = script.into_iter().collect();
        tokio::spawn(async move {
            let mut held = Vec::new();
            for play in script {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                record.lock().unwrap().push(request);
                match play {
                    Play::Send(bytes) => stream.write_all(&bytes).await.unwrap(),
                    Play::Reset => stream.set_zero_linger().unwrap(),
                    Play::Silence => held.push(stream),
                    Play::Drip(bytes) => {
                        tokio::spawn(async move {
                            for byte in bytes {
                                // The client has gone away.
                                if stream.write_all(&[byte]).await.is_err() {
                                    return;
                                }
                                tokio::time::sleep(Duration::from_millis(20)).await;
                            }
                        });
                    }
                }
            }
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
        Self { address, seen }
    }

    /// The requests so far, head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn session(&self) -> Session {
        Session::new(
            &format!("http://{}", self.address),
            Secret::new(TOKEN),
            ApiVersion::new(66),
        )
        .unwrap()
    }

    pub(crate) fn reader(&self, clock: &Arc<VirtualClock>) -> Reader {
        let deadlines = Deadlines {
            connect: Duration::from_millis(100),
            request: Duration::from_secs(120),
            ..Deadlines::default()
        };
        Reader::with(self.session(), deadlines, Arc::clone(clock) as _).unwrap()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await.unwrap() {
            0 => return String::from_utf8_lossy(&bytes).into_owned(),
            length => bytes.extend_from_slice(&chunk[..length]),
        }
    }
}

/// Time that passes by sleeping only.
#[derive(Default)]
pub(crate) struct VirtualClock(Mutex<(Duration, Vec<u128>)>);

impl VirtualClock {
    /// The sleeps so far, in milliseconds.
    pub(crate) fn sleeps(&self) -> Vec<u128> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut clock = self.0.lock().unwrap();
        clock.0 += time;
        clock.1.push(time.as_millis());
        Box::pin(std::future::ready(()))
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH + self.now()
    }
}
