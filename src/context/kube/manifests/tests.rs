use std::fs;

use super::*;
use crate::process::Environment;

/// A directory with these files.
fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn read(root: &tempfile::TempDir, line: &str) -> Manifests {
    let words: Vec<std::ffi::OsString> = line.split(' ').map(Into::into).collect();
    let command = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
    of(&command, root.path())
}

/// The namespaces, and `?` where something was not read.
fn shown(found: &Manifests) -> String {
    let names: Vec<&str> = found.namespaces.iter().map(String::as_str).collect();
    let unread = if found.unread.is_empty() { "" } else { "?" };
    names.join(" ") + unread
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: prod}\n";

#[test]
fn a_manifest_names_namespaces() {
    let list = "kind: List\napiVersion: v1\nitems: [{kind: Pod, metadata: {namespace: a}}, {kind: PodList, items: [{metadata: {namespace: b}}]}]";
    for (text, expected) in [
        (POD, "prod"),
        ("kind: Pod\nmetadata: {name: a}\n", ""),
        (
            "kind: Pod\nmetadata: {namespace: a}\n---\n# none\n---\nkind: Job\nmetadata: {namespace: b}\n",
            "a b",
        ),
        ("---\n\n--- # again\nkind: Job\nmetadata: {namespace: b}\n...\n", "b"),
        (list, "a b"),
        (r#"{"kind":"Pod","metadata":{"namespace":"a"}}"#, "a"),
        ("{\"metadata\":{\"namespace\":\"a\"}}\n{\"metadata\":{\"n\\u0061mespace\":\"b\"}}", "a b"),
        ("metadata: {\"n\\x61mespace\": \"pr\\x6fd\"}", "prod"),
        ("x: &x {namespace: prod}\nmetadata: *x", "prod"),
        ("x: &x {namespace: prod}\nmetadata: {<<: *x, name: a}", "prod"),
        ("metadata: !a {namespace: !b prod}", "prod"),
        ("\u{feff}metadata: {namespace: prod}", "prod"),
        ("metadata: {namespace: prod}\r\n---\r\nmetadata: {namespace: b}\r\n", "b prod"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: prod}", "prod"),
        ("apiVersion: acme.io/v1\nkind: Namespace\nmetadata: {name: prod}", ""),
        ("subjects: [{namespace: prod}]\nmetadata: {namespace: a}", "a"),
        ("metadata: {namespace: 1}", "?"),
        ("metadata: {namespace: }", ""),
        ("metadata: {!a namespace: prod}", "?"),
        ("!a metadata: {namespace: prod}", "?"),
        ("items: [{metadata: {!a namespace: prod}}]", "?"),
        ("metadata: {namespace: !!%62inary cHJvZA==}", "?"),
        ("metadata: {namespace: !<tag:yaml.org,2002:b%69nary> cHJvZA==}", "?"),
        ("%TAG !x! tag:yaml.org,2002:\n---\nmetadata: {namespace: !x!binary cHJvZA==}", "?"),
        ("just words", ""),
        ("", ""),
        ("metadata: {namespace: !!binary cHJvZA==}", "?"),
        ("metadata: {namespace: a, namespace: prod}", "?"),
        ("a: b: c", "?"),
    ] {
        let found = read(&place(&[("x", text)]), "apply -f x");
        assert_eq!(shown(&found), expected, "{text}");
    }
    let root = place(&[]);
    fs::write(root.path().join("x"), b"\xff\xfem\0e\0").unwrap();
    assert_eq!(shown(&read(&root, "apply -f x")), "?", "in another encoding");
}

#[test]
fn what_kubectl_reads_is_read() {
    let at = |name: &str| format!("metadata: {{namespace: {name}}}");
    let root = place(&[
        ("one", &at("a")),
        ("d/b.yaml", &at("b")),
        ("d/c.json", &at("c")),
        ("d/no.txt", &at("e")),
        ("d/below/d.yml", &at("d")),
        ("x,y.yaml", &at("e")),
    ]);
    std::os::unix::fs::symlink(root.path().join("one"), root.path().join("d/link.yaml")).unwrap();
    std::os::unix::fs::symlink("..", root.path().join("d/up.yaml")).unwrap();
    nix::unistd::mkfifo(&root.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (line, expected) in [
        ("apply -f one", "a"),
        ("apply -f d", "a b c"),
        ("apply -R -f d/", "a b c d"),
        ("apply --recursive=false -f d", "a b c"),
        ("apply -f one,d/b.yaml", "a b"),
        ("apply -f one -f d/b.yaml", "a b"),
        ("apply -f \"x,y.yaml\"", "e"),
        ("apply -f d/*.json", "c"),
        ("apply -f [od]*", "a b c"),
        ("apply -f none", ""),
        ("apply -f -", ""),
        ("apply -f pipe", ""),
        ("apply -f https://example.com/x.yaml", ""),
        ("delete -f one", "a"),
        ("create -f one", "a"),
        ("replace --force -f one", "a"),
        ("scale --replicas=0 -f one", "a"),
        ("set image -f one c=i", "a"),
        ("rollout restart -f one", "a"),
        ("exec -f one -- true", "a"),
        ("get -f one", ""),
        ("diff -f one", ""),
        ("rollout status -f one", ""),
        ("apply --dry-run=server -f one", ""),
        ("logs -f one", ""),
        ("delete pod one", ""),
    ] {
        assert_eq!(shown(&read(&root, line)), expected, "{line}");
    }
}

#[test]
fn a_kustomization_puts_everything_in_its_namespace() {
    let root = place(&[
        ("base/kustomization.yaml", "resources: [pod.yaml, ns.yaml]"),
        ("far/kustomization.yaml", "resources: [pod.yaml, 'https://example.com/x']"),
        ("helm/kustomization.yaml", "helmCharts: [{name: x}]"),
        (
            "more/kustomization.yaml",
            "resources: [../base]\nimages: [{name: a, newTag: b}]\npatches: [{path: p.yaml}]",
        ),
        ("base/pod.yaml", POD),
        ("base/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: own}"),
        ("plain/kustomization.yml", "resources: [../base]"),
        ("dev/Kustomization", "namespace: dev\nbases: [../base]"),
        ("again/kustomization.yaml", "namespace: again\nresources: [../dev]"),
        ("circle/kustomization.yaml", "resources: [../circle]"),
        ("broken/kustomization.yaml", "a: b: c"),
    ]);
    for (line, expected) in [
        ("apply -k base", "own prod"),
        ("apply -k plain", "own prod"),
        ("apply -k dev", "dev own"),
        ("delete -k again", "again own"),
        ("apply -k circle", "?"),
        ("apply -k broken", "?"),
        ("apply -k none", ""),
        ("apply -k more", "own prod"),
        // Whoever sends it reads what it comes to.
        ("apply -k far", ""),
        ("delete -k far", "?"),
        ("apply -k helm", "?"),
        ("apply -k github.com/acme/app", ""),
        ("delete -k github.com/acme/app", "?"),
    ] {
        assert_eq!(shown(&read(&root, line)), expected, "{line}");
    }
}

#[test]
fn there_is_an_end_to_what_is_read() {
    let root = place(&[("many/0.yaml", POD)]);
    fs::File::create(root.path().join("huge.yaml")).unwrap().set_len(FILE + 1).unwrap();
    let found = read(&root, "apply -f huge.yaml");
    assert!(found.unread.iter().any(|why| why.ends_with("too large to be read")), "{found:?}");
    for number in 1..=FILES {
        fs::write(root.path().join(format!("many/{number}.yaml")), "kind: Pod\n").unwrap();
    }
    let found = read(&root, "apply -f many");
    assert_eq!(shown(&found), "prod?");
    assert_eq!(found.unread.len(), 1, "{found:?}");
}

#[test]
fn a_kustomization_says_what_it_sets() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {hostPID: true}}}\n";
    let inline = format!("patches:\n- patch: |\n    {}", patch.trim().replace('\n', "\n    "));
    let root = place(&[
        ("p.yaml", patch),
        ("file/kustomization.yaml", "patches: [{path: ../p.yaml}]"),
        ("merge/kustomization.yaml", "patchesStrategicMerge: [../p.yaml]"),
        ("inline/kustomization.yaml", &inline),
        ("count/kustomization.yaml", "replicas: [{name: web, count: 0}]"),
        ("list/kustomization.yaml", "patches: [{patch: '[{op: remove, path: /spec}]'}]"),
        ("plain/kustomization.yaml", "namePrefix: x-"),
    ]);
    for (name, expected) in
        [("file", 1), ("merge", 1), ("inline", 1), ("count", 1), ("list", 0), ("plain", 0)]
    {
        let words = ["apply", "-k", name].map(std::ffi::OsString::from);
        let command = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
        let found = objects(&command, root.path()).unwrap();
        assert_eq!(found.len(), expected, "{name}: {found:?}");
        assert!(found.iter().all(|one| one.get("spec").is_some()), "{name}: {found:?}");
    }
}
