//! The same tools in the types of the Model Context Protocol, which `rust-mcp-schema` generates from the protocol's
//! own schema: what is sent has the protocol's form by construction.

use std::collections::BTreeMap;

use rust_mcp_schema::mcp_2025_06_18::{
    CallToolResult, ContentBlock, ImageContent, Implementation, InitializeResult, ListToolsResult,
    ServerCapabilities, ServerCapabilitiesTools, TextContent, Tool, ToolAnnotations,
    ToolInputSchema,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::tools::{self, Given};

/// Versions of the protocol that are spoken, the newest first. What is sent is valid in each.
pub const PROTOCOLS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

fn value(of: &impl Serialize) -> Value {
    // Generated structs of texts, numbers and maps with texts as keys.
    serde_json::to_value(of).unwrap_or_else(|e| unreachable!("a message is no JSON: {e}"))
}

/// The answer to `initialize`.
pub(super) fn initialize(params: &Value) -> Value {
    let wanted = params.get("protocolVersion").and_then(Value::as_str);
    let version = PROTOCOLS.iter().find(|p| Some(**p) == wanted).unwrap_or(&PROTOCOLS[0]);
    value(&InitializeResult {
        capabilities: ServerCapabilities {
            tools: Some(ServerCapabilitiesTools { list_changed: Some(false) }),
            ..ServerCapabilities::default()
        },
        instructions: Some(
            "A 3D memory of one scene and a small typed language to ask it. Read describe_scene and language \
             first; then send cells. Bindings stay."
                .to_owned(),
        ),
        meta: None,
        protocol_version: (*version).to_owned(),
        server_info: Implementation {
            name: "reasmory".to_owned(),
            title: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    })
}

/// The answer to `tools/list`.
pub(super) fn list() -> Value {
    let tool = |t: &tools::Tool| {
        let properties: BTreeMap<String, Map<String, Value>> = t
            .parameters
            .iter()
            .map(|p| {
                let schema = [("type", p.kind), ("description", p.about)];
                let schema = schema.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect();
                (p.name.to_owned(), schema)
            })
            .collect();
        let needed = t.parameters.iter().filter(|p| p.needed).map(|p| p.name.to_owned()).collect();
        Tool {
            annotations: Some(ToolAnnotations {
                read_only_hint: Some(!t.changes),
                destructive_hint: Some(false),
                open_world_hint: Some(false),
                ..ToolAnnotations::default()
            }),
            description: Some(t.about.to_owned()),
            input_schema: ToolInputSchema::new(needed, Some(properties)),
            meta: None,
            name: t.name.to_owned(),
            output_schema: None,
            title: None,
        }
    };
    let tools = tools::TOOLS.iter().map(tool).collect();
    value(&ListToolsResult { meta: None, next_cursor: None, tools })
}

/// What a tool gave, as the answer to `tools/call`.
pub(super) fn result(given: &Given) -> Value {
    let mut content = vec![ContentBlock::from(TextContent::new(given.text.clone(), None, None))];
    content.extend(given.pictures.iter().map(|p| {
        ContentBlock::from(ImageContent::new(p.base64(), "image/png".to_owned(), None, None))
    }));
    value(&CallToolResult {
        content,
        is_error: Some(given.failed),
        meta: None,
        structured_content: given.data.as_object().cloned(),
    })
}
