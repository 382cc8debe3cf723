//! Whether a configuration may read files whose names it puts together itself.

/// What is told then.
pub(super) const NOTE: &str = "files whose names expressions put together are not compared";

/// Blocks that start programs, in HCL and in JSON, without white space.
const PROGRAMS: [&str; 4] = ["provisioner", "data\"external\"", "dataexternal", "\"external\":"];

/// Functions that read files by their name.
const FUNCTIONS: [&str; 9] = [
    "file",
    "fileset",
    "filebase64",
    "filemd5",
    "filesha1",
    "filesha256",
    "filesha512",
    "filebase64sha256",
    "filebase64sha512",
];

/// The same, with a second argument that counts nothing here.
const TEMPLATE: &str = "templatefile";

/// Whether `text` starts programs, or reads files whose names are not literal.
pub(super) fn are_in(text: &str) -> bool {
    let dense: String = text.split_whitespace().collect();
    PROGRAMS.iter().any(|program| dense.contains(program)) || calls(text)
}

/// Whether one of the functions is called with something that is no literal.
fn calls(text: &str) -> bool {
    text.match_indices('(').any(|(at, _)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let before = before.trim_end();
        let start = before.rfind(|part: char| !part.is_ascii_alphanumeric() && part != '_');
        let name = start.map_or(Some(before), |start| before.get(start..)).unwrap_or_default();
        let name = name.trim_start_matches(|part: char| !part.is_ascii_alphanumeric() && part != '_');
        (FUNCTIONS.contains(&name) || name == TEMPLATE) && !(name != "fileset" && is_literal(behind))
    })
}

/// Whether an argument is one text in quotes, in which nothing but the own directory is
/// put in. In JSON the quotes are escaped.
fn is_literal(argument: &str) -> bool {
    let argument = argument.trim_start().trim_start_matches('\\');
    let Some((text, rest)) = argument.strip_prefix('"').and_then(|text| text.split_once('"')) else {
        return false;
    };
    let own = ["${path.module}/", "${path.root}/", "${path.cwd}/"];
    let text = own.iter().find_map(|own| text.strip_prefix(own)).unwrap_or(text);
    !text.contains("${") && !text.contains("%{") && rest.trim_start().starts_with([')', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_files_by_expressions_is_known() {
        for (text, expected) in [
            ("x = file(\"a.json\")", false),
            ("x = file( \"${path.module}/a.json\" )", false),
            ("x = templatefile(\"${path.module}/a.tpl\", { a = var.b })", false),
            (r#"{"x": "${file(\"a.json\")}"}"#, false),
            ("profile(var.x)", false),
            ("x = 1", false),
            ("x = file(var.name)", true),
            ("x = file\n (\"${path.module}/${f}\")", true),
            ("x = file(\"a\" == \"b\" ? \"c\" : \"d\")", true),
            ("x = filesha256(local.a)", true),
            ("x = fileset(path.module, \"*\")", true),
            ("provisioner \"local-exec\" {}", true),
            ("data   \"external\" \"x\" {}", true),
            ("data\"external\"\"x\"{}", true),
            (r#"{"data": {"external": {}}}"#, true),
        ] {
            assert_eq!(are_in(text), expected, "{text}");
        }
    }
}
