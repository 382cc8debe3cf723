//! A script's first line.

/// The program that a text's first line names: its name alone, without a version.
/// `env` and `busybox` stand for what they are told to run.
pub fn interpreter(text: &str) -> Option<&str> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace();
    let program = loop {
        let word = words.next()?;
        match word.rsplit('/').next().unwrap_or(word) {
            // These of env's options take a word.
            _ if matches!(word, "-u" | "-C") => drop(words.next()),
            _ if word.starts_with('-') || word.contains('=') => {}
            "busybox" | "env" => {}
            name => break name,
        }
    };
    Some(program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_named_without_path_options_and_version() {
        for (line, program) in [
            ("#!/bin/sh -e\n", Some("sh")),
            ("#! /usr/bin/env -S -u X A=b python3.12 -u\n", Some("python")),
            ("#!/bin/busybox awk -f\n", Some("awk")),
            ("#!/usr/bin/env\n", None),
            ("#!\n", None),
            ("echo\n", None),
        ] {
            assert_eq!(interpreter(line), program, "{line}");
        }
    }
}
