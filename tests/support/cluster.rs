//! An API double for the real kubectl, which records every request.
//!
//! It listens on a free port of the loopback, in threads of the test itself, so
//! there is nothing to wait for, and nothing is left behind by a test that
//! panics. Every test may have its own. It does what kubectl's commands need
//! of a server: discovery, objects with selectors and dry runs, and a refusal
//! for whatever needs a running pod ([`api`]).
#![allow(dead_code, reason = "no test uses all of it")]

mod api;
mod http;
mod kinds;
mod objects;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use base64ct::{Base64, Encoding as _};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use self::http::Received;
use self::objects::Objects;

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `GET`, …
    pub(crate) method: String,
    /// The path, still percent-encoded.
    pub(crate) path: String,
    /// What follows the `?`, still percent-encoded.
    pub(crate) query: String,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// The body where it is JSON; kubectl sends protobuf too.
    pub(crate) body: Option<Value>,
    /// The status of the answer.
    pub(crate) status: u16,
}

impl Request {
    /// Method and path in one line. The query is left out: kubectl orders the
    /// terms of a selector at random.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it asks the server to change something, or to run something in
    /// a pod. Questions that are put by POST, and dry runs, do not.
    pub(crate) fn changes(&self) -> bool {
        let streams = ["/exec", "/attach", "/portforward"].iter().any(|end| self.path.ends_with(end));
        let asks = self.path.ends_with("accessreviews") || self.path.ends_with("subjectreviews");
        let rehearsed = self.query.split('&').any(|one| one == "dryRun=All")
            || self.body.as_ref().is_some_and(|body| body["dryRun"] == json!(["All"]));
        streams || (self.method != "GET" && !asks && !rehearsed)
    }
}

/// What the server's threads share.
#[derive(Default)]
struct State {
    tls: Option<Arc<ServerConfig>>,
    /// The certificate that it shows, as PEM.
    certificate: String,
    requests: Mutex<Vec<Request>>,
    objects: Mutex<Objects>,
    /// Kinds, by their plural, that nobody may list or read.
    forbidden: Mutex<Vec<String>>,
    /// Whether it takes connections, and answers nothing.
    hanging: AtomicBool,
    stopped: AtomicBool,
}

impl State {
    fn answer(&self, received: &Received) -> http::Answer {
        let forbidden = self.forbidden.lock().unwrap().iter().any(|plural| received.reads(plural));
        let answer = if forbidden {
            api::forbidden(received)
        } else {
            api::answer(&mut self.objects.lock().unwrap(), received)
        };
        // Recorded before it is sent: when kubectl has ended, all are there.
        self.requests.lock().unwrap().push(Request {
            method: received.method.clone(),
            path: received.path.clone(),
            query: received.query.clone(),
            authorization: received.header("authorization").map(str::to_owned),
            body: received.json(),
            status: answer.status,
        });
        answer
    }
}

/// A running double; it ends when this is dropped.
pub(crate) struct Cluster {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

impl Cluster {
    /// A cluster with a deployment `web` in the namespaces `default` and `prod`.
    pub(crate) fn start() -> Self {
        Self::start_as(State::default())
    }

    /// The same behind TLS, without which kubectl sends no token. Its
    /// certificate is its own.
    pub(crate) fn start_with_tls() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        let certificate = format!("{begin}\n{}\n{end}\n", Base64::encode_string(cert.der()));
        Self::start_as(State { tls: Some(Arc::new(tls)), certificate, ..State::default() })
    }

    fn start_as(state: State) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(state);
        state.objects.lock().unwrap().seed();
        let shared = Arc::clone(&state);
        let accepting = std::thread::spawn(move || accept(&listener, &shared));
        Self { address, state, accepting: Some(accepting) }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.state.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// A kubeconfig with the contexts `fake`, which is current, and `fake-prod`,
    /// whose namespace is `prod`.
    pub(crate) fn kubeconfig(&self) -> Value {
        let context = |name: &str, namespace: &str| json!({"name": name, "context": {"cluster": "fake", "user": "someone", "namespace": namespace}});
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": {
                "server": self.url(),
                "insecure-skip-tls-verify": self.state.tls.is_some(),
            }}],
            "users": [{"name": "someone", "user": {"token": "sesame"}}],
            "contexts": [context("fake", "default"), context("fake-prod", "prod")],
        })
    }

    /// The same, which trusts only what this double shows.
    pub(crate) fn trusting(&self) -> Value {
        let mut kubeconfig = self.kubeconfig();
        let cluster = &mut kubeconfig["clusters"][0]["cluster"];
        cluster["insecure-skip-tls-verify"] = json!(false);
        let pem = self.state.certificate.as_bytes();
        cluster["certificate-authority-data"] = json!(Base64::encode_string(pem));
        kubeconfig
    }

    /// Adds an object, or changes it.
    pub(crate) fn put(&self, object: Value) {
        self.state.objects.lock().unwrap().add(object);
    }

    /// Removes an object.
    pub(crate) fn remove(&self, object: &Value) {
        self.state.objects.lock().unwrap().remove(object);
    }

    /// Answers whoever reads objects of this kind that they may not.
    pub(crate) fn forbid(&self, plural: &str) {
        self.state.forbidden.lock().unwrap().push(plural.to_owned());
    }

    /// From now on it takes connections, and answers nothing.
    pub(crate) fn hang(&self) {
        self.state.hanging.store(true, Ordering::SeqCst);
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Takes the requests since the last time.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.requests.lock().unwrap())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        if state.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let state = Arc::clone(state);
        // Ends when its client has: a connection's end is not waited for.
        std::thread::spawn(move || serve(stream, &state));
    }
}

fn serve(stream: TcpStream, state: &State) {
    // Else each answer waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    while state.hanging.load(Ordering::SeqCst) && !state.stopped.load(Ordering::SeqCst) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let answer = |received: &Received| state.answer(received);
    match &state.tls {
        None => http::serve(stream, answer),
        Some(tls) => {
            let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
            http::serve(StreamOwned::new(connection, stream), answer);
        }
    }
}
