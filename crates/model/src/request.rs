//! What is asked and what comes back, independent of any protocol.

use base64::Engine as _;
use reasmory_scene::Rgb8;
use serde_json::{Map, Value, json};

use crate::ModelError;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

/// A picture as it is sent: PNG, with the address of its pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// BLAKE3 of width, height (little-endian u32) and the RGB bytes, in hexadecimal.
    pub digest: String,
    /// The file.
    pub png: Vec<u8>,
}

impl Picture {
    /// A picture whose longer side is at most `side` pixels: scaled down where it is larger, never up.
    pub fn new(pixels: &Rgb8, side: u32) -> Result<Picture, ModelError> {
        let fail = |e: reasmory_render::RenderError| {
            ModelError::configuration(
                format!("a picture for the model: {e}"),
                "choose another size",
            )
        };
        let longer = pixels.width.max(pixels.height);
        let scaled;
        let fitted = if longer > side {
            let to = |x: u32| {
                let y = f64::from(x) * f64::from(side) / f64::from(longer);
                (y.round() as u32).max(1)
            };
            scaled = reasmory_render::resize(pixels, to(pixels.width), to(pixels.height))
                .map_err(fail)?;
            &scaled
        } else {
            pixels
        };
        let mut hash = blake3::Hasher::new();
        hash.update(&fitted.width.to_le_bytes());
        hash.update(&fitted.height.to_le_bytes());
        hash.update(fitted.pixels.as_flattened());
        Ok(Picture {
            width: fitted.width,
            height: fitted.height,
            digest: hash.finalize().to_hex().to_string(),
            png: reasmory_render::encode_png(fitted).map_err(fail)?,
        })
    }

    /// The PNG in Base64.
    pub fn base64(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(&self.png)
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {}, {})", self.width, self.height, self.digest)
    }
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture.
    Picture(Picture),
}

/// What one side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who.
    pub role: Role,
    /// What, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of text alone.
    pub fn text(role: Role, text: impl Into<String>) -> Message {
        Message { role, parts: vec![Part::Text(text.into())] }
    }
}

/// What a model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is told before everything else; may be empty.
    pub system: String,
    /// The conversation so far; the last message is the user's.
    pub messages: Vec<Message>,
    /// The most tokens of the answer.
    pub max_tokens: u32,
    /// A grammar that holds the answer, in the format that [`Provider::grammar`](crate::Provider::grammar) names.
    /// It is no part of the request's address: it says what may come, not what is asked.
    pub grammar: Option<std::sync::Arc<str>>,
}

impl Request {
    /// The canonical form: fixed keys in fixed order, pictures by address.
    pub fn canonical(&self) -> Value {
        self.json(|p| json!({"image": {"blake3": p.digest, "width": p.width, "height": p.height}}))
    }

    /// The form a command reads: pictures as Base64 of their PNG.
    pub fn complete(&self) -> Value {
        self.json(|p| {
            json!({"image": {
                "blake3": p.digest, "width": p.width, "height": p.height, "png": p.base64(),
            }})
        })
    }

    fn json(&self, picture: impl Fn(&Picture) -> Value) -> Value {
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|m| {
                let parts: Vec<Value> = m
                    .parts
                    .iter()
                    .map(|p| match p {
                        Part::Text(t) => json!({"text": t}),
                        Part::Picture(p) => picture(p),
                    })
                    .collect();
                json!({"role": m.role.name(), "parts": parts})
            })
            .collect();
        json!({"system": self.system, "messages": messages, "max_tokens": self.max_tokens})
    }

    /// The request's address: BLAKE3 of the canonical JSON without blanks, in hexadecimal.
    pub fn key(&self) -> String {
        key_of(&self.canonical())
    }
}

/// The address of a request in canonical form.
pub(crate) fn key_of(canonical: &Value) -> String {
    blake3::hash(canonical.to_string().as_bytes()).to_hex().to_string()
}

/// Tokens as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
}

/// Where a reply comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The model was asked.
    #[default]
    Asked,
    /// It was in the cache.
    Cached,
    /// It was in a transcript.
    Replayed,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What the model says.
    pub text: String,
    /// The model by its own account.
    pub model: Option<String>,
    /// Tokens, where the provider counts them.
    pub usage: Option<Usage>,
    /// False where the answer reached the token limit.
    pub complete: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Tries before the one that gave it.
    pub retries: u32,
}

