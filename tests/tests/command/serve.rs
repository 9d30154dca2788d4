//! `serve` and `grammar` on the command line: a client over standard input and output, its transcript replayed;
//! every format.

use reasmory_tests::binary::{path, reasmory, with_input};
use reasmory_tests::{scenes, schema};
use serde_json::Value;

const LINES: &str = concat!(
    r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}}}"#,
    "\n",
    r#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#,
    "\n",
    r#"{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "run", "arguments": {"cell": "gap = distance(the(\"sofa\"), to=the(\"tv\"))\ngap as cm"}}}"#,
    "\n",
    "nonsense\n",
    r#"{"jsonrpc": "2.0", "id": 3, "method": "session/run", "params": {"cell": "gap + 30deg"}}"#,
);

#[test]
fn a_client_is_served_and_its_transcript_replays() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    scenes::write("room", &d.join("room.mem"));
    let args = ["serve", "--stdio", "--scene", "room.mem", "--record", "t.jsonl"];
    let c = with_input(d, &args, LINES.as_bytes());
    assert_eq!((c.code, c.err.as_str()), (0, ""));
    let answers: Vec<Value> = c.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers.len(), 4, "{}", c.out);
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "reasmory");
    let text = answers[1]["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, "answered\ngap: Length = 2.9 m\nanswer: 290.04 cm\n");
    assert_eq!(answers[2]["error"]["code"], -32700);
    let cell = &answers[3]["result"];
    assert_eq!((cell["status"].as_str(), cell["cell"].as_u64()), (Some("rejected"), Some(2)));
    for document in [&answers[1]["result"]["structuredContent"], cell] {
        let bad = schema::violations(&schema::load("cell.v1"), document);
        assert!(bad.is_empty(), "{bad:#?}\n{document:#}");
    }
    assert!(!c.out.contains(&*d.to_string_lossy()));
    let again = reasmory(d, &["serve", "--scene", "room.mem", "--replay", "t.jsonl"]);
    assert_eq!((again.code, again.out.as_str()), (0, "5 lines, the same bytes\n"));
    std::fs::write(
        d.join("u.jsonl"),
        std::fs::read_to_string(d.join("t.jsonl")).unwrap().replace("290.04 cm", "291 cm"),
    )
    .unwrap();
    let other = reasmory(d, &["serve", "--scene", "room.mem", "--replay", "u.jsonl"]);
    assert!(other.code == 1 && other.out.starts_with("line 3 differs\n- "), "{}", other.out);
    // A line that is too long is refused, and the next one answered.
    let long = format!(
        "{}\n{{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}}\n",
        "x".repeat(3 << 20)
    );
    let c = with_input(d, &["serve", "--stdio", "--scene", "room.mem"], long.as_bytes());
    let answers: Vec<Value> = c.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(
        (answers.len(), answers[0]["error"]["code"].as_i64()),
        (2, Some(-32600)),
        "{}",
        c.out
    );
    assert_eq!(answers[1]["result"], serde_json::json!({}));
    for (args, says) in [
        (&["serve", "--scene", "room.mem"][..], "--stdio"),
        (&["serve", "--stdio", "--scene", "absent.mem"], "absent.mem"),
        (&["serve", "--scene", "room.mem", "--replay", "absent"], "absent"),
    ] {
        let c = reasmory(d, args);
        assert!(c.code == 2 && c.err.contains(says), "{args:?}: {}", c.err);
    }
}

#[test]
fn grammars_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    scenes::write("room", &d.join("room.mem"));
    for (format, says) in [
        ("lark", "\nstart: "),
        ("gbnf", "\nroot ::= "),
        ("ebnf", "\nroot ::= "),
        ("json-schema", "\"pattern\""),
    ] {
        for more in
            [&[][..], &["--scene", "room.mem"], &["--scene", "room.mem", "--ops", "the,distance"]]
        {
            let args = [&["grammar", "--format", format][..], more].concat();
            let c = reasmory(d, &args);
            assert!(c.code == 0 && c.out.contains(says), "{args:?}\n{}{}", c.out, c.err);
            assert_eq!(reasmory(d, &args).out, c.out);
        }
    }
    let c = reasmory(d, &["grammar", "--format", "lark", "--scene", "room.mem"]);
    assert!(c.out.contains(r#""\"refrigerator\"""#), "{}", c.out);
    for (args, says) in [
        (&["grammar", "--format", "yacc"][..], "no format is called"),
        (&["grammar", "--format", "lark", "--ops", "fly"], "is no operation"),
        (&["grammar", "--format", "lark", "--ops", "pick"], "--model"),
    ] {
        let c = reasmory(d, args);
        assert!(c.code == 2 && c.out.is_empty() && c.err.contains(says), "{args:?}: {}", c.err);
    }
}

/// The protocol's own client, where its Python package is: it starts the server, and its checks of every message
/// pass.
#[test]
fn the_protocols_own_client_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    scenes::write("room", &d.join("room.mem"));
    let calls = serde_json::json!([
        ["describe_scene", {}],
        ["check", {"program": "answer distance(the(\"couch\"), to=the(\"tv\"))"}],
        ["run", {"cell": "gap = distance(the(\"sofa\"), to=the(\"tv\"))"}],
        ["run", {"cell": "show top(mark=[the(\"sofa\"), the(\"tv\")], label=gap)"}],
        ["run", {"cell": "gap as cm"}],
        ["render", {"kind": "plan"}],
        ["undo", {}],
        ["explain", {"code": "E0503"}],
        ["fly", {}],
    ]);
    let python = std::env::var("REASMORY_PYTHON").unwrap_or_else(|_| "python3".into());
    let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/mcp_session.py");
    let run = std::process::Command::new(python)
        .arg(tool)
        .arg(path())
        .args(["serve", "--stdio", "--scene", "room.mem"])
        .current_dir(d)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            use std::io::Write as _;
            if let Some(mut to) = child.stdin.take() {
                to.write_all(calls.to_string().as_bytes())?;
            }
            child.wait_with_output()
        });
    let (out, err, code) = match run {
        Ok(o) => (
            String::from_utf8_lossy(&o.stdout).into_owned(),
            String::from_utf8_lossy(&o.stderr).into_owned(),
            o.status.code(),
        ),
        Err(e) => (String::new(), e.to_string(), Some(3)),
    };
    if code == Some(3) {
        eprintln!("SKIPPED: the client of the Model Context Protocol: {}", err.trim());
        return;
    }
    assert_eq!(code, Some(0), "{out}{err}");
    for says in [
        "server reasmory, protocol 2025-06-18",
        "tool run(cell)",
        "gap: Length = 2.9 m",
        "answer: 290.04 cm",
        "image/png, 768 × 768",
        "several-instances",
        "there is no tool",
    ] {
        assert!(out.contains(says), "{says:?} is not in\n{out}");
    }
    eprintln!("{out}");
}
