//! One request to a URL that is not an org's: whether anything answers there, and what.

use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;

use super::fault::Fault;
use super::session::InstanceUrl;
use super::transport::{Deadlines, failure, http_client};
use crate::secret::{Secret, mask_url};

/// What came back.
#[derive(Debug)]
pub struct Knock {
    /// The host, which is all of the URL that may be shown.
    pub host: String,
    /// The status, or why there was none. The answer's body is not read.
    pub answer: Result<u16, Fault>,
    /// Until the status was there.
    pub took: Duration,
}

/// Posts a JSON text once, without credentials, redirects or a second try.
///
/// # Errors
/// [`Fault::BadInstanceUrl`] when the URL is not https (but for this machine) or none at all: then
/// nothing is sent. [`Fault::Setup`] when no request could be made.
pub async fn knock(url: &Secret, json: &str, deadlines: Deadlines) -> Result<Knock, Fault> {
    let host = InstanceUrl::parse(url.expose())?;
    let whole = Url::parse(url.expose()).map_err(|_| Fault::BadInstanceUrl {
        url: mask_url(url.expose()),
        reason: "it is not a URL",
    })?;
    let client = http_client(&host, deadlines)?;
    let start = Instant::now();
    let sent = client
        .post(whole)
        .header(CONTENT_TYPE, "application/json")
        .body(json.to_owned())
        .send()
        .await;
    Ok(Knock {
        host: host.host().to_owned(),
        answer: match sent {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(failure::from_reqwest(&error, host.host())),
        },
        took: start.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    fn deadlines(milliseconds: u64) -> Deadlines {
        Deadlines {
            request: Duration::from_millis(milliseconds),
            ..Deadlines::default()
        }
    }

    /// Says that to whoever comes, as soon as they have said the last of their words; gives those
    /// back.
    fn server(last_words: &'static [u8], answer: &'static [u8]) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut said = Vec::new();
            let mut buffer = [0; 1024];
            loop {
                let read = stream.read(&mut buffer).unwrap_or(0);
                said.extend_from_slice(&buffer[..read]);
                if read == 0 || said.ends_with(last_words) {
                    break;
                }
            }
            let _ = stream.write_all(answer);
            String::from_utf8_lossy(&said).into_owned()
        });
        (address.to_string(), thread)
    }

    #[tokio::test]
    async fn posts_the_body_and_nothing_of_us_but_the_name() {
        let (address, thread) = server(
            b"{}",
            b"HTTP/1.1 307 x\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
        );
        let url = Secret::new(format!("http://{address}/webhook/t0ken"));
        let knock = knock(&url, "{}", deadlines(5_000)).await.unwrap();
        assert_eq!(knock.answer.unwrap(), 307);
        assert_eq!(knock.host, "127.0.0.1");
        let said = thread.join().unwrap();
        assert!(
            said.starts_with("POST /webhook/t0ken HTTP/1.1\r\n"),
            "{said}"
        );
        assert!(
            !said.to_ascii_lowercase().contains("authorization"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn silence_and_broken_tls_are_told_apart() {
        // Connections are taken by the system, and nobody answers.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Secret::new(format!("http://{}/", listener.local_addr().unwrap()));
        let silent = knock(&url, "{}", deadlines(100)).await.unwrap();
        assert!(matches!(silent.answer, Err(Fault::AnswerTimedOut { .. })));
        // Whatever comes is answered as if it were HTTP.
        let (address, thread) = server(b"", b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let url = Secret::new(format!("https://{address}/"));
        let plain = knock(&url, "{}", deadlines(60_000)).await.unwrap();
        assert!(matches!(plain.answer, Err(Fault::Tls { .. })), "{plain:?}");
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn nothing_is_sent_in_the_clear() {
        for url in ["http://api.open.cx/webhook/t0ken", "api.open.cx", ""] {
            let refused = knock(&Secret::new(url), "{}", Deadlines::default()).await;
            let Err(fault @ Fault::BadInstanceUrl { .. }) = refused else {
                panic!("{url}: {refused:?}");
            };
            assert!(!fault.to_string().contains("t0ken"));
        }
    }
}