impl Reply {
    /// As stored and as a command writes it. Where it came from is not part of it.
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("text".into(), json!(self.text));
        if let Some(model) = &self.model {
            map.insert("model".into(), json!(model));
        }
        if let Some(u) = self.usage {
            map.insert("usage".into(), json!({"input_tokens": u.input, "output_tokens": u.output}));
        }
        map.insert("complete".into(), json!(self.complete));
        Value::Object(map)
    }

    /// Reads what [`Reply::json`] writes; `text` alone is needed.
    pub fn read(value: &Value) -> Result<Reply, String> {
        let Some(fields) = value.as_object() else { return Err("it is no object".into()) };
        let Some(text) = fields.get("text") else { return Err("it has no `text`".into()) };
        let Some(text) = text.as_str() else { return Err("its `text` is no text".into()) };
        let model = match fields.get("model") {
            None | Some(Value::Null) => None,
            Some(Value::String(m)) => Some(m.clone()),
            Some(_) => return Err("its `model` is no text".into()),
        };
        let usage = match fields.get("usage") {
            None | Some(Value::Null) => None,
            Some(u) => Some(
                tokens(u, "input_tokens", "output_tokens")
                    .ok_or("its `usage` has no whole numbers `input_tokens` and `output_tokens`")?,
            ),
        };
        let complete = match fields.get("complete") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(b)) => *b,
            Some(_) => return Err("its `complete` is neither true nor false".into()),
        };
        Ok(Reply { text: text.to_owned(), model, usage, complete, ..Reply::default() })
    }
}

/// Two counts of an object; a missing output counts as none.
pub(crate) fn tokens(usage: &Value, input: &str, output: &str) -> Option<Usage> {
    Some(Usage {
        input: usage.get(input)?.as_u64()?,
        output: usage.get(output).map_or(Some(0), Value::as_u64)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn pixels(width: u32, height: u32) -> Rgb8 {
        let pixels = (0..width * height).map(|i| [i as u8, (i >> 8) as u8, 7]).collect();
        Rgb8 { width, height, pixels }
    }

    #[test]
    fn pictures_have_the_size_asked_for() {
        let p = Picture::new(&pixels(200, 100), 50).unwrap();
        assert_eq!((p.width, p.height), (50, 25));
        let p = Picture::new(&pixels(20, 10), 50).unwrap();
        assert_eq!((p.width, p.height), (20, 10));
        let same = Picture::new(&pixels(20, 10), 100).unwrap();
        assert_eq!(p.digest, same.digest);
        // The shape counts, not only the bytes.
        assert_ne!(p.digest, Picture::new(&pixels(10, 20), 50).unwrap().digest);
    }

    #[test]
    fn the_address_is_the_content() {
        let picture = Picture::new(&pixels(4, 3), 8).unwrap();
        let mut a = Request {
            system: "s".into(),
            messages: vec![Message {
                role: Role::User,
                parts: vec![Part::Text("which?".into()), Part::Picture(picture)],
            }],
            max_tokens: 9,
            grammar: None,
        };
        let key = a.key();
        assert_eq!(key.len(), 64);
        assert!(!a.canonical().to_string().contains("png"));
        assert!(a.complete().to_string().contains("png"));
        a.messages[0].parts[0] = Part::Text("which ?".into());
        assert_ne!(a.key(), key);
    }

    #[test]
    fn replies_round_trip() {
        let reply = Reply {
            text: "3".into(),
            model: Some("m".into()),
            usage: Some(Usage { input: 5, output: 1 }),
            complete: false,
            ..Reply::default()
        };
        assert_eq!(Reply::read(&reply.json()).unwrap(), reply);
        assert_eq!(Reply::read(&json!({"text": "x"})).unwrap().text, "x");
        for bad in [
            json!("x"),
            json!({}),
            json!({"text": 1}),
            json!({"text": "x", "usage": 3}),
            json!({"text": "x", "usage": {"input_tokens": -1}}),
            json!({"text": "x", "complete": "yes"}),
        ] {
            assert!(Reply::read(&bad).is_err(), "{bad}");
        }
    }
}
