//! At a terminal, where a human can be asked.

mod answers;
mod jobs;
mod nested;
mod terminals;
