//! Sessions: cells, their bindings and limits; the server by hand-made JSON-RPC, as a plain server and as one of
//! the Model Context Protocol; transcripts byte for byte.

use reasmory_driver::RunOptions;
use reasmory_driver::serve::{ServeLimits, Server, fuzz, replay, tool_names, transcript_line};
use reasmory_driver::session::{Session, SessionLimits};
use reasmory_tests::scenes::{changed, scene};
use serde_json::{Value, json};

fn session() -> Session<'static> {
    Session::new(scene("room"), RunOptions::default(), SessionLimits::default())
}

#[test]
fn bindings_stay_typed_and_can_be_undone() {
    let mut s = session();
    let r = s.cell("sofa = the(\"sofa\")\ngap = distance(sofa, to=the(\"tv\"))\n").unwrap();
    assert!(r.accepted && r.findings.is_empty(), "{}", r.findings);
    assert_eq!(r.document["status"], "bound");
    let rows = r.document["bindings"].as_array().unwrap();
    assert_eq!(
        (rows[0]["type"].as_str(), rows[0]["text"].as_str()),
        (Some("Object"), Some("sofa"))
    );
    assert_eq!(
        (rows[1]["type"].as_str(), rows[1]["text"].as_str()),
        (Some("Length"), Some("2.9 m"))
    );
    // A last expression is answered.
    let r = s.cell("gap as cm").unwrap();
    assert_eq!(
        (r.document["status"].as_str(), r.document["answer"]["text"].as_str()),
        (Some("answered"), Some("290.04 cm"))
    );
    // Functions stay; several cells may answer.
    s.cell("fn by(x: Object) -> Length {\n  return distance(x, to=the(\"tv\"))\n}\n").unwrap();
    assert_eq!(s.cell("answer by(sofa) > 2m").unwrap().document["answer"]["value"], true);
    // A picture as last expression is shown.
    let r = s.cell("me = stand(at=sofa, facing=the(\"tv\"))\ntop(mark=[me])").unwrap();
    assert_eq!(
        (r.document["status"].as_str(), r.document["evidence"].as_array().unwrap().len()),
        (Some("shown"), 1)
    );
    let names: Vec<String> =
        s.bound().into_iter().map(|b| format!("{}: {}", b.name, b.ty)).collect();
    assert_eq!(
        names,
        ["sofa: Object", "gap: Length", "by: fn by(x: Object) -> Length", "me: View"]
    );
    // Nothing that is bound changes.
    let r = s.cell("gap = 3m").unwrap();
    assert!(!r.accepted && r.findings.contains("E0203"), "{}", r.findings);
    // What does not pass leaves no trace.
    let r = s.cell("far = gap * 2\nwrong = far + 30deg\n").unwrap();
    assert_eq!(r.document["status"], "rejected");
    let d = &r.document["diagnostics"][0];
    assert_eq!(d["span"]["start"]["line"], 2, "places are those of the cell: {d:#}");
    assert!(s.cell("far").unwrap().findings.contains("E0202"));
    // Undo takes back what the last accepted cell bound.
    let gone = s.undo().unwrap();
    assert_eq!(gone[0].name, "me");
    assert!(!s.cell("me.turn(left)").unwrap().accepted);
    let left = s.cells();
    for _ in 0..left {
        s.undo().unwrap();
    }
    assert!(s.undo().is_none() && s.bound().is_empty());
    s.cell("gap = 3m").unwrap();
}

/// A finding about a last expression stands where the cell has it.
#[test]
fn places_are_those_of_the_cell() {
    let mut s = session();
    s.cell("a = 1m").unwrap();
    let r = s.cell("b = 2m\na + b + 30deg").unwrap();
    let span = &r.document["diagnostics"][0]["labels"][0]["span"];
    assert_eq!(
        (span["start"]["line"].as_u64(), r.document["status"].as_str()),
        (Some(2), Some("rejected"))
    );
    assert!(r.findings.contains("line 2: a + b + 30deg"), "{}", r.findings);
    let r = s.cell("the(\"couch\")").unwrap();
    let d = &r.document["diagnostics"][0];
    let edit = &d["suggestions"][0]["edits"][0]["span"];
    assert_eq!(
        (edit["start"]["offset"].as_u64(), edit["end"]["offset"].as_u64()),
        (Some(4), Some(11)),
        "{d:#}"
    );
}

