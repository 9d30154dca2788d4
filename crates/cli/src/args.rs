//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// An explicit 3D memory of a scene, and a small typed language to ask it.
#[derive(Debug, Parser)]
#[command(name = "reasmory", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make memories from labelled boxes, posed RGB-D or a COLMAP model (detected by content).
    Import(Import),
    /// Build a memory from photos, a video or RGB-D, with a frontend; writes a report beside it.
    Build(Build),
    /// Write a memory in another format.
    Export(Export),
    /// Describe a memory, verify it, compare it, or change it: rename, merge, split, drop, crop, set-room, calibrate,
    /// segment, label.
    Scene(Box<Scene>),
    /// Check programs against a memory.
    Check(Check),
    /// Apply the suggestions of diagnostics, recheck, and never make a program worse.
    Fix(Fix),
    /// Check many programs, a JSON line each.
    Lint(Lint),
    /// Run a program over a memory.
    Run(Run),
    /// Print the Reasmory program that a plan of the paper means.
    Translate(Translate),
    /// Answer a question in words.
    Ask(Ask),
    /// Print the prompt that a language model gets, or a part of it.
    Prompt(Prompt),
    /// Serve a session over a memory: checked cells, by JSON-RPC, also as a server of the Model Context Protocol.
    Serve(Serve),
    /// Print a grammar that a decoder holds a language model to.
    Grammar(Grammar),
    /// Run a benchmark and score it as it was published.
    Eval(Eval),
    /// Make furnished rooms with exact truth, or questions about them with theirs.
    Synth(Synth),
    /// Print a stage of a program: tokens, ast, hir, mir, clif or asm.
    Emit(Emit),
    /// Draw a memory without a program.
    Render(Render),
    /// Measure on this machine, with synthetic load.
    Bench(Bench),
    /// List the operations, or describe one.
    Ops(Ops),
    /// Explain a diagnostic.
    Explain(Explain),
    /// Generate a room, ask it questions, and show the answers with their truth and evidence.
    Demo(Demo),
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// The source: a file or a folder.
    pub path: PathBuf,
    /// Where the memory goes (with `--all`: the folder the memories go into).
    #[arg(short = 'o', long = "out")]
    pub out: PathBuf,
    /// One scene of a source that holds several.
    #[arg(long, conflicts_with = "all")]
    pub scene: Option<String>,
    /// Every scene, into `DIR/<id>.mem`.
    #[arg(long)]
    pub all: bool,
    /// The format, instead of detecting it.
    #[arg(long)]
    pub format: Option<String>,
    /// Lengths are metres, where the source does not say (COLMAP, PLY, transforms, OpenSfM).
    #[arg(long)]
    pub metric: bool,
    /// Instance masks of the photos (posed RGB-D, COLMAP, transforms, OpenSfM): a COCO JSON file, or a folder with a label map or an
    /// archive for each photo and `labels.json`.
    #[arg(long, value_name = "PATH", conflicts_with = "all")]
    pub masks: Option<PathBuf>,
    /// JSON.
    #[arg(long)]
    pub json: bool,
}

/// `build`
#[derive(Debug, Args)]
pub struct Build {
    /// A folder of photos, a video, RGB-D, anything that `import` reads, or `synth:SEED`.
    #[arg(required_unless_present_any = ["list_frontends", "setup"])]
    pub input: Option<PathBuf>,
    /// Where the memory goes. The report and what makes the build resumable go into `DIR.build`.
    #[arg(short = 'o', long = "out", required_unless_present_any = ["list_frontends", "setup"])]
    pub out: Option<PathBuf>,
    /// The reconstruction frontend; chosen by the kind of input otherwise.
    #[arg(long, value_name = "NAME")]
    pub frontend: Option<String>,
    /// The grounding frontend (`none` for none; `masks` where masks are given).
    #[arg(long, value_name = "NAME")]
    pub ground: Option<String>,
    /// Categories to look for, separated by commas.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub prompts: Vec<String>,
    /// Masks of the photos: a COCO JSON file, or a folder of label maps or archives with `labels.json`.
    #[arg(long, value_name = "PATH")]
    pub masks: Option<PathBuf>,
    /// An option of the frontend; several may be given.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Edge of the fusion grid's cells, metres.
    #[arg(long, value_name = "METRES")]
    pub voxel: Option<f64>,
    /// Lengths are metres, where the source does not say.
    #[arg(long)]
    pub metric: bool,
    /// The vision model that `vlm-boxes` asks: a provider, a command, a transcript (spec/models.md).
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Write down what the model is asked and says.
    #[arg(long, value_name = "FILE", requires = "model")]
    pub record: Option<PathBuf>,
    /// Most seconds that a frontend of another program may take.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<f64>,
    /// Compute every stage anew, whatever was kept.
    #[arg(long)]
    pub fresh: bool,
    /// The project's file, instead of the nearest `reasmory.toml`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the report and of what makes the build resumable, instead of `DIR.build`.
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// Threads.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// List the frontends and end.
    #[arg(long)]
    pub list_frontends: bool,
    /// Set up what a frontend needs, in a folder of the tool's own, and end (`colmap`: pycolmap in a Python
    /// environment).
    #[arg(long, value_name = "FRONTEND", conflicts_with = "input")]
    pub setup: Option<String>,
    /// No progress on standard error.
    #[arg(short, long)]
    pub quiet: bool,
    /// JSON.
    #[arg(long)]
    pub json: bool,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// The memory.
    pub scene: PathBuf,
    /// The file to write (`.ply`, `.glb`, `.json`), or the folder of a COLMAP model.
    #[arg(short = 'o', long = "out")]
    pub out: PathBuf,
    /// The format, instead of the one that the file's name says: ply, glb, colmap, json.
    #[arg(long)]
    pub format: Option<String>,
}

