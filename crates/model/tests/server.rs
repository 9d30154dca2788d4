//! Providers against a local server that misbehaves on purpose: each misdeed ends in an answer after a retry
//! or in an error that says what happened; the key is in neither.

// The whole-system tests use more of it.
#[allow(dead_code)]
mod misbehaving;

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use misbehaving::{Deed, Seen, Server, json_answer};
use reasmory_model::{
    Clock, GrammarFormat, Heard, Message, Model, ModelError, Part, Picture, Provider, Reply,
    Request, Retrying, Role, Schedule,
};
use reasmory_scene::Rgb8;
use serde_json::{Value, json};

const KEY: &str = "sk-very-secret-0123456789";

trait Opens {
    fn model(&self, name: &str, more: &[(&str, &str)]) -> Model;
    fn open(&self, name: &str, more: &[(&str, &str)]) -> Result<Model, ModelError>;
    fn seen(&self) -> std::sync::MutexGuard<'_, Vec<Seen>>;
}

impl Opens for Server {
    fn model(&self, name: &str, more: &[(&str, &str)]) -> Model {
        self.open(name, more).unwrap()
    }

    fn open(&self, name: &str, more: &[(&str, &str)]) -> Result<Model, ModelError> {
        let env = |wanted: &str| match wanted {
            "OPENAI_API_KEY" | "ANTHROPIC_API_KEY" | "GEMINI_API_KEY" => Some(KEY.to_owned()),
            "OPENAI_BASE_URL" | "ANTHROPIC_BASE_URL" | "GEMINI_BASE_URL" => Some(self.base.clone()),
            // Waiting is tested with a clock of its own, below.
            "REASMORY_MODEL_TRIES" if !more.iter().any(|m| m.0 == wanted) => Some("1".to_owned()),
            _ => more.iter().find(|m| m.0 == wanted).map(|m| m.1.to_owned()),
        };
        Model::open(name, None, &env)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap()
    }
}

fn request() -> Request {
    let pixels = Rgb8 { width: 2, height: 1, pixels: vec![[1, 2, 3], [4, 5, 6]] };
    let picture = Picture::new(&pixels, 64).unwrap();
    Request {
        system: "be brief".into(),
        messages: vec![
            Message {
                role: Role::User,
                parts: vec![Part::Text("which?".into()), Part::Picture(picture)],
            },
            Message::text(Role::Assistant, "hm"),
            Message::text(Role::User, "a number"),
        ],
        max_tokens: 64,
        grammar: None,
    }
}

fn openai_answer() -> Value {
    json!({
        "model": "m-2024",
        "choices": [{"message": {"role": "assistant", "content": "2"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 1},
    })
}

#[test]
fn chat_completions() {
    let server = Server::start(vec![json_answer(&openai_answer())]);
    let model = server.model("openai:m", &[]);
    let reply = model.ask(&request()).unwrap();
    assert_eq!((reply.text.as_str(), reply.complete), ("2", true));
    assert_eq!(reply.model.as_deref(), Some("m-2024"));
    let seen = server.seen();
    let Seen { head, body } = &seen[0];
    assert!(head.starts_with("POST /chat/completions HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains(&format!("authorization: bearer {KEY}")), "{head}");
    assert_eq!(body["model"], "m");
    assert_eq!(body["max_tokens"], 64);
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "be brief"}));
    assert_eq!(body["messages"][1]["content"][0]["text"], "which?");
    let url = body["messages"][1]["content"][1]["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBOR"), "{url}");
    assert_eq!(body["messages"][2], json!({"role": "assistant", "content": "hm"}));
    let account = model.account();
    assert_eq!((account.calls, account.input_tokens, account.output_tokens), (1, 12, 1));
}