#[test]
fn limits_hold() {
    let limits = SessionLimits { cells: 2, cell_bytes: 40, pictures: 1 };
    let mut s = Session::new(scene("room"), RunOptions::default(), limits);
    let says = |s: &mut Session<'_>, cell: &str| {
        let r = s.cell(cell).unwrap();
        (r.document["status"].as_str().unwrap().to_owned(), r.findings)
    };
    assert_eq!(says(&mut s, "show top()").0, "shown");
    let (status, why) = says(&mut s, "show top()");
    assert!(status == "refused" && why.contains("at most 1 pictures"), "{why}");
    assert!(says(&mut s, &format!("a = {}", "1 + ".repeat(20))).1.contains("at most 40 bytes"));
    assert_eq!(says(&mut s, "a = 1").0, "bound");
    assert!(says(&mut s, "b = 1").1.contains("at most 2 cells"));
    // What has no value says so, and the session goes on.
    let mut s = session();
    let r = s.cell("x = objects(\"chair\").filter(c => height(c) > 5m).first()\nx").unwrap();
    assert!(!r.accepted && s.bound().is_empty());
    assert_eq!(
        (r.document["status"].as_str(), r.document["bindings"][0]["status"].as_str()),
        (Some("abstained"), Some("abstained"))
    );
    assert_eq!(s.cell("1 + 1").unwrap().document["answer"]["value"], 2);
}

fn server() -> Server<'static> {
    Server::new(scene("room"), RunOptions::default(), ServeLimits::default())
}

fn ask(s: &mut Server<'_>, method: &str, params: Value) -> Value {
    let line = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string();
    let answer: Value = serde_json::from_str(&s.line(&line).unwrap()).unwrap();
    assert_eq!((answer["jsonrpc"].as_str(), answer["id"].as_u64()), (Some("2.0"), Some(7)));
    answer
}

#[test]
fn a_client_of_the_protocol_is_served() {
    let mut s = server();
    let hello = ask(
        &mut s,
        "initialize",
        json!({
            "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"},
        }),
    );
    assert_eq!(hello["result"]["protocolVersion"], "2025-03-26");
    assert_eq!(hello["result"]["serverInfo"]["name"], "reasmory");
    let other = ask(&mut s, "initialize", json!({"protocolVersion": "1999-01-01"}));
    assert_eq!(other["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(s.line(r#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#), None);
    assert_eq!(ask(&mut s, "ping", Value::Null)["result"], json!({}));
    let tools = ask(&mut s, "tools/list", json!({}))["result"]["tools"].as_array().unwrap().clone();
    assert_eq!(tools.len(), tool_names().count());
    for t in &tools {
        assert_eq!(t["inputSchema"]["type"], "object", "{t}");
        assert!(t["description"].as_str().unwrap().ends_with('.'), "{t}");
    }
    let mut call = |name: &str, arguments: Value| {
        ask(&mut s, "tools/call", json!({"name": name, "arguments": arguments}))["result"].clone()
    };
    let text = |r: &Value| r["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text(&call("describe_scene", json!({}))).contains("\"chair\": 4"));
    assert!(text(&call("language", json!({}))).starts_with("# Reasmory on one page"));
    assert!(text(&call("language", json!({"operation": "side"}))).contains("centre is nearest"));
    let r = call("check", json!({"program": "answer the(\"chair\")"}));
    assert!(
        text(&r).contains("E0503")
            && r["isError"] == false
            && r["structuredContent"]["ok"] == false
    );
    assert!(
        text(&call("fix", json!({"program": "let x = the(\"couch\")\nanswer x"})))
            .contains("x = the(\"sofa\")")
    );
    let r = call(
        "run",
        json!({"cell": "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))\nshow ego(me)\nanswer side(the(\"stove\"), from=me, among=[left, right])"}),
    );
    assert!(text(&r).contains("me: View") && text(&r).contains("answer: right"), "{}", text(&r));
    assert_eq!(
        (r["content"][1]["type"].as_str(), r["content"][1]["mimeType"].as_str()),
        (Some("image"), Some("image/png"))
    );
    assert!(r["content"][1]["data"].as_str().unwrap().starts_with("iVBOR"));
    assert_eq!(text(&call("bindings", json!({}))), "me: View\n");
    let r = call("run", json!({"cell": "answer nonsense("}));
    assert_eq!(r["isError"], true);
    assert!(text(&call("undo", Value::Null)).contains("me: View"));
    assert_eq!(call("undo", json!({}))["isError"], true);
    assert!(text(&call("explain", json!({"code": "E0503"}))).contains("several"));
    assert!(text(&call("explain", json!({"code": "E9"}))).contains("there is no diagnostic"));
    assert!(text(&call("grammar", json!({"format": "lark"}))).contains("start: "));
    let r = call("render", json!({"kind": "plan"}));
    assert_eq!(r["content"][1]["type"], "image");
    assert_eq!(call("render", json!({"kind": "ego"}))["isError"], true);
}