/// `scene`
#[derive(Debug, Args)]
pub struct Scene {
    /// A memory, or a verb, a memory and what the verb takes: show DIR, verify DIR, rename DIR FROM TO,
    /// merge DIR INSTANCE INSTANCE…, split DIR INSTANCE [--gap L], drop DIR INSTANCE…, crop DIR --min X,Y,Z --max
    /// X,Y,Z, set-room DIR [--outline "X,Y X,Y …"] [--floor Z] [--ceiling Z] [--area A], calibrate DIR --metres M,
    /// upgrade DIR, diff DIR OTHER, segment DIR, label DIR INSTANCE NAME, label DIR --labels FILE, label DIR
    /// --photo N --box L,T,R,B --as NAME, label DIR --prompts WORDS --model NAME (instances by id or name).
    #[arg(num_args = 1.., required = true)]
    pub what: Vec<PathBuf>,
    /// Where the changed memory goes, instead of the place of the old one; of `show --photo` the PNG.
    #[arg(short = 'o', long = "out")]
    pub out: Option<PathBuf>,
    /// What is known for `calibrate`.
    #[command(flatten)]
    pub known: Known,
    /// What `label` and `show` take.
    #[command(flatten)]
    pub labelling: Labelling,
    /// How far apart the pieces of `split` are, in the memory's unit (else a twentieth of the longest side).
    #[arg(long, value_name = "L")]
    pub gap: Option<f64>,
    /// Lowest corner of `crop`.
    #[arg(long, value_name = "X,Y,Z", value_parser = point, allow_hyphen_values = true)]
    pub min: Option<Point>,
    /// Highest corner of `crop`.
    #[arg(long, value_name = "X,Y,Z", value_parser = point, allow_hyphen_values = true)]
    pub max: Option<Point>,
    /// What is known for `set-room`.
    #[command(flatten)]
    pub room: RoomArgs,
    /// JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `scene label`, `scene segment` and `scene show` take.
#[derive(Debug, Args)]
pub struct Labelling {
    /// `label`: a file of instances and categories, JSON or CSV.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["photo", "name"])]
    pub labels: Option<PathBuf>,
    /// `label`: the photo that a box or click is on; `show`: the photo to draw instances over (with `-o`).
    #[arg(long, value_name = "N")]
    pub photo: Option<u32>,
    /// `label`: a box around the thing, in pixels of the photo.
    #[arg(long = "box", value_name = "L,T,R,B", requires = "photo", requires = "name",
        value_parser = numbers::<4>, conflicts_with = "click", allow_hyphen_values = true)]
    pub around: Option<Numbers<4>>,
    /// `label`: a pixel of the thing.
    #[arg(long, value_name = "X,Y", requires = "photo", requires = "name",
        value_parser = numbers::<2>, allow_hyphen_values = true)]
    pub click: Option<Numbers<2>>,
    /// `label`: the category.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// `label`: categories that a frontend looks for in the photos, separated by commas.
    #[arg(long, value_name = "WORDS", value_delimiter = ',', conflicts_with_all = ["photo", "name", "labels"])]
    pub prompts: Vec<String>,
    /// `label --prompts`: who looks: `vlm-boxes`, another grounding of `build --list-frontends`, or exec:COMMAND.
    #[arg(long, value_name = "NAME", requires = "prompts", default_value = "vlm-boxes")]
    pub ground: String,
    /// `label --prompts`: the vision model that `vlm-boxes` asks (spec/models.md).
    #[arg(long, value_name = "NAME", requires = "prompts")]
    pub model: Option<String>,
    /// `label --prompts`: keep what the model says in this transcript.
    #[arg(long, value_name = "FILE", requires = "model")]
    pub record: Option<PathBuf>,
    /// `label --prompts`: an option of the grounding, NAME=VALUE.
    #[arg(long, value_name = "NAME=VALUE", requires = "prompts")]
    pub set: Vec<String>,
    /// `label --box`: only the largest instance in the box, without others that lie in it too.
    #[arg(long, requires = "around")]
    pub alone: bool,
    /// `label --box`: a new instance of what is seen in the box and belongs to none.
    #[arg(long, requires = "around", conflicts_with = "alone")]
    pub new: bool,
    /// `segment`: find things anew, without the instances that are there.
    #[arg(long)]
    pub replace: bool,
}

