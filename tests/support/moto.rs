//! A double of AWS: moto's server, on a free port of the loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::tools;

/// A running double; it ends when this is dropped.
pub(crate) struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    /// Starts one and waits until it listens. `None`, said aloud, where there is
    /// no moto.
    pub(crate) fn start() -> Option<Self> {
        let mut command = Command::new(tools::moto_server()?);
        command.args(["-H", "127.0.0.1", "-p", "0"]).env("PYTHONUNBUFFERED", "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        let mut moto = Self { child, url: String::new() };
        let mut lines = BufReader::new(errors).lines();
        let mut said = Vec::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else { panic!("moto_server ended: {said:?}") };
            if let Some((_, url)) = line.split_once("Running on ") {
                break url.trim().to_owned();
            }
            said.push(line);
        };
        moto.url = url;
        // Whoever does not read what it says makes it wait.
        std::thread::spawn(move || lines.count());
        Some(moto)
    }

    /// Tells it something that only a double has.
    pub(crate) fn post(&self, path: &str, body: &str) {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
