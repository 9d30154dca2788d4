//! Compile once, run on many scenes.
//!
//! A [`Prepared`] program is checked against the first scene it meets and compiled; what the check read of
//! that scene is kept ([`reasmory_sema::Reads`]). Another scene that reads the same gets the same verdict, so
//! the code is bound to it at once; where lints looked closer (at boxes, at what is in view), they alone look
//! again; one that does not read the same is checked in full, and a program that is an error there is rejected
//! there. Labels and counts are looked up when a run starts, so code depends on no scene,
//! and equal MIR shares its code, whatever program and scene it came from ([`CodeCache`]).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use reasmory_diag::Diagnostic;
use reasmory_jit::{Compiled, JitError, OptLevel, Options};
use reasmory_runtime::Chooser;
use reasmory_scene::Manifest;
use reasmory_sema::{CheckOptions, Fit, close_findings, hir};

use crate::run::native_failure;
use crate::source::compile_typed;
use crate::{CheckReport, Engine, Optimise, Program, RunOptions, RunReport, Scene, Source};

/// Scenes of at least this many instances get code that takes longer to make and less to run.
const LARGE: usize = 5_000;
/// Most verdicts kept for a program; scenes beyond them are checked in full.
const MOST_VERDICTS: usize = 64;
/// Most programs whose code is kept.
const MOST_CODE: usize = 4_096;

type Key = [u8; 32];

/// Native code by content: equal MIR is compiled once. Share one between programs and threads.
#[derive(Debug, Default)]
pub struct CodeCache {
    code: Mutex<BTreeMap<Key, (u64, Arc<Compiled>)>>,
    clock: std::sync::atomic::AtomicU64,
}

/// What names a program's code: a hash of its MIR, places included, of how it is compiled, and of the
/// version of the compiler.
fn key(program: &reasmory_ir::Program, options: Options) -> Key {
    let mut text = format!("{} {options:?}\n", env!("CARGO_PKG_VERSION"));
    text.push_str(&reasmory_ir::print(program));
    for t in &program.texts {
        let _ = writeln!(text, "{t:?}");
    }
    for span in &program.locs {
        let _ = write!(text, "{} {} ", span.start, span.end);
    }
    for inst in program.functions.iter().flat_map(|f| &f.blocks) {
        for i in &inst.insts {
            let _ = write!(text, "{} ", i.loc.0);
        }
        let _ = writeln!(text, "{}", inst.term.loc.0);
    }
    *blake3::hash(text.as_bytes()).as_bytes()
}

impl CodeCache {
    /// The code of a program: from the cache, or compiled now.
    pub fn compile(&self, program: &Program, options: Options) -> Result<Arc<Compiled>, JitError> {
        let key = key(&program.mir, options);
        let now = self.clock.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        {
            let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((used, compiled)) = code.get_mut(&key) {
                *used = now;
                return Ok(Arc::clone(compiled));
            }
        }
        // Not under the lock: two threads may compile the same, and one of them is kept.
        let compiled = Arc::new(reasmory_jit::compile(&program.mir, options)?);
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        if code.len() >= MOST_CODE
            && let Some(oldest) = code.iter().min_by_key(|(_, (used, _))| *used).map(|(k, _)| *k)
        {
            code.remove(&oldest);
        }
        Ok(Arc::clone(&code.entry(key).or_insert((now, compiled)).1))
    }

    /// How many programs' code it holds.
    pub fn len(&self) -> usize {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What one check found, for all scenes that read the same.
#[derive(Debug)]
struct Verdict {
    program: Program,
    /// The memory it was found on.
    of: Weak<Manifest>,
    typed: hir::Program,
    /// What lints found that looked closer at it.
    close: Vec<Diagnostic>,
    /// What the optimiser did.
    remarks: Vec<String>,
    /// Code for small and for large scenes; `None` where the call stack would not hold it.
    code: [OnceLock<Option<Arc<Compiled>>>; 2],
}

/// A program that is checked and compiled as often as scenes differ, not once a scene. Any number of
/// threads may bind and run it.
#[derive(Debug)]
pub struct Prepared<'c> {
    source: Source,
    cache: Arc<CodeCache>,
    /// How it is checked; each scene takes the place of the memory.
    check: CheckOptions<'c>,
    optimise: Optimise,
    verdicts: RwLock<Vec<Arc<Verdict>>>,
}

/// A program bound to a scene.
#[derive(Clone, Debug)]
pub struct Bound<'s> {
    scene: &'s Scene,
    verdict: Arc<Verdict>,
    code: Option<Arc<Compiled>>,
}

impl<'c> Prepared<'c> {
    /// A program, a place for its code, and how it is checked; each scene takes the place of the memory.
    pub fn new(source: Source, cache: Arc<CodeCache>, check: CheckOptions<'c>) -> Prepared<'c> {
        let verdicts = RwLock::new(Vec::new());
        Prepared { source, cache, check, optimise: Optimise::default(), verdicts }
    }

    /// The same, optimised otherwise than fully.
    #[must_use]
    pub fn optimised(mut self, how: Optimise) -> Prepared<'c> {
        self.optimise = how;
        self
    }