/// Numbers with commas between.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<const N: usize>(pub [f64; N]);

fn numbers<const N: usize>(text: &str) -> Result<Numbers<N>, String> {
    let parts: Option<Vec<f64>> =
        text.split(',').map(|p| p.trim().parse::<f64>().ok().filter(|x| x.is_finite())).collect();
    let parts = parts.and_then(|p| <[f64; N]>::try_from(p).ok());
    parts.map(Numbers).ok_or_else(|| format!("write {N} numbers with commas between"))
}

/// What is known for `scene set-room`.
#[derive(Debug, Args)]
pub struct RoomArgs {
    /// Corners of the room in the floor plane, in order: "X,Y X,Y X,Y …".
    #[arg(long, value_name = "CORNERS", value_parser = outline, allow_hyphen_values = true)]
    pub outline: Option<Outline>,
    /// Height of the floor (world z).
    #[arg(long, value_name = "Z", allow_hyphen_values = true)]
    pub floor: Option<f64>,
    /// Height of the ceiling (world z).
    #[arg(long, value_name = "Z", allow_hyphen_values = true)]
    pub ceiling: Option<f64>,
    /// Floor area, where it is known better than the outline.
    #[arg(long, value_name = "A")]
    pub area: Option<f64>,
}

/// What is known for `scene calibrate`: one length.
#[derive(Debug, Args)]
pub struct Known {
    /// How long it is, in metres.
    #[arg(long, value_name = "M")]
    pub metres: Option<f64>,
    /// A length in the memory's own unit.
    #[arg(long, value_name = "L", group = "measure", requires = "metres")]
    pub length: Option<f64>,
    /// The height of an instance.
    #[arg(long, value_name = "INSTANCE", group = "measure", requires = "metres")]
    pub height_of: Option<String>,
    /// The longest side of an instance.
    #[arg(long, value_name = "INSTANCE", group = "measure", requires = "metres")]
    pub longest_side_of: Option<String>,
    /// The height of the cameras above the floor.
    #[arg(long, group = "measure", requires = "metres")]
    pub camera_height: bool,
    /// The way between the cameras of two photos: A,B.
    #[arg(long, value_name = "A,B", group = "measure", requires = "metres", value_parser = photo_pair)]
    pub between: Option<(u32, u32)>,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Programs; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The memory to check against.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// full, concise, json, jsonl, llm, sarif, github, gitlab, junit or rdjson.
    #[arg(long, default_value = "full")]
    pub format: String,
    /// The most characters of `llm`.
    #[arg(long)]
    pub budget: Option<usize>,
    /// Allow model calls.
    #[arg(long)]
    pub model: Option<String>,
    /// How many photos there will be, where no memory is at hand yet.
    #[arg(long, conflicts_with = "scene")]
    pub photos: Option<u32>,
    /// Take each for the start of a program: dead, live or complete, and what may follow (full or json).
    #[arg(long, conflicts_with_all = ["budget", "allow", "deny", "dialect"])]
    pub prefix: bool,
    /// What the programs are written in.
    #[arg(long, value_enum, default_value_t = Dialect::Reasmory)]
    pub dialect: Dialect,
    /// The question the programs answer: `FILE`, or `FILE#ID` for one of many.
    #[arg(long, value_name = "FILE[#ID]")]
    pub question: Option<String>,
    /// Levels of lints.
    #[command(flatten)]
    pub levels: Levels,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
}

/// The project's configuration.
#[derive(Debug, Args)]
pub struct Project {
    /// The configuration, instead of the `reasmory.toml` in the program's folder or above it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What programs are written in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Dialect {
    /// The language itself.
    #[default]
    Reasmory,
    /// The paper's plans.
    Paper,
}

