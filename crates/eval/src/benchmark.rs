//! The benchmarks by name.

use reasmory_driver::Failure;

/// A benchmark: the format of its questions and the metric of its publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Benchmark {
    /// VSI-Bench (Yang et al., arXiv 2412.14171).
    VsiBench,
    /// MindCube (Yin et al., arXiv 2506.21458).
    MindCube,
    /// MMSI-Bench (Yang et al., arXiv 2505.23764).
    MmsiBench,
    /// ViewSpatial-Bench (Li et al., arXiv 2505.21500).
    ViewSpatial,
    /// VLM4D (Zhou et al., arXiv 2508.02095).
    Vlm4d,
    /// SQA3D (Ma et al., arXiv 2210.07474).
    Sqa3d,
    /// Questions in the project's own format, as JSON or JSON lines.
    Jsonl,
}

impl Benchmark {
    /// All of them.
    pub const ALL: [Benchmark; 7] = [
        Benchmark::VsiBench,
        Benchmark::MindCube,
        Benchmark::MmsiBench,
        Benchmark::ViewSpatial,
        Benchmark::Vlm4d,
        Benchmark::Sqa3d,
        Benchmark::Jsonl,
    ];

    /// As on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Benchmark::VsiBench => "vsi-bench",
            Benchmark::MindCube => "mindcube",
            Benchmark::MmsiBench => "mmsi-bench",
            Benchmark::ViewSpatial => "viewspatial",
            Benchmark::Vlm4d => "vlm4d",
            Benchmark::Sqa3d => "sqa3d",
            Benchmark::Jsonl => "jsonl",
        }
    }

    /// The benchmark of this name.
    pub fn named(name: &str) -> Result<Benchmark, Failure> {
        Benchmark::ALL.into_iter().find(|b| b.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Benchmark::ALL.iter().map(|b| b.name()).collect();
            Failure::new(
                format!("no benchmark is called `{name}`"),
                format!("use one of {}", known.join(", ")),
            )
        })
    }

    /// What its score is, in a few words.
    pub const fn metric(self) -> &'static str {
        match self {
            Benchmark::VsiBench | Benchmark::Jsonl => {
                "accuracy of choices, mean relative accuracy of numbers"
            }
            Benchmark::Sqa3d => "exact match of cleaned answers",
            Benchmark::MindCube
            | Benchmark::MmsiBench
            | Benchmark::ViewSpatial
            | Benchmark::Vlm4d => "accuracy of choices",
        }
    }

    /// How its overall figure is formed.
    pub const fn overall(self) -> &'static str {
        match self {
            Benchmark::VsiBench => {
                "mean over the question types, the three difficulties of direction as one"
            }
            _ => "mean over the questions",
        }
    }
}
