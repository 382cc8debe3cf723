//! As much of HTTP/1.1 as kubectl speaks.

use std::io::{BufRead as _, BufReader, Read, Write};

use serde_json::{Value, json};

/// A request as it came.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Received {
    /// A header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The body where it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The object that the body is. Of one in protobuf only the name is read.
    pub(super) fn object(&self) -> Option<Value> {
        self.json().or_else(|| {
            let message = self.body.strip_prefix(b"k8s\0")?;
            let metadata = field(field(message, 2)?, 1)?;
            Some(json!({"metadata": {"name": String::from_utf8_lossy(field(metadata, 1)?)}}))
        })
    }

    /// Whether it reads objects of this kind.
    pub(super) fn reads(&self, plural: &str) -> bool {
        self.method == "GET" && self.path.split('/').any(|part| part == plural)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(one, _)| *one == name).map(|(_, value)| decoded(value))
    }
}

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Whether more could follow: the answer ends when the client goes away.
    pub(super) open: bool,
}

impl Answer {
    /// An object.
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self { status, content_type: "application/json", body: value.to_string().into_bytes(), open: false }
    }

    /// Plain text.
    pub(super) fn text(body: &str) -> Self {
        Self { status: 200, content_type: "text/plain", body: body.as_bytes().to_vec(), open: false }
    }
}

/// Answers the requests of one connection until the client closes it.
pub(super) fn serve(stream: impl Read + Write, answer: impl Fn(&Received) -> Answer) {
    let mut input = BufReader::new(stream);
    while let Some(received) = receive(&mut input) {
        let answer = answer(&received);
        if send(input.get_mut(), &answer).is_err() {
            return;
        }
        if answer.open {
            let _ = std::io::copy(&mut input, &mut std::io::sink());
            return;
        }
    }
}

fn send(stream: &mut impl Write, answer: &Answer) -> std::io::Result<()> {
    let Answer { status, content_type, body, open } = answer;
    let end = if *open { "Connection: close".to_owned() } else { format!("Content-Length: {}", body.len()) };
    let mut bytes =
        format!("HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\n{end}\r\n\r\n").into_bytes();
    bytes.extend(body);
    stream.write_all(&bytes)?;
    stream.flush()
}

/// The next request; `None` where there is none, or none that can be read.
fn receive(input: &mut BufReader<impl Read>) -> Option<Received> {
    let first = line(input)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut received =
        Received { method, path: path.to_owned(), query: query.to_owned(), ..Received::default() };
    loop {
        let line = line(input)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        received.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = received.header("content-length").map_or(Ok(0), str::parse).ok()?;
    received.body = vec![0; length];
    input.read_exact(&mut received.body).ok()?;
    Some(received)
}

fn line(input: &mut BufReader<impl Read>) -> Option<String> {
    let mut line = String::new();
    input.read_line(&mut line).ok()?;
    Some(line.strip_suffix("\r\n")?.to_owned())
}

/// Without percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default()];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// A field of a protobuf message, of those that are bytes.
fn field(mut message: &[u8], number: u64) -> Option<&[u8]> {
    loop {
        let key = varint(&mut message)?;
        match key & 7 {
            0 => {
                varint(&mut message)?;
            }
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                let (value, rest) = message.split_at_checked(length)?;
                if key >> 3 == number {
                    return Some(value);
                }
                message = rest;
            }
            _ => return None,
        }
    }
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