#[test]
fn messages_of_anthropic() {
    let answer = json!({
        "model": "claude-x-1", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "2"}],
        "usage": {"input_tokens": 7, "output_tokens": 2},
    });
    let server = Server::start(vec![json_answer(&answer)]);
    let reply = server.model("claude-x", &[]).ask(&request()).unwrap();
    assert_eq!((reply.text.as_str(), reply.usage.map(|u| u.input)), ("2", Some(7)));
    let seen = server.seen();
    let Seen { head, body } = &seen[0];
    let lower = head.to_lowercase();
    assert!(head.starts_with("POST /v1/messages "), "{head}");
    assert!(lower.contains(&format!("x-api-key: {KEY}")), "{head}");
    assert!(lower.contains("anthropic-version: 2023-06-01"), "{head}");
    assert_eq!(body["system"], "be brief");
    let picture = &body["messages"][0]["content"][1];
    assert_eq!(picture["source"]["media_type"], "image/png");
    assert!(picture["source"]["data"].as_str().unwrap().starts_with("iVBOR"));
}

#[test]
fn content_of_gemini() {
    let answer = json!({
        "modelVersion": "gemini-x-1",
        "candidates": [{"content": {"parts": [{"text": "2"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1},
    });
    let server = Server::start(vec![json_answer(&answer)]);
    let reply = server.model("gemini-x", &[]).ask(&request()).unwrap();
    assert_eq!((reply.text.as_str(), reply.usage.map(|u| u.input)), ("2", Some(9)));
    let seen = server.seen();
    let Seen { head, body } = &seen[0];
    assert!(head.starts_with("POST /v1beta/models/gemini-x:generateContent "), "{head}");
    assert!(head.to_lowercase().contains(&format!("x-goog-api-key: {KEY}")), "{head}");
    assert_eq!(body["system_instruction"]["parts"][0]["text"], "be brief");
    assert_eq!(body["contents"][1]["role"], "model");
    assert_eq!(body["contents"][0]["parts"][1]["inline_data"]["mime_type"], "image/png");
}

/// Every misdeed, and what becomes of it.
#[test]
fn misdeeds() {
    type Fits = fn(&ModelError) -> bool;
    let json_type = || vec![("content-type", "application/json".to_owned())];
    let whole = openai_answer().to_string();
    let rows: Vec<(Deed, &str, Fits)> = vec![
        (
            Deed::Answer(429, vec![("retry-after", "7".into())], "slow down".into()),
            "status 429: slow down",
            |e| e.is_transient() && e.retry_after() == Some(Duration::from_secs(7)),
        ),
        (
            Deed::Answer(500, json_type(), r#"{"error": {"message": "boom"}}"#.into()),
            "status 500: boom",
            ModelError::is_transient,
        ),
        (
            Deed::Answer(401, json_type(), format!(r#"{{"error": "bad key {KEY}"}}"#)),
            "status 401: bad key ***",
            |e| !e.is_transient() && e.remedy().contains("key"),
        ),
        (
            Deed::Answer(302, vec![("location", "http://127.0.0.1:9/steal".into())], String::new()),
            "status 302",
            |e| !e.is_transient(),
        ),
        (Deed::Answer(200, json_type(), r#"{"choices": [,]}"#.into()), "malformed: no JSON", |e| {
            matches!(e, ModelError::Malformed { .. })
        }),
        (
            Deed::Answer(200, json_type(), r#"{"choices": []}"#.into()),
            "malformed: it has no `choices`",
            |e| matches!(e, ModelError::Malformed { .. }),
        ),
        (
            Deed::Answer(
                200,
                vec![("content-type", "text/html; charset=utf-8".into())],
                whole.clone(),
            ),
            "the answer is `text/html`, not JSON",
            |e| matches!(e, ModelError::ContentType { .. }),
        ),
        (Deed::Answer(200, vec![], whole.clone()), "of no stated type", |e| {
            matches!(e, ModelError::ContentType { .. })
        }),
        (Deed::CutOff(whole[..20].to_owned()), "cut off", |e| {
            e.is_transient() && matches!(e, ModelError::CutOff { .. })
        }),
        (Deed::CutOffUnpromised(whole[..20].to_owned()), "cut off: after 20 bytes", |e| {
            e.is_transient() && matches!(e, ModelError::CutOff { .. })
        }),
        (Deed::Close, "cannot be reached", ModelError::is_transient),
        (
            Deed::Answer(
                200,
                json_type(),
                json!({"choices": [{"message": {"content": null, "refusal": "I won't"}}]})
                    .to_string(),
            ),
            "declined: I won't",
            |e| !e.is_transient(),
        ),
    ];
    for (deed, says, fits) in rows {
        let server = Server::start(vec![deed]);
        let model = server.model("openai:m", &[]);
        let e = model.ask(&request()).unwrap_err();
        assert!(e.to_string().contains(says), "{e}");
        assert!(fits(&e), "{e:?}");
        assert!(!format!("{e} {e:?} {} {model:?}", e.remedy()).contains(KEY), "{e:?}");
        assert_eq!(model.account().failed, 1);
    }
}

#[test]
fn slow_servers_time_out() {
    let server = Server::start(vec![Deed::Hang]);
    let model = server.model("openai:m", &[("REASMORY_MODEL_TIMEOUT", "0.2")]);
    let e = model.ask(&request()).unwrap_err();
    assert!(matches!(e, ModelError::TimedOut { .. }), "{e:?}");
    assert!(e.remedy().contains("REASMORY_MODEL_TIMEOUT"));
}

#[test]
fn a_closed_port_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let env = |name: &str| match name {
        "OPENAI_BASE_URL" => Some(format!("http://127.0.0.1:{port}/v1")),
        "REASMORY_MODEL_TRIES" => Some("1".into()),
        _ => None,
    };
    let e = Model::open("openai:m", None, &env).unwrap().ask(&request()).unwrap_err();
    assert!(matches!(e, ModelError::Unreachable { .. }), "{e:?}");
}

#[test]
fn answers_at_the_token_limit_say_so() {
    let answer = json!({"choices": [{"message": {"content": "we"}, "finish_reason": "length"}]});
    let server = Server::start(vec![json_answer(&answer)]);
    let reply = server.model("openai:m", &[]).ask(&request()).unwrap();
    assert_eq!((reply.complete, reply.usage), (false, None));
}

#[test]
fn the_cache_asks_once_and_costs_are_booked() {
    let dir = tempfile::tempdir().unwrap();
    let prices = dir.path().join("prices.json");
    std::fs::write(&prices, r#"{"m-2024": {"input": 1000000, "output": 500000}}"#).unwrap();
    let cache = dir.path().join("cache");
    // One answer: a second request would find nobody.
    let server = Server::start(vec![json_answer(&openai_answer())]);
    let more = [
        ("REASMORY_MODEL_CACHE", cache.to_str().unwrap()),
        ("REASMORY_MODEL_PRICES", prices.to_str().unwrap()),
    ];
    let model = server.model("openai:m", &more);
    for _ in 0..2 {
        assert_eq!(model.ask(&request()).unwrap().text, "2");
    }
    let a = model.account();
    assert_eq!((a.calls, a.cached, a.cost), (2, 1, Some(12.5)));
    let kept: String = std::fs::read_dir(&cache)
        .unwrap()
        .map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap())
        .collect();
    assert!(kept.contains("\"2\"") && !kept.contains(KEY), "{kept}");
}

#[test]
fn what_is_recorded_holds_no_key_and_replays() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.jsonl");
    let server = Server::start(vec![json_answer(&openai_answer())]);
    let name = format!("record:{}:openai:m", file.display());
    assert_eq!(server.model(&name, &[]).ask(&request()).unwrap().text, "2");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(KEY) && !text.contains("iVBOR"), "{text}");
    let replayed =
        Model::open(&format!("replay:{}", file.display()), None, &|_: &str| None).unwrap();
    assert_eq!(replayed.ask(&request()).unwrap().text, "2");
    assert_eq!(replayed.account().replayed, 1);
}

/// A clock that only notes.
#[derive(Default)]
struct Noted(Mutex<(Duration, Vec<Duration>)>);

impl Clock for Noted {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, time: Duration) {
        let mut noted = self.0.lock().unwrap();
        noted.0 += time;
        noted.1.push(time);
    }
}

/// Answers from a list.
struct Script(Mutex<Vec<Result<Reply, ModelError>>>);

impl Provider for Script {
    fn name(&self) -> &str {
        "script"
    }

    fn ask(&self, _: &Request) -> Result<Reply, ModelError> {
        self.0.lock().unwrap().remove(0)
    }
}

fn status(code: u16, after: Option<u64>) -> Result<Reply, ModelError> {
    Err(ModelError::Status {
        provider: "script".into(),
        code,
        message: String::new(),
        retry_after: after.map(Duration::from_secs),
    })
}

fn scripted(
    script: Vec<Result<Reply, ModelError>>,
    schedule: Schedule,
    asks: usize,
) -> (Vec<Result<Reply, ModelError>>, Vec<Duration>) {
    let clock = Arc::new(Noted::default());
    let asked = Arc::clone(&clock);
    let provider = Retrying::new(Script(Mutex::new(script)), schedule, asked);
    let got = (0..asks).map(|_| provider.ask(&request())).collect();
    let waits = clock.0.lock().unwrap().1.clone();
    (got, waits)
}

#[test]
fn failures_in_passing_are_asked_again() {
    let s = Schedule::default();
    let script =
        || vec![status(500, None), status(429, Some(9)), status(503, None), Ok(Reply::default())];
    let (got, waits) = scripted(script(), s, 1);
    assert_eq!(got[0].as_ref().unwrap().retries, 3);
    assert_eq!(waits.len(), 3);
    // Half to all of 0.5 s, what the server asked for, half to all of 2 s; the same every time.
    let ms = |d: Duration| d.as_millis();
    assert!((250..=500).contains(&ms(waits[0])), "{waits:?}");
    assert_eq!(waits[1], Duration::from_secs(9));
    assert!((1000..=2000).contains(&ms(waits[2])), "{waits:?}");
    assert_eq!(scripted(script(), s, 1).1, waits);
}

#[test]
fn tries_end() {
    let s = Schedule::default();
    let (got, waits) = scripted((0..9).map(|_| status(500, None)).collect(), s, 1);
    let e = got[0].as_ref().unwrap_err();
    assert_eq!(e.to_string(), "script: status 500 (after 4 tries)");
    assert_eq!(waits.len(), 3);
    // What will not pass is not asked again, nor a server that asks for an hour.
    for first in [status(400, None), status(429, Some(3600))] {
        let (got, waits) = scripted(vec![first], s, 1);
        assert!(got[0].is_err() && waits.is_empty());
    }
}

#[test]
fn requests_are_spaced() {
    let s = Schedule { spacing: Duration::from_secs(3), ..Schedule::default() };
    let script = (0..3).map(|_| Ok(Reply::default())).collect();
    let (_, waits) = scripted(script, s, 3);
    assert_eq!(waits, [Duration::from_secs(3); 2]);
}

/// Answers cut and changed at every place never panic.
#[test]
fn mangled_answers() {
    let text = openai_answer().to_string();
    for i in 0..text.len() {
        reasmory_model::fuzz::answers(&text.as_bytes()[..i]);
        for c in [b'0', b'"', b'[', b'}', 0xff] {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = c;
            reasmory_model::fuzz::answers(&bytes);
        }
    }
}

#[test]
fn servers_that_take_grammars_get_them() {
    let grammar: Arc<str> = "root ::= \"answer 1\"".into();
    let models = |owner: &str| json_answer(&json!({"data": [{"id": "m", "owned_by": owner}]}));
    for (owner, format, at) in [
        ("llamacpp", Some(GrammarFormat::Gbnf), "/grammar"),
        ("vllm", Some(GrammarFormat::Ebnf), "/structured_outputs/grammar"),
        ("sglang", Some(GrammarFormat::Ebnf), "/ebnf"),
        ("system", None, "/grammar"),
    ] {
        let answer = || json_answer(&openai_answer());
        let server = Server::start(vec![models(owner), answer(), answer()]);
        let model = server.model("openai:m", &[]);
        assert_eq!(model.grammar(), format, "{owner}");
        let held = Request { grammar: Some(Arc::clone(&grammar)), ..request() };
        assert_eq!(held.key(), request().key(), "it is no part of the address");
        model.ask(&held).unwrap();
        model.ask(&request()).unwrap();
        let seen = server.seen();
        // The server was asked once what it is.
        assert_eq!(seen.len(), 3);
        assert!(seen[0].head.starts_with("GET /models"), "{}", seen[0].head);
        let body = |i: usize| &seen[i].body;
        let sent = body(1).pointer(at).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(sent.as_deref(), format.map(|_| &*grammar), "{owner}");
        assert_eq!(body(2).pointer(at), None);
    }
}

#[test]
fn what_a_server_is_can_be_set_or_unknown() {
    let set = |name: &str, deeds: Vec<Deed>| {
        let server = Server::start(deeds);
        server.open("openai:m", &[("REASMORY_MODEL_GRAMMAR", name)]).map(|m| m.grammar())
    };
    assert_eq!(set("vllm", vec![]).unwrap(), Some(GrammarFormat::Ebnf));
    assert_eq!(set("none", vec![]).unwrap(), None);
    // A server without the question, and one that answers something else.
    let lost = Deed::Answer(404, vec![("content-type", "text/html".into())], "no".into());
    assert_eq!(set("auto", vec![lost]).unwrap(), None);
    assert_eq!(set("auto", vec![json_answer(&json!([1]))]).unwrap(), None);
    let e = set("lark", vec![]).unwrap_err();
    assert!(e.to_string().contains("REASMORY_MODEL_GRAMMAR is \"lark\""), "{e}");
    assert!(e.remedy().contains("auto, none, llama.cpp, vllm or sglang"), "{}", e.remedy());
}

fn events(all: &[Value]) -> Deed {
    let body: String = all.iter().map(|e| format!("event: x\ndata: {e}\n\n")).collect();
    Deed::Answer(200, vec![("content-type", "text/event-stream; charset=utf-8".into())], body)
}

/// A reply, and what was heard of it: `>` where an answer begins.
fn heard(model: Model, until: &str) -> (Result<Reply, ModelError>, String) {
    let all = Arc::new(Mutex::new(String::new()));
    let (kept, until) = (Arc::clone(&all), until.to_owned());
    let model = model.heard_by(move |h| {
        let mut all = kept.lock().unwrap();
        match h {
            Heard::Begin => all.push('>'),
            Heard::Text(t) => all.push_str(t),
        }
        let ends = !until.is_empty() && all.ends_with(&until);
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let reply = model.ask(&request());
    drop(model);
    let all = all.lock().unwrap().clone();
    (reply, all)
}

fn openai_events() -> Vec<Value> {
    let delta =
        |d: Value| json!({"model": "m-1", "choices": [{"delta": d, "finish_reason": null}]});
    vec![
        delta(json!({"role": "assistant", "content": ""})),
        delta(json!({"content": "answer "})),
        delta(json!({"content": "2"})),
        json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
        json!({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}),
    ]
}

fn anthropic_events() -> Vec<Value> {
    let delta = |t: &str| json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": t}});
    vec![
        json!({"type": "message_start", "message": {"model": "c-1", "usage": {"input_tokens": 7}}}),
        json!({"type": "ping"}),
        delta("answer "),
        delta("2"),
        json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ]
}

fn gemini_events() -> Vec<Value> {
    let part = |t: &str| json!({"candidates": [{"content": {"parts": [{"text": t}]}}]});
    let mut last = part("2");
    last["candidates"][0]["finishReason"] = json!("STOP");
    last["usageMetadata"] = json!({"promptTokenCount": 9, "candidatesTokenCount": 4});
    vec![part("answer "), last]
}

#[test]
fn answers_are_heard_as_they_come() {
    for (name, path, events_of, complete, input) in [
        ("openai:m", "/chat/completions", openai_events(), true, 12),
        ("claude-x", "/v1/messages", anthropic_events(), false, 7),
        (
            "gemini-x",
            "/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
            gemini_events(),
            true,
            9,
        ),
    ] {
        let server = Server::start(vec![events(&events_of)]);
        let (reply, all) = heard(server.model(name, &[]), "");
        let reply = reply.unwrap();
        assert_eq!((reply.text.as_str(), all.as_str()), ("answer 2", ">answer 2"), "{name}");
        assert_eq!(reply.complete, complete, "{name}");
        assert_eq!(reply.usage.map(|u| u.input), Some(input), "{name}");
        let seen = server.seen();
        assert!(seen[0].head.starts_with(&format!("POST {path} HTTP/1.1")), "{}", seen[0].head);
        assert!(seen[0].head.contains("text/event-stream"), "{}", seen[0].head);
        assert!(name == "gemini-x" || seen[0].body["stream"] == json!(true));
        drop(seen);
        // Ended by the listener: what came until then.
        let server = Server::start(vec![events(&events_of)]);
        let (reply, all) = heard(server.model(name, &[]), "answer ");
        assert_eq!((reply.unwrap().text.as_str(), all.as_str()), ("answer ", ">answer "), "{name}");
    }
}

#[test]
fn streams_that_misbehave() {
    // A server that does not stream.
    let server = Server::start(vec![json_answer(&openai_answer())]);
    let (reply, all) = heard(server.model("openai:m", &[]), "");
    assert_eq!((reply.unwrap().text.as_str(), all.as_str()), ("2", ">2"));
    // Overloaded in the middle: asked again, and what was heard before does not count.
    let mut broken = anthropic_events();
    broken.truncate(3);
    let busy = json!({"type": "error", "error": {"type": "overloaded_error", "message": KEY}});
    broken.push(busy.clone());
    let server = Server::start(vec![events(&broken), events(&anthropic_events())]);
    let more = [("REASMORY_MODEL_TRIES", "2"), ("REASMORY_MODEL_PER_MINUTE", "1000000")];
    let (reply, all) = heard(server.model("claude-x", &more), "");
    assert_eq!((reply.unwrap().retries, all.as_str()), (1, ">answer >answer 2"));
    // The same, once: an error with the server's words and without the key.
    let server = Server::start(vec![events(&broken)]);
    let e = heard(server.model("claude-x", &[]), "").0.unwrap_err();
    assert!(matches!(e, ModelError::Status { code: 529, .. }), "{e}");
    assert!(!e.to_string().contains(KEY), "{e}");
    // It ends without an end.
    for (name, mut all) in [
        ("openai:m", openai_events()),
        ("claude-x", anthropic_events()),
        ("gemini-x", gemini_events()),
    ] {
        all.truncate(all.len() / 2);
        let server = Server::start(vec![events(&all)]);
        let e = heard(server.model(name, &[]), "").0.unwrap_err();
        assert!(matches!(e, ModelError::CutOff { .. }), "{name}: {e}");
    }
    // Garbage in an event, an event that breaks off, a promise that is not kept.
    let stream = |body: &str| {
        Deed::Answer(200, vec![("content-type", "text/event-stream".into())], body.into())
    };
    let failure = |deed: Deed| {
        let server = Server::start(vec![deed]);
        heard(server.model("openai:m", &[]), "").0.unwrap_err()
    };
    assert!(matches!(failure(stream("data: <html>\n\n")), ModelError::Malformed { .. }));
    assert!(matches!(failure(stream("data: {\"a\":")), ModelError::CutOff { .. }));
    assert!(matches!(failure(stream("")), ModelError::CutOff { .. }));
    let status = Deed::Answer(401, vec![], "{\"error\": {\"message\": \"no\"}}".into());
    assert!(matches!(failure(status), ModelError::Status { code: 401, .. }));
}

#[test]
fn what_is_kept_is_heard_again() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().to_str().unwrap().to_owned();
    let more = [("REASMORY_MODEL_CACHE", cache.as_str())];
    let server = Server::start(vec![events(&openai_events()), events(&openai_events())]);
    // An answer that was ended is not kept.
    assert_eq!(heard(server.model("openai:m", &more), "answer ").0.unwrap().text, "answer ");
    assert_eq!(heard(server.model("openai:m", &more), "").0.unwrap().text, "answer 2");
    let (reply, all) = heard(server.model("openai:m", &more), "");
    assert_eq!((reply.unwrap().text.as_str(), all.as_str()), ("answer 2", ">answer 2"));
    assert_eq!(server.seen().len(), 2);
}
