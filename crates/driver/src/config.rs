//! `reasmory.toml`: levels of lints, words for categories, limits of runs, and commands that are frontends, for
//! all programs below a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reasmory_diag::similar;
use reasmory_frontend::protocol::External;
use reasmory_ir::Limits;
use reasmory_sema::{CheckOptions, Synonyms};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::levels::{Level, Levels};
use crate::{Failure, files};

/// Name of the file.
pub const NAME: &str = "reasmory.toml";
/// The sections.
const SECTIONS: [&str; 4] = ["lints", "synonyms", "limits", "frontends"];
/// What a frontend has.
const FRONTEND: [&str; 4] = ["command", "limit", "silence", "options"];
/// The limits.
const LIMITS: [&str; 4] = ["steps", "renders", "values", "picture"];
/// Most words of all synonyms of a project.
const WORDS: usize = 100_000;

/// What a project says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Levels of lints.
    pub levels: Levels,
    /// Words for categories.
    pub synonyms: Synonyms,
    /// The same by word, in lower case: what it is another word for. Labels of masks are counted by it.
    pub labels: BTreeMap<String, String>,
    /// Limits of runs.
    pub limits: Limits,
    /// Commands that are frontends, by name.
    pub frontends: BTreeMap<String, External>,
}

impl Config {
    /// The one that is named; else the nearest `reasmory.toml` in the folder of the program or above it; else
    /// none. Standard input (`-`) stands in the current folder.
    pub fn of(program: &str, named: Option<&Path>) -> Result<Config, Failure> {
        let path = match named {
            Some(path) => Some(path.to_owned()),
            None => find(program),
        };
        match path {
            None => Ok(Config::default()),
            Some(path) => {
                let name = path.to_string_lossy();
                Config::parse(&name, &files::read_text(&name)?)
            }
        }
    }

    /// From the text of a file of this name.
    pub fn parse(name: &str, text: &str) -> Result<Config, Failure> {
        let file = File { name, text };
        let table = DeTable::parse(text).map_err(|e| {
            let at = e.span().map_or(0, |s| s.start);
            file.failure(at, e.message(), "write it as TOML: `[lints]` and `name = \"allow\"`")
        })?;
        let mut config = Config::default();
        for (key, value) in table.get_ref() {
            let section = key.get_ref().as_ref();
            if !SECTIONS.contains(&section) {
                let what = format!("`{section}` is no section");
                let remedy = meant(section, &SECTIONS, "the sections are");
                return Err(file.failure(key.span().start, &what, &remedy));
            }
            let DeValue::Table(entries) = value.get_ref() else {
                let what = format!("`{section}` is {}, not a section", kind(value.get_ref()));
                let remedy = format!("start it with `[{section}]`");
                return Err(file.failure(value.span().start, &what, &remedy));
            };
            match section {
                "lints" => config.levels = lints(&file, entries)?,
                "synonyms" => (config.synonyms, config.labels) = synonyms(&file, entries)?,
                "frontends" => config.frontends = frontends(&file, entries)?,
                _ => config.limits = limits(&file, entries)?,
            }
        }
        Ok(config)
    }

    /// Check options with what the project says.
    #[must_use]
    pub fn apply<'a>(&'a self, options: CheckOptions<'a>) -> CheckOptions<'a> {
        CheckOptions {
            synonyms: Some(&self.synonyms),
            limits: self.limits,
            all_lints: self.levels.asks_for_more(),
            ..options
        }
    }
}

/// The nearest file in the folder of a program or above it.
fn find(program: &str) -> Option<PathBuf> {
    let folder = match program {
        "-" => PathBuf::new(),
        path => Path::new(path).parent()?.to_owned(),
    };
    // As given first, so that a file in the folder is named without the way to it.
    let here = folder.join(NAME);
    if here.is_file() {
        return Some(here);
    }
    let start = if folder.as_os_str().is_empty() { Path::new(".") } else { folder.as_path() };
    let whole = start.canonicalize().ok()?;
    whole.ancestors().skip(1).map(|d| d.join(NAME)).find(|f| f.is_file())
}

