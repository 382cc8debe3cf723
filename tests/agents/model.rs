//! A model that an agent talks to on the loopback, in any of four protocols: it
//! calls the tools that it was told to, one a turn, and then says that it is done.
//!
//! Which call is next is read off the conversation, so that it does not matter how
//! often an agent asks, or what for besides.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the model wants: a tool and its arguments.
pub(super) type Call = (&'static str, Value);

/// A model that listens; its threads end with the test's process.
pub(super) struct Model {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    calls: Vec<Call>,
    results: Mutex<Vec<String>>,
    requests: Mutex<Vec<String>>,
}

impl Model {
    /// Listens on a port of its own.
    pub(super) fn start(calls: Vec<Call>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { calls, results: Mutex::default(), requests: Mutex::default() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came back of each call, in order, as JSON.
    pub(super) fn results(&self) -> Vec<String> {
        self.state.results.lock().unwrap().clone()
    }

    /// What was asked for: method, path, and the answer's status.
    pub(super) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }
}

/// A protocol: what it says came back of calls, and how an answer is put.
struct Protocol {
    results: fn(&Value) -> Vec<&Value>,
    answer: fn(Option<(String, &Call)>) -> Vec<Value>,
}

impl State {
    /// The answer to a request: a stream of events.
    fn answer(&self, path: &str, body: &Value) -> Option<String> {
        let protocol = match path.split('?').next()? {
            path if path.ends_with("/messages") => Protocol { results: of_messages, answer: messages },
            path if path.ends_with("/responses") => Protocol { results: of_responses, answer: responses },
            path if path.ends_with("/chat/completions") => Protocol { results: of_chat, answer: chat },
            path if path.ends_with(":streamGenerateContent") => {
                Protocol { results: of_gemini, answer: gemini }
            }
            _ => return None,
        };
        let found: Vec<String> = (protocol.results)(body).into_iter().map(Value::to_string).collect();
        // What has no tools to offer wants a title or the like.
        let offered = |tool: &str| body["tools"].to_string().contains(&format!("\"name\":\"{tool}\""));
        let next = self.calls.get(found.len()).filter(|(tool, _)| offered(tool));
        let next = next.map(|call| (format!("call_{}", found.len()), call));
        let mut results = self.results.lock().unwrap();
        if found.len() > results.len() {
            *results = found;
        }
        Some((protocol.answer)(next).iter().map(event).collect())
    }
}

/// One event of a stream. What is not an object is sent as it is.
fn event(event: &Value) -> String {
    let name = event["type"].as_str().map(|name| format!("event: {name}\r\n")).unwrap_or_default();
    let data = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
    format!("{name}data: {data}\r\n\r\n")
}

/// One request and its answer; a connection is not used twice.
fn serve(stream: TcpStream, state: &State) -> Option<()> {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let request = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    let mut length = 0;
    while line != "\r\n" {
        line.clear();
        input.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if let Some((_, value)) =
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let answer = state.answer(&path, &body);
    let status = if answer.is_some() { 200 } else { 404 };
    state.requests.lock().unwrap().push(format!("{request} {status}"));
    let (kind, answer) =
        answer.map_or(("application/json", "{}".to_owned()), |body| ("text/event-stream", body));
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    let body = if request.starts_with("HEAD") { "" } else { &answer };
    input.get_mut().write_all([&head, body].concat().as_bytes()).ok()
}

/// The items of a list.
fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

// Anthropic's Messages.

fn of_messages(body: &Value) -> Vec<&Value> {
    let blocks = items(&body["messages"]).flat_map(|message| items(&message["content"]));
    blocks.filter(|block| block["type"] == "tool_result").map(|block| &block["content"]).collect()
}

fn messages(call: Option<(String, &Call)>) -> Vec<Value> {
    let (stop, block, delta) = match call {
        None => {
            ("end_turn", json!({"type": "text", "text": ""}), json!({"type": "text_delta", "text": "done"}))
        }
        Some((id, (tool, arguments))) => (
            "tool_use",
            json!({"type": "tool_use", "id": id, "name": tool, "input": {}}),
            json!({"type": "input_json_delta", "partial_json": arguments.to_string()}),
        ),
    };
    vec![
        json!({"type": "message_start", "message": {
            "id": "message", "type": "message", "role": "assistant", "model": "stub", "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1},
        }}),
        json!({"type": "content_block_start", "index": 0, "content_block": block}),
        json!({"type": "content_block_delta", "index": 0, "delta": delta}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null}, "usage": {"output_tokens": 1}}),
        json!({"type": "message_stop"}),
    ]
}

// OpenAI's Responses.

fn of_responses(body: &Value) -> Vec<&Value> {
    items(&body["input"])
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| &item["output"])
        .collect()
}

fn responses(call: Option<(String, &Call)>) -> Vec<Value> {
    let item = match call {
        None => {
            json!({"type": "message", "id": "message", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]})
        }
        Some((id, (tool, arguments))) => {
            json!({"type": "function_call", "id": id, "call_id": id, "name": tool, "arguments": arguments.to_string()})
        }
    };
    let usage = json!({
        "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "total_tokens": 2,
        "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 0},
    });
    vec![
        json!({"type": "response.created", "response": {"id": "response"}}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        json!({"type": "response.completed", "response": {"id": "response", "output": [item], "usage": usage}}),
    ]
}

// OpenAI's chat completions.

fn of_chat(body: &Value) -> Vec<&Value> {
    items(&body["messages"])
        .filter(|message| message["role"] == "tool")
        .map(|message| &message["content"])
        .collect()
}

fn chat(call: Option<(String, &Call)>) -> Vec<Value> {
    let (delta, finish) = match call {
        None => (json!({"role": "assistant", "content": "done"}), "stop"),
        Some((id, (tool, arguments))) => {
            let function = json!({"name": tool, "arguments": arguments.to_string()});
            let call = json!({"index": 0, "id": id, "type": "function", "function": function});
            (json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
        }
    };
    let chunk = |delta: Value, finish: Value| {
        json!({
            "id": "chunk", "object": "chat.completion.chunk", "created": 1, "model": "stub",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        })
    };
    vec![chunk(delta, Value::Null), chunk(json!({}), finish.into()), "[DONE]".into()]
}

// Gemini's streamGenerateContent.

fn of_gemini(body: &Value) -> Vec<&Value> {
    let parts = items(&body["contents"]).flat_map(|content| items(&content["parts"]));
    parts.map(|part| &part["functionResponse"]).filter(|response| !response.is_null()).collect()
}

fn gemini(call: Option<(String, &Call)>) -> Vec<Value> {
    let part = match call {
        None => json!({"text": "done"}),
        Some((id, (tool, arguments))) => json!({"functionCall": {"id": id, "name": tool, "args": arguments}}),
    };
    vec![json!({
        "candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
        "modelVersion": "stub",
    })]
}
