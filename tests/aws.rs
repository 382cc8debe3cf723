//! The grammar, the target, the table and the rules of aws, against the real one
//! and against what people said.

mod labels;
mod target;
