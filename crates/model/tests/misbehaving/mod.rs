//! A local HTTP server that misbehaves on purpose; shared with the whole-system tests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::Value;

/// What the server does with one request.
pub enum Deed {
    /// Answers with status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Promises more bytes than it sends.
    CutOff(String),
    /// Ends the answer early, without having promised a length.
    CutOffUnpromised(String),
    /// Closes without a word.
    Close,
    /// Waits until the test is over.
    Hang,
}

/// A request as it arrived.
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    /// Body.
    pub body: Value,
}

/// A server on a free port of this machine.
pub struct Server {
    /// Its address.
    pub base: String,
    /// What it was asked.
    pub seen: Arc<Mutex<Vec<Seen>>>,
    /// Dropped with the server: hanging connections end then.
    _stop: mpsc::Sender<()>,
}

/// Answers with this document.
pub fn json_answer(body: &Value) -> Deed {
    Deed::Answer(200, vec![("content-type", "application/json".into())], body.to_string())
}

fn read_request(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0usize);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { head, body: serde_json::from_slice(&body).unwrap_or_default() })
}

impl Server {
    /// Does these deeds, one for each connection, in turn.
    pub fn start(deeds: Vec<Deed>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = mpsc::channel::<()>();
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for deed in deeds {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let Some(request) = read_request(&stream) else { continue };
                kept.lock().unwrap().push(request);
                let _ = match deed {
                    Deed::Answer(status, headers, body) => {
                        let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
                        for (name, value) in headers {
                            head.push_str(&format!("{name}: {value}\r\n"));
                        }
                        let length = body.len();
                        write!(stream, "{head}content-length: {length}\r\n\r\n{body}")
                    }
                    Deed::CutOff(body) => write!(
                        stream,
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len() + 100
                    ),
                    Deed::CutOffUnpromised(body) => write!(
                        stream,
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{body}"
                    ),
                    Deed::Close => Ok(()),
                    Deed::Hang => {
                        let _ = stopped.recv();
                        Ok(())
                    }
                };
            }
        });
        Server { base, seen, _stop: stop }
    }
}
