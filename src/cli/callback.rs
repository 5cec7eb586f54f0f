//! The loopback side of a browser login: listens on this machine only, takes the one answer that
//! belongs to the attempt, and shows the person a page that says how it went.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::failure::Failure;
use crate::diag::{Category, Code, Diagnostic};
use crate::sf::auth::{Attempt, Callback, Grant, LoginError};

/// The callback's path, which the Salesforce CLI's app has registered (salesforcecli/plugin-auth).
const PATH: &str = "/OauthRedirect";

/// A browser's request is a few hundred bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// How long a connection may take to say what it wants. Browsers open some in advance.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Waits for the browser.
pub(super) struct Listener {
    listener: TcpListener,
    /// Where the browser is sent back to.
    pub(super) redirect_uri: String,
}

/// Listens on 127.0.0.1; port 0 takes any free one.
pub(super) async fn listen(port: u16) -> Result<Listener, Failure> {
    let taken = |error: std::io::Error| -> Failure {
        Diagnostic::error(
            Code("auth/port-taken"),
            Category::Auth,
            format!("port {port} of this machine is not free for the browser's answer"),
        )
        .because(error.to_string())
        .help(
            "is another login waiting? End it, or give another port with `--port` that is among \
             your app's callback URLs",
        )
        .into()
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(taken)?;
    let port = listener.local_addr().map_err(taken)?.port();
    Ok(Listener {
        listener,
        redirect_uri: format!("http://localhost:{port}{PATH}"),
    })
}

impl Listener {
    /// The browser's answer to the attempt. Whatever else knocks is sent away.
    pub(super) async fn wait(
        self,
        attempt: Attempt,
        patience: Duration,
    ) -> Result<Result<Grant, LoginError>, Failure> {
        let attempt = Arc::new(attempt);
        let (answers, mut answer) = mpsc::channel(1);
        let accepting = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (attempt, answers) = (Arc::clone(&attempt), answers.clone());
                tokio::spawn(async move {
                    if let Some(found) = serve(stream, &attempt).await {
                        // Nobody waits any more when an answer is there already.
                        let _ = answers.send(found).await;
                    }
                });
            }
        };
        tokio::select! {
            () = accepting => Err(too_late(patience)),
            found = answer.recv() => found.ok_or_else(|| too_late(patience)),
            () = tokio::time::sleep(patience) => Err(too_late(patience)),
        }
    }
}

fn too_late(patience: Duration) -> Failure {
    Diagnostic::error(
        Code("auth/login-timeout"),
        Category::Auth,
        format!(
            "nobody finished the login in the browser within {} minutes",
            patience.as_secs() / 60
        ),
    )
    .help(
        "run the command again; on a machine without a browser use another way of logging in, such \
         as `jwt` or `sfdx_url`",
    )
    .into()
}

/// Answers one request; gives what it brought.
async fn serve(mut stream: TcpStream, attempt: &Attempt) -> Option<Result<Grant, LoginError>> {
    let head = tokio::time::timeout(HEAD_PATIENCE, read_head(&mut stream))
        .await
        .ok()??;
    let target = head
        .strip_prefix("GET ")
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or_default();
    let (status, text, found) = match attempt.callback(target) {
        Callback::Granted(grant) => (
            "200 OK",
            "opencx-sf has what it needs. You can close this page.",
            Some(Ok(grant)),
        ),
        Callback::Refused(error) => (
            "200 OK",
            "Salesforce did not let opencx-sf in. The terminal says why.",
            Some(Err(error)),
        ),
        Callback::Foreign => (
            "404 Not Found",
            "This is not the answer that opencx-sf waits for.",
            None,
        ),
    };
    let page =
        format!("<!doctype html><meta charset=\"utf-8\"><title>opencx-sf</title><p>{text}</p>");
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The answer is in hand even when the browser no longer listens.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    found
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = stream.read(&mut chunk).await.ok()?;
        if length == 0 || head.len() + length > LONGEST_HEAD {
            return None;
        }
        head.extend_from_slice(&chunk[..length]);
    }
    String::from_utf8(head).ok()
}

/// Opens the user's browser. Where there is none, the address was printed.
pub(super) fn open_browser(url: &str) {
    let (program, first): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let _ = Command::new(program)
        .args(first)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn answer_to(url: &str, path: &str) -> String {
        let state = url.split("state=").nth(1).unwrap_or_default();
        let state = state.split('&').next().unwrap_or_default();
        format!("GET {path}?code=aPrx&state={state} HTTP/1.1\r\n\r\n")
    }

    /// A listener, its attempt, and the browser's request that it waits for.
    async fn waiting() -> (Listener, Attempt, String) {
        let listener = listen(0).await.unwrap();
        let attempt = Attempt::new("app", &listener.redirect_uri).unwrap();
        let login = crate::sf::InstanceUrl::parse("https://login.salesforce.com").unwrap();
        let request = answer_to(&attempt.authorize_url(&login), PATH);
        (listener, attempt, request)
    }

    #[tokio::test]
    async fn listens_on_this_machine_only() {
        let address = listen(0).await.unwrap().listener.local_addr().unwrap();
        assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);
    }

    #[tokio::test]
    async fn the_time_for_an_answer_ends() {
        let (listener, attempt, _) = waiting().await;
        let failure = listener.wait(attempt, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.into_findings()[0].code.0, "auth/login-timeout");
    }

    /// A connection that says nothing, and one that doesn't end what it says.
    #[tokio::test]
    async fn whoever_else_knocks_does_not_keep_the_answer_out() {
        let (listener, attempt, request) = waiting().await;
        let address = listener.listener.local_addr().unwrap();
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut talker = TcpStream::connect(address).await.unwrap();
        let knocking = async {
            let endless = vec![b'x'; LONGEST_HEAD + 2_048];
            // It is sent away: by its end, or by a reset, perhaps before all of it is written.
            let _ = talker.write_all(&endless).await;
            let left = talker.read(&mut [0; 64]).await;
            assert!(matches!(left, Ok(0) | Err(_)), "{left:?}");
            let mut browser = TcpStream::connect(address).await.unwrap();
            browser.write_all(request.as_bytes()).await.unwrap();
            let mut page = String::new();
            browser.read_to_string(&mut page).await.unwrap();
            page
        };
        let (granted, page) = tokio::join!(listener.wait(attempt, LONG), knocking);
        assert!(matches!(granted.unwrap(), Ok(Grant::Code { .. })));
        assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
        assert!(!page.contains("aPrx"), "{page}");
    }
}
