//! Many inputs in few lines: a request is for people to read, and has an end.

use std::collections::BTreeMap;

/// More inputs than this are told by their directories.
pub(super) const SINGLE: usize = 200;

/// What stands for all that a directory holds.
const ALL: &str = "/*";

/// `found` by name, where it is much with one digest for each directory, from the deepest
/// upwards, until it is little. Every name and digest is still in one of those.
pub(super) fn folded(mut found: BTreeMap<String, String>) -> BTreeMap<String, String> {
    while found.len() > SINGLE {
        let deepest = found.keys().filter_map(|name| directory(name)).map(depth).max();
        let Some(deepest) = deepest else { break };
        let mut together: BTreeMap<String, String> = BTreeMap::new();
        let mut folded = BTreeMap::new();
        for (name, digest) in found {
            match directory(&name).filter(|directory| depth(directory) == deepest) {
                Some(directory) => {
                    let text = together.entry(format!("{directory}{ALL}")).or_default();
                    for part in [&name, &digest] {
                        text.push_str(&part.len().to_string());
                        text.push(' ');
                        text.push_str(part);
                    }
                }
                None => {
                    folded.insert(name, digest);
                }
            }
        }
        for (name, text) in together {
            folded.insert(name, format!("sha256:{}", crate::digest::sha256(text.as_bytes())));
        }
        found = folded;
    }
    found
}

/// The directory whose digest a name would be in: of what is there, `.` for the directory
/// that is worked in; of what was folded, the one above. What is no file has none.
fn directory(name: &str) -> Option<&str> {
    match name.strip_suffix(ALL) {
        Some(folded) => folded.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty()),
        None => Some(name.rsplit_once('/').map_or(".", |(directory, _)| directory)),
    }
}

fn depth(directory: &str) -> usize {
    if directory == "." { 0 } else { directory.matches('/').count() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(names: impl IntoIterator<Item = String>) -> BTreeMap<String, String> {
        names.into_iter().map(|name| (name, "sha256:00".to_owned())).collect()
    }

    #[test]
    fn what_is_much_is_told_by_directory() {
        let little = many((0..SINGLE).map(|at| format!("d/{at}")));
        assert_eq!(folded(little.clone()), little);
        for (found, expected) in [
            (
                many((0..300).map(|at| format!("d/e/{at}")).chain(["main.tf".into()])),
                &["d/e/*", "main.tf"][..],
            ),
            (many((0..300).map(|at| format!("d/{at}/x"))), &["d/*"]),
            (many((0..300).map(|at| format!("{at}.tf")).chain(["/h/.aws".into()])), &["./*", "/h/*"]),
            (many((0..300).map(|at| format!("/{at}"))), &["/*"]),
        ] {
            let mut changed = found.clone();
            let names: Vec<String> = folded(found.clone()).into_keys().collect();
            assert_eq!(names, expected);
            *changed.values_mut().nth(150).unwrap() = "sha256:01".to_owned();
            assert_ne!(folded(changed), folded(found.clone()));
            let mut renamed = found.clone();
            let (name, digest) = renamed.pop_first().unwrap();
            renamed.insert(format!("{name}x"), digest);
            assert_ne!(folded(renamed), folded(found));
        }
    }
}