    /// How it is checked for a scene.
    pub fn check_options<'a>(&'a self, scene: &'a Scene) -> CheckOptions<'a> {
        CheckOptions { scene: Some(scene.memory.manifest()), ..self.check }
    }

    /// How many checks in full it took so far.
    pub(crate) fn verdicts(&self) -> usize {
        self.verdicts.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Binds the program to a scene, or gives the findings where it is an error there.
    pub fn bind<'s>(
        &self,
        scene: &'s Scene,
        engine: Engine,
    ) -> Result<Bound<'s>, Box<CheckReport>> {
        let (verdict, new) = self.verdict(scene)?;
        let code = match engine {
            Engine::Interp => None,
            Engine::Jit => match self.code(&verdict, scene) {
                Ok(code) => code,
                Err(d) => return Err(Box::new(broken(&verdict.program, *d))),
            },
        };
        // Kept only now, so that what cannot be compiled is not kept.
        if new {
            let mut all = self.verdicts.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() < MOST_VERDICTS {
                all.push(Arc::clone(&verdict));
            }
        }
        Ok(Bound { scene, verdict, code })
    }

    fn verdict(&self, scene: &Scene) -> Result<(Arc<Verdict>, bool), Box<CheckReport>> {
        if let Some(known) = self.known(scene) {
            return Ok((known, false));
        }
        let manifest = scene.memory.manifest();
        let (mut program, typed) = compile_typed(&self.source, self.check_options(scene))?;
        program.reads.sizes(&typed, self.check.limits, manifest);
        if !program.diagnostics.is_empty() {
            // Warnings may tell numbers.
            program.reads.need_numbers();
        }
        let close = if program.reads.looked_closer() {
            self.close_findings(&typed, manifest)
        } else {
            Vec::new()
        };
        let (program, remarks) = program.optimised(self.optimise);
        let (of, code) = (Arc::downgrade(manifest), [OnceLock::new(), OnceLock::new()]);
        Ok((Arc::new(Verdict { program, of, typed, close, remarks, code }), true))
    }

    /// The verdict of an earlier check that is this scene's as well.
    fn known(&self, scene: &Scene) -> Option<Arc<Verdict>> {
        let manifest = scene.memory.manifest();
        let all = self.verdicts.read().unwrap_or_else(PoisonError::into_inner);
        // A verdict holds on to where its memory was, so no other can be there.
        if let Some(v) = all.iter().find(|v| v.of.as_ptr() == Arc::as_ptr(manifest)) {
            return Some(Arc::clone(v));
        }
        let memory = Some((manifest.as_ref(), &scene.profile));
        // Verdicts that read the same but for what lints found are of one typed program.
        let mut close = None;
        let v = all.iter().find(|v| match v.program.reads.fit(memory) {
            Fit::Same => true,
            Fit::SameBut => {
                let here = close.get_or_insert_with(|| self.close_findings(&v.typed, manifest));
                *here == v.close
            }
            Fit::Differs => false,
        })?;
        Some(Arc::clone(v))
    }

    fn close_findings(&self, typed: &hir::Program, manifest: &Manifest) -> Vec<Diagnostic> {
        close_findings(typed, &self.source.text, manifest, self.check.all_lints)
    }

    fn code(
        &self,
        verdict: &Verdict,
        scene: &Scene,
    ) -> Result<Option<Arc<Compiled>>, Box<Diagnostic>> {
        let large = scene.memory.manifest().instances.len() >= LARGE;
        let cell = &verdict.code[usize::from(large)];
        if let Some(code) = cell.get() {
            return Ok(code.clone());
        }
        let opt = if large { OptLevel::Speed } else { OptLevel::None };
        let code = match self.cache.compile(&verdict.program, Options { opt, whole: false }) {
            Ok(code) => Some(code),
            // A call chain too deep for the native stack: the interpreter keeps its frames on the heap.
            Err(JitError::TooLarge { .. }) => None,
            Err(e) => return Err(Box::new(native_failure(&e))),
        };
        Ok(cell.get_or_init(|| code).clone())
    }
}

fn broken(program: &Program, d: Diagnostic) -> CheckReport {
    let mut diagnostics = program.diagnostics.clone();
    diagnostics.push(d);
    CheckReport {
        diagnostics,
        hir: Default::default(),
        answer: program.answer.clone(),
        reads: program.reads.clone(),
    }
}