#[test]
fn what_is_malformed_is_an_error_of_the_protocol() {
    let mut s = server();
    let code = |s: &mut Server<'_>, line: &str| {
        let answer: Value = serde_json::from_str(&s.line(line).unwrap()).unwrap();
        answer["error"]["code"].as_i64().unwrap()
    };
    for (line, wanted) in [
        ("{", -32700),
        ("[]", -32600),
        ("{}", -32600),
        (r#"{"jsonrpc": "1.0", "id": 1, "method": "ping"}"#, -32600),
        (r#"{"jsonrpc": "2.0", "id": {}, "method": "ping"}"#, -32600),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "fly"}"#, -32601),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "session/fly"}"#, -32601),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}"#, -32602),
        (
            r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "fly"}}"#,
            -32602,
        ),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "session/run", "params": {}}"#, -32602),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "session/run", "params": {"cell": 3}}"#, -32602),
        (
            r#"{"jsonrpc": "2.0", "id": 1, "method": "session/run", "params": {"cell": "1", "x": 1}}"#,
            -32602,
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 1, "method": "session/render", "params": {"kind": "ego", "photo": -1}}"#,
            -32602,
        ),
    ] {
        assert_eq!(code(&mut s, line), wanted, "{line}");
    }
    assert_eq!(code(&mut s, &format!("\"{}\"", "x".repeat(2 << 20))), -32600);
    for quiet in [
        "",
        "  ",
        r#"{"jsonrpc": "2.0", "method": "fly"}"#,
        r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#,
    ] {
        assert_eq!(s.line(quiet), None, "{quiet}");
    }
    let limits = ServeLimits { requests: 1, ..ServeLimits::default() };
    let mut s = Server::new(scene("room"), RunOptions::default(), limits);
    assert_eq!(ask(&mut s, "ping", json!({}))["result"], json!({}));
    assert_eq!(ask(&mut s, "ping", json!({}))["error"]["code"], -32000);
}

/// The same lines give the same bytes, pictures included; another scene or another answer is found.
#[test]
fn transcripts_replay_byte_for_byte() {
    let lines = [
        r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}"#,
        r#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#,
        r#"{"jsonrpc": "2.0", "id": "a", "method": "session/run", "params": {"cell": "gap = distance(the(\"sofa\"), to=the(\"tv\"))\nshow plan()\nanswer gap"}}"#,
        r#"{"jsonrpc": "2.0", "id": "b", "method": "session/run", "params": {"cell": "gap + 2"}}"#,
        r#"{"jsonrpc": "2.0", "id": "c", "method": "session/undo"}"#,
    ];
    let mut s = server();
    let transcript: String =
        lines.iter().map(|l| transcript_line(l, s.line(l).as_deref()) + "\n").collect();
    assert!(transcript.contains("iVBOR") && transcript.contains("2.9 m"));
    assert_eq!(replay(&mut server(), &transcript), Ok(None));
    let other = changed(|m| {
        if let Some(i) = m.instances.iter_mut().find(|i| i.category == "tv") {
            i.obb.center.y -= 0.5;
        }
    });
    let mut elsewhere = Server::new(&other, RunOptions::default(), ServeLimits::default());
    let found = replay(&mut elsewhere, &transcript).unwrap().unwrap();
    assert_eq!(found.0, 3);
    assert!(replay(&mut server(), "{").unwrap_err().contains("line 1"));
}

#[test]
fn mangled_lines() {
    let line = r#"{"jsonrpc": "2.0", "id": 1, "method": "session/run", "params": {"cell": "a = 1\na + \"b\""}}"#;
    for i in (0..line.len()).step_by(3) {
        fuzz(scene("room"), &line.as_bytes()[..i]);
        for c in [b'"', b'{', b'\\', b'1', 0xff] {
            let mut bytes = line.as_bytes().to_vec();
            bytes[i] = c;
            fuzz(scene("room"), &bytes);
        }
    }
}