impl From<Dialect> for reasmory_driver::Dialect {
    fn from(d: Dialect) -> Self {
        match d {
            Dialect::Reasmory => reasmory_driver::Dialect::Reasmory,
            Dialect::Paper => reasmory_driver::Dialect::Paper,
        }
    }
}

/// Levels of lints.
#[derive(Debug, Args)]
pub struct Levels {
    /// Leave a lint out: its name, its code, or `warnings` for all.
    #[arg(short = 'A', long = "allow", value_name = "LINT", value_delimiter = ',')]
    pub allow: Vec<String>,
    /// Count a lint as an error: its name, its code, or `warnings` for all.
    #[arg(short = 'D', long = "deny", value_name = "LINT", value_delimiter = ',')]
    pub deny: Vec<String>,
}

/// `lint`
#[derive(Debug, Args)]
pub struct Lint {
    /// Lines `{"id", "program", "scene"?, "dialect"?, "question"?, "model"?}`; `-` is standard input.
    pub file: String,
    /// The memory to check every program against.
    #[arg(long, conflicts_with = "scenes")]
    pub scene: Option<PathBuf>,
    /// A folder of memories: a line's `scene` names `DIR/<scene>.mem`.
    #[arg(long)]
    pub scenes: Option<PathBuf>,
    /// Print tables by code, operation and model in place of the lines.
    #[arg(long)]
    pub stats: bool,
    /// Print what changed since another file of programs or of results, in place of the lines.
    #[arg(long, value_name = "OTHER.jsonl")]
    pub compare: Option<String>,
    /// What lines that name no `dialect` are written in.
    #[arg(long, value_enum, default_value_t = Dialect::Reasmory)]
    pub dialect: Dialect,
    /// Threads; all cores without it.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Allow model calls.
    #[arg(long)]
    pub model: Option<String>,
    /// Levels of lints.
    #[command(flatten)]
    pub levels: Levels,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
}

/// `fix`
#[derive(Debug, Args)]
pub struct Fix {
    /// Programs, repaired in place; `-` is standard input, repaired to standard output.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The memory to check against.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// The question the programs answer: `FILE`, or `FILE#ID` for one of many.
    #[arg(long, value_name = "FILE[#ID]")]
    pub question: Option<String>,
    /// Print a diff instead of writing.
    #[arg(long)]
    pub diff: bool,
    /// Also apply fixes that may change the meaning.
    #[arg(long = "unsafe")]
    pub unsafe_: bool,
    /// Print a record of what was applied as JSON.
    #[arg(long, conflicts_with = "diff")]
    pub json: bool,
    /// What the programs are written in; only the language itself is repaired.
    #[arg(long, value_enum, default_value_t = Dialect::Reasmory)]
    pub dialect: Dialect,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
}

/// Which engine runs.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Engine {
    /// Native code.
    #[default]
    Jit,
    /// The reference interpreter.
    Interp,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// The program; `-` is standard input.
    pub file: String,
    /// The memory.
    #[arg(long, required_unless_present = "scenes", conflicts_with = "scenes")]
    pub scene: Option<PathBuf>,
    /// A folder of memories (`*.mem`): one line of JSON for each, in order of their names.
    #[arg(long)]
    pub scenes: Option<PathBuf>,
    /// JSON.
    #[arg(long)]
    pub json: bool,
    /// Where evidence goes (with `--scenes`: into a folder for each).
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Engine.
    #[arg(long, value_enum, default_value_t = Engine::Jit)]
    pub engine: Engine,
    /// Also tell what was computed from what, and what the answer came from.
    #[arg(long)]
    pub trace: bool,
    /// The question it answers: `FILE`, or `FILE#ID` for one of many.
    #[arg(long, value_name = "FILE[#ID]")]
    pub question: Option<String>,
    /// Optimisation (`-O1` without).
    #[command(flatten)]
    pub optimise: Optimise,
    /// The model that `pick` asks.
    #[command(flatten)]
    pub asking: Asking,
    /// What the program is written in.
    #[arg(long, value_enum, default_value_t = Dialect::Reasmory)]
    pub dialect: Dialect,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
    /// The most seconds a run may take (with `--scenes`: each).
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub deadline: Option<std::time::Duration>,
    /// How many memories to run over at once; the output is the same for any number.
    #[arg(long, requires = "scenes", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// How far to optimise.
#[derive(Clone, Copy, Debug, Args)]
pub struct Optimise {
    /// Optimise: 0 or 1. Answers, pictures and faults are the same.
    #[arg(short = 'O', value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=1))]
    pub opt: Option<u8>,
    /// Say on standard error what the optimiser did and why.
    #[arg(long)]
    pub explain_opt: bool,
    /// Show an input photo in place of a render from exactly its view.
    #[arg(long)]
    pub reuse_photos: bool,
}

