//! One renderer per output format, all over [`crate::Diagnostic`].