struct File<'t> {
    name: &'t str,
    text: &'t str,
}

impl File<'_> {
    /// A failure at an offset: file, line, what.
    fn failure(&self, at: usize, what: &str, remedy: &str) -> Failure {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|b| **b == b'\n').count();
        let what = what.lines().next().unwrap_or("not TOML");
        Failure::new(format!("{}:{line}: {what}", self.name), remedy)
    }
}

fn lints(file: &File<'_>, entries: &DeTable<'_>) -> Result<Levels, Failure> {
    let mut levels = Levels::default();
    for (key, value) in entries {
        let name = key.get_ref().as_ref();
        let level = match value.get_ref() {
            DeValue::String(s) => Level::named(s),
            _ => None,
        };
        let Some(level) = level else {
            let what = format!("`lints.{name}` is {}, not a level", shown(file, value));
            let remedy = "write \"allow\", \"warn\" or \"deny\"";
            return Err(file.failure(value.span().start, &what, remedy));
        };
        levels.set(name, level).map_err(|e| {
            file.failure(key.span().start, &format!("`lints.{name}`: {}", e.what), &e.remedy)
        })?;
    }
    Ok(levels)
}

/// The groups of words, and for each word the name of its group (of two groups the first).
fn synonyms(
    file: &File<'_>,
    entries: &DeTable<'_>,
) -> Result<(Synonyms, BTreeMap<String, String>), Failure> {
    let (mut groups, mut labels) = (Vec::new(), BTreeMap::new());
    let mut count = 0;
    for (key, value) in entries {
        let name = key.get_ref().as_ref();
        let list = match value.get_ref() {
            DeValue::Array(list) => list,
            _ => {
                let what = format!("`synonyms.{name}` is {}, not a list", shown(file, value));
                let remedy = format!("write `{name} = [\"another word\", \"a third\"]`");
                return Err(file.failure(value.span().start, &what, &remedy));
            }
        };
        let mut words = vec![name.to_owned()];
        for word in list {
            let text = match word.get_ref() {
                DeValue::String(s) if !s.trim().is_empty() => s,
                _ => {
                    let what = format!("`synonyms.{name}` has {}, not a word", shown(file, word));
                    return Err(file.failure(word.span().start, &what, "write words in quotes"));
                }
            };
            labels.entry(text.trim().to_lowercase()).or_insert(name.trim().to_lowercase());
            words.push(text.to_string());
        }
        count += words.len();
        if count > WORDS {
            let what = format!("`synonyms` has more than {WORDS} words");
            return Err(file.failure(key.span().start, &what, "leave out what no program says"));
        }
        groups.push(words);
    }
    Ok((Synonyms::new(groups), labels))
}

fn limits(file: &File<'_>, entries: &DeTable<'_>) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for (key, value) in entries {
        let name = key.get_ref().as_ref();
        if !LIMITS.contains(&name) {
            let what = format!("`limits.{name}` is no limit");
            let remedy = meant(name, &LIMITS, "the limits are");
            return Err(file.failure(key.span().start, &what, &remedy));
        }
        let most = match name {
            "picture" => u64::from(reasmory_render::MAX_SIDE),
            "renders" => u64::from(u32::MAX),
            _ => i64::MAX as u64,
        };
        let number = match value.get_ref() {
            DeValue::Integer(i) => u64::from_str_radix(i.as_str(), i.radix()).ok(),
            _ => None,
        };
        let Some(n) = number.filter(|n| (1..=most).contains(n)) else {
            let what =
                format!("`limits.{name}` is {}, not a number from 1 to {most}", shown(file, value));
            return Err(file.failure(value.span().start, &what, "write a whole number"));
        };
        match name {
            "steps" => limits.fuel = n,
            "values" => limits.values = usize::try_from(n).unwrap_or(usize::MAX),
            // Both fit: `most` says so.
            "renders" => limits.renders = n as u32,
            _ => limits.picture = n as u32,
        }
    }
    Ok(limits)
}