/// `ask`
#[derive(Debug, Args)]
pub struct Ask {
    /// The memory.
    pub scene: PathBuf,
    /// The question.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub question: Option<String>,
    /// The options: `A. …` `B. …`.
    #[arg(long, num_args = 1.., value_name = "OPTION", requires = "question")]
    pub options: Vec<String>,
    /// The question of a file: `FILE`, or `FILE#ID` for one of many.
    #[arg(long = "question", id = "file", value_name = "FILE[#ID]")]
    pub file: Option<String>,
    /// What writes the program: `templates`, which needs no model and no network, or a model
    /// (replay:FILE, record:FILE:NAME, exec:COMMAND, openai:MODEL, anthropic:MODEL, gemini:MODEL,
    /// ollama:MODEL).
    #[arg(long, value_name = "NAME", default_value = "templates")]
    pub planner: String,
    /// JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the program, the evidence and the output go.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Engine.
    #[arg(long, value_enum, default_value_t = Engine::Jit)]
    pub engine: Engine,
    /// What a model as planner may do, and who answers.
    #[command(flatten)]
    pub pipeline: AskPipeline,
}

/// Stages of `ask` and `eval`, and their limits.
#[derive(Debug, Args)]
pub struct AskPipeline {
    /// What answers where the model gives no program; the output says that it did.
    #[arg(long, value_enum)]
    pub fallback: Option<Fallback>,
    /// Let the planner's model take the question apart first.
    #[arg(long)]
    pub decompose: bool,
    /// A model that answers from the program's pictures and what it computed.
    #[arg(long, value_name = "NAME")]
    pub reasoner: Option<String>,
    /// Whose answer is taken; `both` with a reasoner, `computed` without.
    #[arg(long, value_enum)]
    pub mode: Option<Mode>,
    /// The model that `pick` asks in programs.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Write what all models are asked and answer to a transcript.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Print what the models say on standard error, as it comes.
    #[arg(long)]
    pub live: bool,
    /// The most pixels a side of pictures for models.
    #[arg(long, value_name = "PIXELS", default_value_t = 768,
        value_parser = clap::value_parser!(u32).range(64..=4096))]
    pub model_picture: u32,
    /// Programs that the planner may write.
    #[arg(long, value_name = "N", default_value_t = 3,
        value_parser = clap::value_parser!(u32).range(1..=20))]
    pub tries: u32,
    /// Tokens that the planner may read and write in all.
    #[arg(long, value_name = "N", default_value_t = 40_000)]
    pub tokens: u64,
    /// Tokens of the planner's prompt, three characters each.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// Sections of one's own for all prompts (spec/prompting.md).
    #[arg(long, value_name = "FILE")]
    pub variant: Option<PathBuf>,
    /// Leave out: `validation`, `instances` (what the scene holds, in the prompt), `language` (programs: the model
    /// calls the operations one by one), `dsl` (all of it: the reasoner answers from photos).
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub ablate: Vec<Ablate>,
}

/// What answers where the planner has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fallback {
    /// The embedded planner.
    Templates,
}

/// Whose answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The program's.
    Computed,
    /// The reasoner's.
    Evidence,
    /// The program's, unless it is a tie or there is none.
    Both,
}

/// What is left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ablate {
    /// Repairs.
    Validation,
    /// The inventory.
    Instances,
    /// Programs and tools: the reasoner answers from photos.
    Dsl,
    /// Programs: the planner's model calls the operations one by one.
    Language,
}

/// `prompt`
#[derive(Debug, Args)]
pub struct Prompt {
    /// The memory.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// The question: `FILE`, or `FILE#ID` for one of many.
    #[arg(long, value_name = "FILE[#ID]")]
    pub question: Option<String>,
    /// The question in words.
    #[arg(long, value_name = "WORDS", conflicts_with = "question")]
    pub ask: Option<String>,
    /// Its options: `A. …` `B. …`.
    #[arg(long, num_args = 1.., value_name = "OPTION", requires = "ask")]
    pub options: Vec<String>,
    /// The most tokens, three characters each.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// Sections of one's own, in place of the built-in ones (`--sections` prints those).
    #[arg(long, value_name = "FILE")]
    pub variant: Option<PathBuf>,
    /// Print what another variant changes.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub compare: Option<PathBuf>,
    /// Print the built-in sections: where a variant starts.
    #[arg(long)]
    pub sections: bool,
    /// One part in place of the whole.
    #[command(flatten)]
    pub part: PromptPart,
    /// Say what asks a model, too.
    #[arg(long)]
    pub model: Option<String>,
    /// JSON.
    #[arg(long)]
    pub json: bool,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The memory.
    #[arg(long)]
    pub scene: PathBuf,
    /// Read requests from standard input and write answers to standard output, a line each.
    #[arg(long, required_unless_present = "replay")]
    pub stdio: bool,
    /// Write what is read and answered to a transcript.
    #[arg(long, value_name = "FILE", requires = "stdio")]
    pub record: Option<PathBuf>,
    /// Answer the requests of a transcript again and compare byte for byte.
    #[arg(long, value_name = "FILE", conflicts_with = "stdio")]
    pub replay: Option<String>,
}