impl Bound<'_> {
    /// The program as it is for this scene.
    pub fn program(&self) -> &Program {
        &self.verdict.program
    }

    /// What the optimiser did, a line each.
    pub fn remarks(&self) -> &[String] {
        &self.verdict.remarks
    }

    /// Runs it; the engine was chosen when it was bound.
    pub fn run(&self, options: RunOptions) -> RunReport {
        self.run_asking(options, None)
    }

    /// Runs it with somebody who makes choices in words.
    pub fn run_asking(&self, options: RunOptions, chooser: Option<&dyn Chooser>) -> RunReport {
        self.verdict.program.run_bound(self.scene, options, self.code.as_deref(), chooser)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile;
    use reasmory_synth::synthetic_scene;

    fn scenes() -> Vec<Scene> {
        (1..12u64)
            .map(|seed| Scene::new(synthetic_scene(5 + 4 * seed as usize, seed).unwrap()))
            .collect()
    }

    fn programs(scenes: &[Scene]) -> Vec<String> {
        let m = scenes[0].memory.manifest();
        let (a, b) = (&m.categories[0].name, &m.categories[1].name);
        vec![
            format!("answer objects(\"{a}\").count()\n"),
            format!("answer objects(\"{a}\").largest().longest_side() as cm\n"),
            format!("answer distance(the(\"{a}\"), to=the(\"{b}\")) as m\n"),
            format!("answer objects(\"{a}\")[2].volume()\n"),
            format!("answer objects().filter(o => o.category() == \"{b}\").count()\n"),
            format!("unused = 1\nanswer objects(\"{b}\").first().name()\n"),
            format!(
                "me = stand(at=objects(\"{a}\").largest(), facing=objects(\"{b}\").largest())\nshow ego(me, mark=objects(\"{b}\"))\nanswer side(objects(\"{b}\").first(), from=me, among=[left, right])\n"
            ),
            "answer photo(1).view().step(forward, by=3m).step(up, by=1m).turn(left, by=30deg).sees(objects().first())\n".to_owned(),
            "answer room().floor_area() as m2\n".to_owned(),
            "answer categories().count()\n".to_owned(),
        ]
    }

    fn told(report: &RunReport) -> String {
        format!("{:?} {:?} {:?}", report.status, report.answer, report.diagnostics)
    }

    /// What is bound by an earlier verdict is what a check of its own would give.
    #[test]
    fn binding_is_checking() {
        let scenes = scenes();
        let cache = Arc::new(CodeCache::default());
        let (mut checks, mut runs) = (0, 0);
        for text in programs(&scenes) {
            let source = Source::new("p", text.clone());
            let prepared =
                Prepared::new(source.clone(), Arc::clone(&cache), CheckOptions::default());
            for scene in &scenes {
                let options = CheckOptions {
                    scene: Some(scene.memory.manifest()),
                    ..CheckOptions::default()
                };
                match (prepared.bind(scene, Engine::Jit), compile(&source, options)) {
                    (Ok(bound), Ok(alone)) => {
                        let (alone, _) = alone.optimised(Optimise::default());
                        assert_eq!(bound.program().mir, alone.mir, "{text}");
                        assert_eq!(bound.program().diagnostics, alone.diagnostics, "{text}");
                        let expected = alone.run(scene, RunOptions::default());
                        assert_eq!(
                            told(&bound.run(RunOptions::default())),
                            told(&expected),
                            "{text}"
                        );
                        runs += 1;
                    }
                    (Err(a), Err(b)) => assert_eq!(a.diagnostics, b.diagnostics, "{text}"),
                    (a, b) => panic!("{text}: bound {}, checked {}", a.is_ok(), b.is_ok()),
                }
            }
            checks += prepared.verdicts();
        }
        assert!(checks < runs, "{runs} runs took {checks} checks");
        assert!(cache.len() < runs);
    }

    #[test]
    fn equal_programs_share_their_code() {
        let scenes = scenes();
        let cache = Arc::new(CodeCache::default());
        let text = "answer objects().count()\n";
        let code = |text: &str, name: &str| {
            let p =
                Prepared::new(Source::new(name, text), Arc::clone(&cache), CheckOptions::default());
            p.bind(&scenes[0], Engine::Jit).unwrap().code.unwrap()
        };
        assert!(Arc::ptr_eq(&code(text, "a"), &code(text, "b")));
        assert!(!Arc::ptr_eq(&code(text, "a"), &code("answer photos().count()\n", "a")));
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn one_program_runs_on_many_threads() {
        let scenes = scenes();
        let text = "answer objects().filter(o => o.height() > 20cm).count()\n";
        let prepared =
            Prepared::new(Source::new("p", text), Arc::default(), CheckOptions::default());
        let expected: Vec<String> = scenes
            .iter()
            .map(|s| told(&prepared.bind(s, Engine::Interp).unwrap().run(RunOptions::default())))
            .collect();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..20 {
                        for (s, e) in scenes.iter().zip(&expected) {
                            let bound = prepared.bind(s, Engine::Jit).unwrap();
                            assert_eq!(told(&bound.run(RunOptions::default())), *e);
                        }
                    }
                });
            }
        });
    }
}
