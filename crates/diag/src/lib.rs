//! Diagnostics: the registry of codes, the diagnostic type, suggestions and their application,
//! did-you-mean, and one renderer per output format.
//!
//! This is the only crate that sees `codespan_reporting`.
#![forbid(unsafe_code)]

pub mod apply;
mod codes;
mod diagnostic;
mod pages;
pub mod render;
pub mod shown;
pub mod similar;

pub use codes::{CODES, Code, CodeInfo, Level};
pub use diagnostic::{Applicability, Diagnostic, Edit, Label, Note, Severity, Suggestion, sort};
pub use pages::{Fence, page_fences, page_sections};