/// `grammar`
#[derive(Debug, Args)]
pub struct Grammar {
    /// lark, gbnf, ebnf or json-schema.
    #[arg(long)]
    pub format: String,
    /// The memory: its categories, photos and scale, and the operations that it can serve.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// The operations that may be called; all without.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub ops: Vec<String>,
    /// Allow operations that ask a model.
    #[arg(long)]
    pub model: Option<String>,
}

/// Parts of a prompt.
#[derive(Debug, Args)]
#[group(multiple = false, conflicts_with_all = ["json", "compare", "sections"])]
pub struct PromptPart {
    /// The language on one page.
    #[arg(long)]
    pub card: bool,
    /// The language as far as the question needs it.
    #[arg(long)]
    pub short_card: bool,
    /// The operations by relevance, described.
    #[arg(long)]
    pub catalogue: bool,
    /// What the scene holds.
    #[arg(long)]
    pub inventory: bool,
    /// Examples for the question, written for the scene.
    #[arg(long)]
    pub examples: bool,
    /// What the question spells out.
    #[arg(long)]
    pub decomposition: bool,
}

/// What is made.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Made {
    /// A memory of one room.
    Room,
    /// A memory of a flat: several rooms with doorways between them.
    Flat,
    /// Memories of several rooms, and questions about them.
    Questions,
}

/// `synth`
#[derive(Debug, Args)]
pub struct Synth {
    /// What is made.
    #[arg(value_enum)]
    pub what: Made,
    /// The first seed; the rooms have this one and those after it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The memory (what it does not say goes into a file beside it, `.truth.json`); of questions, the folder of
    /// `questions.jsonl` and `scenes/`.
    #[arg(short = 'o', long = "out")]
    pub out: PathBuf,
    /// Rooms that questions are about.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub rooms: u64,
    /// Flats that questions are about besides.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100_000))]
    pub flats: u64,
    /// Rooms of a flat; by its seed otherwise.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=6))]
    pub flat_rooms: Option<u16>,
    /// Furnish single rooms from the whole catalogue, as flats are.
    #[arg(long)]
    pub full: bool,
    /// The most questions of a family about a room.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub each: u16,
    /// Photos of a room, or frames of a video.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub photos: u16,
    /// Views along a walk, as of a hand-held video of this many seconds, and not single photos.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub video: Option<u16>,
    /// Size of the photos.
    #[arg(long, value_parser = size, value_name = "WxH", default_value = "640x480")]
    pub size: Size,
    /// Also record the room: photos, depth, masks and cameras as a folder that `import` and `build` read.
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Errors of the memory and of the recording, for instance `position=0.05,missing=0.1` (`spec/synth.md`). Of
    /// questions, the erring memories go into `degraded/`, for `eval --memory`.
    #[arg(long, value_name = "NAME=VALUE,…", default_value = "")]
    pub degrade: String,
}

/// Of which items of a benchmark pictures are drawn.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Pictures {
    /// None.
    None,
    /// Those that score less than 1.
    #[default]
    Misses,
    /// All.
    All,
}