fn frontends(
    file: &File<'_>,
    entries: &DeTable<'_>,
) -> Result<BTreeMap<String, External>, Failure> {
    let mut all = BTreeMap::new();
    for (key, value) in entries {
        let name = key.get_ref().as_ref();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name == "none" || !name.chars().all(plain) {
            let what = format!("`frontends.{name}` is no name of a frontend");
            let remedy = "use lower-case letters, digits and `-`, and not `none`";
            return Err(file.failure(key.span().start, &what, remedy));
        }
        let DeValue::Table(fields) = value.get_ref() else {
            let what = format!("`frontends.{name}` is {}, not a section", shown(file, value));
            let remedy = format!("start it with `[frontends.{name}]` and `command = \"…\"`");
            return Err(file.failure(value.span().start, &what, &remedy));
        };
        let mut e = External::new("");
        for (field, value) in fields {
            let f = field.get_ref().as_ref();
            let wrong = |what: &str, remedy: &str| {
                let what = format!("`frontends.{name}.{f}` is {}, not {what}", shown(file, value));
                file.failure(value.span().start, &what, remedy)
            };
            match (f, value.get_ref()) {
                ("command", DeValue::String(s)) if !s.trim().is_empty() => {
                    e.command = s.to_string()
                }
                ("command", _) => return Err(wrong("a command", "write it in quotes")),
                ("limit" | "silence", v) => {
                    let seconds = number(v).filter(|s| (0.001..=1e7).contains(s));
                    let seconds =
                        seconds.ok_or_else(|| wrong("a time", "write seconds, as a number"))?;
                    let time = Duration::from_secs_f64(seconds);
                    if f == "limit" { e.limit = time } else { e.silence = time }
                }
                ("options", DeValue::Table(options)) => {
                    for (option, value) in options {
                        let text = match value.get_ref() {
                            DeValue::String(s) => s.to_string(),
                            DeValue::Boolean(b) => b.to_string(),
                            v => match number(v) {
                                Some(x) => x.to_string(),
                                None => {
                                    let o = option.get_ref();
                                    let what = format!(
                                        "`frontends.{name}.options.{o}` is {}",
                                        shown(file, value)
                                    );
                                    let remedy = "write a text, a number, true or false";
                                    return Err(file.failure(value.span().start, &what, remedy));
                                }
                            },
                        };
                        e.options.insert(option.get_ref().to_string(), text);
                    }
                }
                ("options", _) => return Err(wrong("a section", "write `options = { a = 1 }`")),
                _ => {
                    let what = format!("`frontends.{name}.{f}` is nothing that a frontend has");
                    let remedy = meant(f, &FRONTEND, "a frontend has");
                    return Err(file.failure(field.span().start, &what, &remedy));
                }
            }
        }
        if e.command.is_empty() {
            let what = format!("`frontends.{name}` has no command");
            return Err(file.failure(key.span().start, &what, "add `command = \"…\"`"));
        }
        all.insert(name.to_owned(), e);
    }
    Ok(all)
}

/// A whole or decimal number.
fn number(v: &DeValue<'_>) -> Option<f64> {
    match v {
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok().map(|n| n as f64),
        DeValue::Float(f) => f.as_str().parse().ok().filter(|x: &f64| x.is_finite()),
        _ => None,
    }
}

