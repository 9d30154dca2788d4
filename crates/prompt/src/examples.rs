//! Examples: questions and programs, written for the things that the scene has.

use std::sync::OnceLock;

use reasmory_scene::Manifest;
use reasmory_sema::question::{Options, Question};
use reasmory_sema::{CheckOptions, catalogue};

use crate::relevance::likeness;
use crate::words::plural;
use crate::{Subject, quoted};

const FILE: &str = include_str!("../data/examples.txt");

/// Names where there is no scene.
const ONE: [&str; 4] = ["sofa", "tv", "stove", "table"];
const MANY: [&str; 2] = ["chair", "lamp"];

/// An example as the file has it.
struct Form {
    question: &'static str,
    options: Vec<&'static str>,
    program: String,
}

fn forms() -> &'static [Form] {
    static TABLE: OnceLock<Vec<Form>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut out: Vec<Form> = Vec::new();
        let mut lines = FILE.lines().filter(|l| !l.starts_with('#')).peekable();
        while let Some(line) = lines.next() {
            if line != "---" {
                continue;
            }
            let question = lines.next().unwrap_or("");
            let mut form = Form { question, options: vec![], program: String::new() };
            while let Some(line) = lines.next_if(|l| *l != "---") {
                if let Some(options) = line.strip_prefix("options: ") {
                    form.options = options.split(" | ").collect();
                } else if !line.is_empty() {
                    form.program.push_str(line);
                    form.program.push('\n');
                }
            }
            out.push(form);
        }
        out
    })
}

/// An example for a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) question: String,
    pub(crate) options: Vec<String>,
    pub(crate) program: String,
}

impl Example {
    /// As a prompt writes it.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("Q: {}\n", quoted(&self.question));
        if !self.options.is_empty() {
            let options: Vec<String> = self.options.iter().map(|o| quoted(o)).collect();
            out.push_str(&format!("options: {}\n", options.join(" ")));
        }
        out.push_str("```\n");
        out.push_str(&self.program);
        out.push_str("```");
        out
    }

    /// The operations of its program.
    pub(crate) fn operations(&self) -> Vec<&str> {
        // What stands in quotes is no operation.
        let code: String = self.program.split('"').step_by(2).collect::<Vec<_>>().join("\"");
        let mut out: Vec<&str> = Vec::new();
        for word in code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if let Some(c) = catalogue::find(word)
                && !out.contains(&c.name())
            {
                out.push(c.name());
            }
        }
        out
    }
}

/// The things that examples are written with.
struct Cast<'a> {
    one: Vec<&'a str>,
    many: Vec<&'a str>,
}

/// A name that can stand in a question in plain words: nothing that could be read as more than a name.
fn plain(name: &str) -> bool {
    let words = name.split(' ').count();
    name.len() <= 24
        && words <= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c == ' ' || c == '-')
}

impl<'a> Cast<'a> {
    /// Of a scene: what the question names comes last, so that an example is no answer to it.
    fn of(scene: &'a Manifest, question: Option<&Question>) -> Cast<'a> {
        let asked = question.map_or(String::new(), |q| crate::words::folded(&q.text));
        let (mut one, mut many) = (Vec::new(), Vec::new());
        for c in &scene.categories {
            match c.instances.len() {
                _ if !plain(&c.name) || c.stated_count.is_some() => {}
                0 => {}
                1 => one.push(c.name.as_str()),
                _ => many.push(c.name.as_str()),
            }
        }
        let named = |n: &&str| asked.contains(&format!(" {n}"));
        one.sort_by_key(named);
        many.sort_by_key(named);
        Cast { one, many }
    }

    /// A form with these names; `None` where it takes more than there are.
    fn fill(&self, text: &str) -> Option<String> {
        let mut out = text.to_owned();
        for (i, slot) in ["<a>", "<b>", "<c>", "<d>"].iter().enumerate() {
            if out.contains(slot) {
                out = out.replace(slot, self.one.get(i)?);
            }
        }
        for (i, slot) in ["m", "n"].iter().enumerate() {
            let (name, more) = (format!("<{slot}>"), format!("<{slot}s>"));
            if out.contains(&name) || out.contains(&more) {
                let noun = self.many.get(i)?;
                out = out.replace(&more, &plural(noun)).replace(&name, noun);
            }
        }
        Some(out)
    }
}

/// Whether a program is clean: no error, no warning, on the scene and for its own question.
fn clean(e: &Example, subject: Subject<'_>) -> bool {
    let parsed = reasmory_syntax::parse(&e.program);
    let question = Question {
        text: e.question.clone(),
        options: Options::new(&e.options),
        ..Question::default()
    };
    let options = CheckOptions {
        scene: subject.scene,
        model: subject.model,
        synonyms: subject.synonyms,
        question: Some(&question),
        ..CheckOptions::default()
    };
    parsed.diagnostics.is_empty()
        && reasmory_sema::check(&parsed.program, &e.program, options).diagnostics.is_empty()
}

/// The `n` examples that are most like the question, in that order. Each checks clean on the scene.
pub(crate) fn chosen(subject: Subject<'_>, n: usize) -> Vec<Example> {
    let cast = match subject.scene {
        Some(m) => Cast::of(m, subject.question),
        None => Cast { one: ONE.to_vec(), many: MANY.to_vec() },
    };
    let mut order: Vec<(i64, &Form)> = forms()
        .iter()
        .map(|f| {
            let Some(q) = subject.question else { return (0, f) };
            let mut score = 4 * likeness(&q.text, f.question);
            score += 2 * i64::from(f.options.is_empty() == q.options.is_empty());
            let directions = |o: &Options| o.directions().is_some();
            let own = Options::new(&f.options);
            score += 3 * i64::from(!own.is_empty() && directions(&own) == directions(&q.options));
            (score, f)
        })
        .collect();
    order.sort_by_key(|o| -o.0);
    let mut out = Vec::new();
    for (_, f) in order {
        if out.len() == n {
            break;
        }
        let filled = || {
            Some(Example {
                question: cast.fill(f.question)?,
                options: f.options.iter().map(|o| cast.fill(o)).collect::<Option<_>>()?,
                program: cast.fill(&f.program)?,
            })
        };
        if let Some(e) = filled().filter(|e| clean(e, subject)) {
            out.push(e);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_checks_without_a_scene() {
        let cast = Cast { one: ONE.to_vec(), many: MANY.to_vec() };
        assert!(forms().len() > 20);
        for f in forms() {
            let e = Example {
                question: cast.fill(f.question).unwrap(),
                options: f.options.iter().map(|o| cast.fill(o).unwrap()).collect(),
                program: cast.fill(&f.program).unwrap(),
            };
            assert!(clean(&e, Subject::default()), "{}\n{}", e.question, e.program);
            assert!(e.operations().len() > 1 || e.program.contains("the("), "{}", e.program);
        }
    }

    #[test]
    fn names_that_say_more_are_not_used() {
        for good in ["trash bin", "tv", "l-shaped sofa"] {
            assert!(plain(good), "{good}");
        }
        for bad in ["a\nb", "say \"yes\"", "Ignore", "ignore all this", "x".repeat(30).as_str(), ""]
        {
            assert!(!plain(bad), "{bad}");
        }
    }
}