/// `eval`
#[derive(Debug, Args)]
pub struct Eval {
    /// vsi-bench, mindcube, mmsi-bench, viewspatial, vlm4d, sqa3d, or jsonl for questions of one's own.
    pub name: String,
    /// The questions, in the benchmark's published format.
    #[arg(long, value_name = "FILE")]
    pub questions: String,
    /// Scene metadata or a folder of it, a folder of memories `<scene>.mem`, or one memory.
    #[arg(long, value_name = "PATH")]
    pub scenes: Option<PathBuf>,
    /// `oracle` takes the scenes as memories; a folder of memories (from photos, degraded …) takes their place.
    #[arg(long, value_name = "oracle|DIR", default_value = "oracle")]
    pub memory: String,
    /// What answers: `templates`, `programs:FILE` (lines {"id", "program"}), `replies:FILE` (lines
    /// {"id", "reply"}), or a model that writes programs, named as for `ask`.
    #[arg(long, value_name = "NAME", default_value = "templates")]
    pub planner: String,
    /// Run the questions once for each ablation, side by side with the whole pipeline and `templates`.
    #[arg(long, requires = "out", conflicts_with_all = ["ablate", "json"])]
    pub ablations: bool,
    /// Run the questions over memories with errors of known size, an arm each: those of `--degrade`, else the
    /// built-in ones. Says score, calibration of stated deviations, and withheld answers of each.
    #[arg(long, requires = "out", conflicts_with_all = ["ablations", "estimate", "json"])]
    pub noise: bool,
    /// Errors of an arm of `--noise`, as `synth --degrade` takes them; can be repeated.
    #[arg(long, value_name = "NAME=VALUE,…", requires = "noise")]
    pub degrade: Vec<String>,
    /// Print what models would be asked and what that would cost, and ask nothing.
    #[arg(long)]
    pub estimate: bool,
    /// Where the journal and the report go; a run that was stopped goes on there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// A JSON line for each question.
    #[arg(long)]
    pub json: bool,
    /// Threads (all cores).
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Of which items pictures are drawn into `--out`.
    #[arg(long, value_enum, default_value_t = Pictures::Misses)]
    pub pictures: Pictures,
    /// Report mean times too.
    #[arg(long)]
    pub timings: bool,
    /// Engine.
    #[arg(long, value_enum, default_value_t = Engine::Jit)]
    pub engine: Engine,
    /// What a model as planner may do, and who answers.
    #[command(flatten)]
    pub pipeline: AskPipeline,
}

/// The model that choices in words ask.
#[derive(Debug, Args)]
pub struct Asking {
    /// The model that `pick` asks: replay:FILE, record:FILE:NAME, exec:COMMAND, openai:MODEL,
    /// anthropic:MODEL, gemini:MODEL or ollama:MODEL. Keys come from the environment.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Write what the model is asked and answers to a transcript.
    #[arg(long, value_name = "FILE", requires = "model")]
    pub record: Option<PathBuf>,
    /// The most pixels a side of pictures for the model.
    #[arg(long, value_name = "PIXELS", requires = "model", default_value_t = 768,
        value_parser = clap::value_parser!(u32).range(64..=4096))]
    pub model_picture: u32,
}

/// `translate`
#[derive(Debug, Args)]
pub struct Translate {
    /// The plan, or a model's text with the plan in a fence; `-` is standard input.
    pub file: String,
    /// The memory to check against.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// How many photos there will be, where no memory is at hand yet.
    #[arg(long, conflicts_with = "scene")]
    pub photos: Option<u32>,
    /// Allow model calls.
    #[arg(long)]
    pub model: Option<String>,
    /// How findings are printed: full, concise, json, jsonl, llm, sarif, github, gitlab, junit or rdjson.
    #[arg(long, default_value = "full")]
    pub format: String,
}

/// `emit`
#[derive(Debug, Args)]
pub struct Emit {
    /// tokens, ast, hir, mir, clif or asm.
    pub stage: String,
    /// The program; `-` is standard input.
    pub file: String,
    /// The memory to check against.
    #[arg(long)]
    pub scene: Option<PathBuf>,
    /// The question it answers: `FILE`, or `FILE#ID` for one of many.
    #[arg(long, value_name = "FILE[#ID]")]
    pub question: Option<String>,
    /// Optimisation (`-O0` without, or `-O1` where it is to be explained).
    #[command(flatten)]
    pub optimise: Optimise,
    /// The project's configuration.
    #[command(flatten)]
    pub project: Project,
}

/// Kinds of picture.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Picture {
    /// What is seen from a view.
    Ego,
    /// From above, photographic.
    Top,
    /// From above, semantic.
    Plan,
    /// Depth from a view.
    Depth,
    /// Normals from a view, as colours.
    Normal,
    /// From a side: level, with a scale of heights.
    Side,
}

/// `render`
#[derive(Debug, Args)]
pub struct Render {
    /// Which picture.
    #[arg(value_enum)]
    pub kind: Picture,
    /// The memory.
    #[arg(long)]
    pub scene: PathBuf,
    /// From a photo's own view.
    #[arg(long, conflicts_with_all = ["at", "look_at"])]
    pub photo: Option<u32>,
    /// The eye: x,y,z.
    #[arg(long, value_parser = point, allow_hyphen_values = true, requires = "look_at")]
    pub at: Option<Point>,
    /// What the eye looks at: x,y,z.
    #[arg(long, value_parser = point, allow_hyphen_values = true, requires = "at")]
    pub look_at: Option<Point>,
    /// Which way a view from a side looks, degrees counter-clockwise from +X (90: north).
    #[arg(long, allow_hyphen_values = true)]
    pub heading: Option<f64>,
    /// Size in pixels: WxH.
    #[arg(long, value_parser = size, default_value = "960x960")]
    pub size: Size,
    /// The picture to write; its ending chooses the format: .png, .jpg, .webp.
    #[arg(short = 'o', long = "out")]
    pub out: PathBuf,
}

