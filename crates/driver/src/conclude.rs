//! A program run over a scene, with everything that is printed of it.

use std::path::Path;
use std::sync::Arc;

use reasmory_diag::{Code, Diagnostic, render};
use reasmory_model::Model;
use reasmory_runtime::Chooser;
use reasmory_sema::CheckOptions;
use serde_json::{Value, json};

use crate::answer::{self, Printing};
use crate::asking::Asker;
use crate::question::{self, Question};
use crate::trace;
use crate::{
    Config, Dialect, Failure, Prepared, RunOptions, RunReport, RunStatus, Scene, Source, evidence,
};

/// What a program is run with.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// The question it answers: the program is held to it, and its options are matched.
    pub question: Option<&'a Question>,
    /// The model that `pick` asks.
    pub model: Option<&'a Model>,
    /// What the project says of levels and synonyms.
    pub config: &'a Config,
    /// Engine and limits.
    pub options: RunOptions,
    /// Whether to say what each value came from.
    pub trace: bool,
    /// Where pictures go.
    pub out: Option<&'a Path>,
}

/// A run and what is printed of it.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The run.
    pub report: RunReport,
    /// The document of `run --json`.
    pub document: Value,
    /// The answer for people.
    pub text: Option<String>,
    /// The option that the answer meets.
    pub option: Option<String>,
    /// Records of the evidence.
    pub records: Vec<Value>,
    /// Messages to and from a model.
    pub transcript: Vec<Value>,
    /// The trace for people.
    pub trace: Option<String>,
    /// What the optimiser did.
    pub remarks: Vec<String>,
}

/// Checks a program, runs it, matches its answer to the options, writes its pictures.
pub fn conclude(s: &Source, setting: Setting<'_>) -> Result<Conclusion, Failure> {
    let check = setting.config.apply(CheckOptions {
        model: setting.model.is_some(),
        question: setting.question.map(|q| &q.asked),
        ..CheckOptions::default()
    });
    let program = Prepared::new(s.clone(), Arc::default(), check);
    conclude_prepared(&program.optimised(setting.options.optimise), setting)
}

/// [`conclude`] for a program that may have been checked and compiled for other scenes. It must have been
/// prepared for the question, the model and the project of the setting, and says itself how it is optimised.
pub fn conclude_prepared(
    program: &Prepared<'_>,
    setting: Setting<'_>,
) -> Result<Conclusion, Failure> {
    let Setting { scene, question: asked, model, config, options, .. } = setting;
    let (s, out, wants_trace) = (program.source(), setting.out, setting.trace);
    let asker = model.map(|m| Asker::new(m, options.limits.asked_picture));
    let (mut models, mut remarks, mut traced) = (None, vec![], None);
    let (mut report, ty) = match program.bind(scene, options.engine) {
        Ok(bound) => {
            let chooser = asker.as_ref().map(|a| a as &dyn Chooser);
            remarks = bound.remarks().to_vec();
            let report = bound.run_asking(options, chooser);
            if wants_trace {
                // A run of its own; what a model was asked it is not asked again.
                let check = program.check_options(scene);
                traced = trace::trace(s, check, scene, options.limits, chooser).ok();
            }
            models = asker.as_ref().and_then(|a| a.json(bound.program()));
            (report, bound.program().answer.clone())
        }
        Err(report) => (RunReport::rejected(report.diagnostics), None),
    };
    config.levels.leave_out(&mut report.diagnostics);
    let printing = Printing {
        ty: ty.as_ref(),
        unit: report.answer.as_ref().and_then(|r| r.1),
        metric: scene.memory.manifest().scale.is_metric(),
    };
    let mut option = None;
    if let (Some(q), Some((v, _))) = (asked, &report.answer)
        // Who reads a plan's evidence answers, not the plan.
        && s.dialect == Dialect::Reasmory
        && let Some(options) = &q.options
    {
        option = question::meet(v, printing, options);
        if option.is_none() {
            let span = s.answer_place();
            report.diagnostics.push(
                Diagnostic::new(
                    Code::OptionMismatch,
                    span,
                    format!("`{}` fits none of the options", answer::text(v, printing)),
                )
                .label("the answer")
                .help(format!("the options are {}", options.join("; "))),
            );
            report.status = RunStatus::Failed;
        }
    }
    let records = evidence::records(&report, out)?;
    let answered = report
        .answer
        .as_ref()
        .map(|(v, _)| answer::answer(v, printing, option.as_deref(), report.margin));
    let text = report.answer.as_ref().map(|(v, _)| answer::text(v, printing));
    let file = render::Source { name: &s.name, text: &s.text, diagnostics: &report.diagnostics };
    let mut document = json!({
        "schema": 1,
        "status": report.status.name(),
        "answer": answered,
        "evidence": records,
        "diagnostics": render::json::diagnostics(&file),
    });
    if let Some(models) = models {
        document["model"] = models;
    }
    let manifest = scene.memory.manifest();
    if let Some(t) = &traced {
        document["trace"] = trace::json(s, t);
        document["trace_omitted"] = json!(t.omitted);
        document["provenance"] =
            t.answer.as_ref().map_or(Value::Null, |f| trace::provenance(f, manifest));
    }
    let trace = traced.map(|t| trace::text(s, &t, manifest));
    let transcript = asker.map(|a| a.transcript()).unwrap_or_default();
    Ok(Conclusion { report, document, text, option, records, transcript, trace, remarks })
}
