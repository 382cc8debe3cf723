//! What a coding agent runs all day, through the real shims and the real tools: it has to
//! pass as if there were no shim. Beside it what it meets most often that is asked about,
//! and a plain `terraform apply` beside terraform's own.

mod asked;
mod desk;
mod pairs;
mod passed;
mod table;