/// Subjects of measurement.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Subject {
    /// Check a 30-line program against 500 objects.
    Check,
    /// Compile it to native code.
    Compile,
    /// Run it.
    Run,
    /// Ego, top and plan views.
    Render,
    /// Closest-point distances.
    Query,
    /// Open a stored memory.
    Open,
    /// Bind a cached program to a memory.
    Bind,
    /// A thousand programs over a hundred memories.
    Many,
    /// Call an operation from compiled code.
    Call,
    /// Loops over 100,000 objects, in both engines.
    Bulk,
    /// Closest-point distances of 100,000 × 100 objects.
    Closest,
    /// Import a binary PLY of `--points` points.
    Import,
    /// What `--scene` shows from the cameras of its photos, against the photos: no times.
    Quality,
}

/// `bench`
#[derive(Debug, Args)]
pub struct Bench {
    /// What to measure.
    #[arg(value_enum)]
    pub subject: Subject,
    /// Points of the memory.
    #[arg(long, default_value_t = 1_000_000)]
    pub points: usize,
    /// Size of pictures: WxH.
    #[arg(long, value_parser = size, default_value = "960x960")]
    pub size: Size,
    /// The memory of `quality`.
    #[arg(long, required_if_eq("subject", "quality"))]
    pub scene: Option<PathBuf>,
    /// Leave the memory that `render` draws in this folder, for other programs to draw.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// JSON.
    #[arg(long)]
    pub json: bool,
}

/// `ops`
#[derive(Debug, Args)]
pub struct Ops {
    /// One operation.
    pub name: Option<String>,
    /// JSON.
    #[arg(long, conflicts_with = "name")]
    pub json: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A code (`E0501`) or a name (`unknown-category`); without one, all are listed.
    pub code: Option<String>,
    /// JSON.
    #[arg(long, requires = "code")]
    pub json: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Where pictures, memory and transcript go.
    #[arg(long, default_value = "reasmory-demo")]
    pub out: PathBuf,
    /// Seed of the room.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// Corners of an outline.
#[derive(Clone, Debug)]
pub struct Outline(pub Vec<[f64; 2]>);

/// A position.
#[derive(Clone, Copy, Debug)]
pub struct Point(pub [f64; 3]);

/// A picture size.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub u32, pub u32);

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    text.parse()
        .ok()
        .filter(|s| *s > 0.0)
        .and_then(|s| std::time::Duration::try_from_secs_f64(s).ok())
        .ok_or_else(|| "write a number of seconds, for instance 2.5".to_owned())
}

fn photo_pair(text: &str) -> Result<(u32, u32), String> {
    let number = |s: &str| s.trim().parse::<u32>().ok().filter(|n| *n > 0);
    let pair = text.split_once(',').and_then(|(a, b)| Some((number(a)?, number(b)?)));
    pair.ok_or_else(|| "write two photo numbers: 1,2".into())
}

fn outline(text: &str) -> Result<Outline, String> {
    let number = |s: &str| s.parse::<f64>().ok().filter(|x| x.is_finite());
    let corner = |w: &str| w.split_once(',').and_then(|(x, y)| Some([number(x)?, number(y)?]));
    let corners: Option<Vec<[f64; 2]>> = text.split_whitespace().map(corner).collect();
    corners.map(Outline).ok_or_else(|| "write the corners: \"0,0 4,0 4,3 0,3\"".into())
}

fn point(text: &str) -> Result<Point, String> {
    let parts: Vec<f64> = text
        .split(',')
        .map(|p| p.trim().parse::<f64>().ok().filter(|x| x.is_finite()))
        .collect::<Option<_>>()
        .ok_or("write three numbers: x,y,z")?;
    let parts: [f64; 3] = parts.try_into().map_err(|_| "write three numbers: x,y,z")?;
    Ok(Point(parts))
}

fn size(text: &str) -> Result<Size, String> {
    let (w, h) = text.split_once('x').ok_or("write WxH, for instance 960x960")?;
    let side = |s: &str| {
        s.parse::<u32>().ok().filter(|n| (1..=8192).contains(n)).ok_or("sides are 1 to 8192 pixels")
    };
    Ok(Size(side(w)?, side(h)?))
}