/// A value as it is written, shortened.
fn shown(file: &File<'_>, value: &Spanned<DeValue<'_>>) -> String {
    let text = file.text.get(value.span()).unwrap_or("");
    if text.is_empty() || text.contains(['\n', '\r']) || text.chars().count() > 40 {
        kind(value.get_ref()).to_owned()
    } else {
        format!("`{text}`")
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn meant(name: &str, known: &[&'static str], all: &str) -> String {
    match similar::candidates(name, known.iter().copied()).first() {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("{all} {}", known.join(", ")),
    }
}

/// Reads any text as a configuration: gives one, or a failure that names the file and a line of it. For
/// fuzzing.
pub fn fuzz(text: &str) {
    match Config::parse("reasmory.toml", text) {
        Ok(config) => {
            let _ = config.apply(CheckOptions::default());
        }
        Err(e) => {
            let line = e.what.strip_prefix("reasmory.toml:").and_then(|r| r.split(':').next());
            let line: usize = line.and_then(|l| l.parse().ok()).unwrap_or(0);
            assert!((1..=text.split('\n').count()).contains(&line), "{}", e.what);
            assert!(!e.remedy.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_diag::{Code, Diagnostic};
    use reasmory_span::Span;

    fn wrong(text: &str) -> String {
        match Config::parse("reasmory.toml", text) {
            Ok(c) => panic!("accepted: {c:?}"),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn everything_is_read() -> Result<(), Failure> {
        let c = Config::parse(
            "reasmory.toml",
            "# a project\n[lints]\nunused-binding = \"deny\"\nW0806 = \"allow\"\nmodel-call = \"warn\"\n\
             [synonyms]\nsofa = [\"perch\"]\n\"trash bin\" = [\"ton\"]\n\
             [limits]\nsteps = 1_000\nrenders = 0x10\nvalues = 5000\npicture = 64\n",
        )?;
        assert_eq!(
            c.limits,
            Limits { fuel: 1000, renders: 16, values: 5000, picture: 64, ..Limits::default() }
        );
        assert_eq!(
            c.synonyms,
            Synonyms::new([
                vec!["sofa".into(), "perch".into()],
                vec!["trash bin".into(), "ton".into()]
            ])
        );
        assert!(c.levels.asks_for_more());
        let mut d: Vec<Diagnostic> =
            [Code::UnusedBinding, Code::DuplicateEvidence, Code::ModelCall, Code::ViewOfPhoto]
                .map(|c| Diagnostic::new(c, Span::default(), "m"))
                .into();
        c.levels.apply(&mut d);
        let left: Vec<_> = d.iter().map(|d| (d.code, d.is_error())).collect();
        assert_eq!(
            left,
            [(Code::UnusedBinding, true), (Code::ModelCall, false), (Code::ViewOfPhoto, false)]
        );
        Ok(())
    }

    #[test]
    fn mistakes_name_file_line_and_key() {
        for (text, what) in [
            (
                "[lints]\nunused-bindng = \"allow\"",
                "reasmory.toml:2: `lints.unused-bindng`: there is no lint `unused-bindng`; did you mean \
                 unused-binding?",
            ),
            (
                "\n[lints]\nunknown-name = \"allow\"",
                "reasmory.toml:3: `lints.unknown-name`: `unknown-name` is an error, and errors have no \
                 level; name a lint: its code starts with W",
            ),
            (
                "[lints]\nunused-binding = \"never\"",
                "reasmory.toml:2: `lints.unused-binding` is `\"never\"`, not a level; write \"allow\", \
                 \"warn\" or \"deny\"",
            ),
            ("[lint]\nx = 1", "reasmory.toml:1: `lint` is no section; did you mean `lints`?"),
            (
                "[limits]\nrender = 3",
                "reasmory.toml:2: `limits.render` is no limit; did you mean `renders`?",
            ),
            (
                "[limits]\nrenders = -3",
                "reasmory.toml:2: `limits.renders` is `-3`, not a number from 1 to 4294967295; write a \
                 whole number",
            ),
            (
                "[synonyms]\nsofa = \"couch\"",
                "reasmory.toml:2: `synonyms.sofa` is `\"couch\"`, not a list; write `sofa = [\"another \
                 word\", \"a third\"]`",
            ),
            (
                "[synonyms]\nsofa = [1]",
                "reasmory.toml:2: `synonyms.sofa` has `1`, not a word; write words in quotes",
            ),
            (
                "limits = 3",
                "reasmory.toml:1: `limits` is a number, not a section; start it with `[limits]`",
            ),
        ] {
            assert_eq!(wrong(text), what);
        }
        assert!(wrong("[lints]\nunused-binding = \n").starts_with("reasmory.toml:2: "));
    }

    #[test]
    fn frontends_are_commands() {
        let text = "[frontends.vggt]\ncommand = \"python3 vggt.py\"\nlimit = 60\nsilence = 1.5\noptions = { model = \
                    \"vggt-1b\", half = true, size = 518 }\n";
        let c = Config::parse("reasmory.toml", text).unwrap_or_else(|e| panic!("{e}"));
        let e = &c.frontends["vggt"];
        assert_eq!(
            (e.command.as_str(), e.limit.as_secs(), e.silence.as_millis()),
            ("python3 vggt.py", 60, 1500)
        );
        let options: Vec<_> = e.options.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(options, [("half", "true"), ("model", "vggt-1b"), ("size", "518")]);
        for (text, says) in [
            ("[frontends]\nx = 1", ":2: `frontends.x` is `1`, not a section"),
            ("[frontends.x]\nlimit = 3", "`frontends.x` has no command"),
            ("[frontends.none]\ncommand = \"a\"", "is no name of a frontend"),
            ("[frontends.x]\ncommand = \"\"", ":2: `frontends.x.command` is `\"\"`, not a command"),
            (
                "[frontends.x]\ncommand = \"a\"\nlimit = -1",
                ":3: `frontends.x.limit` is `-1`, not a time",
            ),
            ("[frontends.x]\ncomand = \"a\"", "did you mean `command`?"),
            (
                "[frontends.x]\ncommand = \"a\"\noptions = {a = [1]}",
                ":3: `frontends.x.options.a` is `[1]`",
            ),
        ] {
            let e = wrong(text);
            assert!(e.contains(says), "{text}: {e}");
        }
    }

    #[test]
    fn the_nearest_file_above_is_found() -> std::io::Result<()> {
        let root = std::env::temp_dir().join(format!("reasmory-config-{}", std::process::id()));
        let deep = root.join("a/b");
        std::fs::create_dir_all(&deep)?;
        std::fs::write(root.join(NAME), "[limits]\nrenders = 3\n")?;
        std::fs::write(root.join("a").join(NAME), "[limits]\nrenders = 5\n")?;
        let renders =
            |program: &Path| Config::of(&program.to_string_lossy(), None).map(|c| c.limits.renders);
        assert_eq!(renders(&deep.join("p.rsm")), Ok(5));
        assert_eq!(renders(&root.join("p.rsm")), Ok(3));
        let named = Config::of("p.rsm", Some(&root.join(NAME))).map(|c| c.limits.renders);
        assert_eq!(named, Ok(3));
        assert!(Config::of("p.rsm", Some(&root.join("none.toml"))).is_err());
        std::fs::remove_dir_all(root)
    }

    #[test]
    fn damaged_files_fail_by_name() {
        let seed = "[lints]\nunused-binding = \"deny\"\n[synonyms]\nsofa = [\"couch\"]\n[limits]\nrenders = 4\n\
                    [frontends.x]\ncommand = \"a\"\nlimit = 2\noptions = {b = 1.5}\n";
        // Every cut, and every byte once replaced by one that means something in TOML.
        for i in 0..seed.len() {
            fuzz(&seed[..i]);
            for c in ['"', '[', ']', '=', '\n', '.', '#', 'é', '\u{0}'] {
                fuzz(&format!("{}{c}{}", &seed[..i], &seed[i + 1..]));
            }
        }
    }
}
