//! Workflows, and what of them is run.

use super::*;

fn passages(source: &str) -> Vec<Passage> {
    let pieces = GitHub.read(source).unwrap();
    let passages = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Passage(passage) => Some(passage),
        _ => None,
    });
    passages.collect()
}

fn texts(source: &str) -> Vec<String> {
    passages(source).into_iter().map(|passage| passage.text).collect()
}

#[test]
fn workflows_are_known_by_their_place_or_what_they_hold() {
    let workflow = "on: push\njobs:\n  a:\n    steps: []\n";
    for (path, text, expected) in [
        (".github/workflows/ci.yml", "", true),
        ("/x/.gitea/workflows/ci.yaml", "}", true),
        (".github/workflows/ci.sh", "", false),
        (".github/dependabot.yml", "version: 2", false),
        ("a/action.yml", "name: x\nruns:\n  using: node20\n", true),
        ("a/action.yml", "name: x\n", false),
        ("templates/ci.yml", workflow, true),
        ("templates/ci.yml", "on: push\njobs:\n  - 1\n", false),
        ("templates/ci.yml", "on: push\njobs:\n  {{ a }}: b: c\n", false),
        ("x.yml", "runs:\n  using: composite\n", true),
        ("values.yaml", "jobs:\n  a: {steps: 1}\n", false),
        ("ci.txt", workflow, false),
    ] {
        assert_eq!(GitHub.is(Path::new(path), text), expected, "{path}: {text}");
    }
}

#[test]
fn each_step_is_a_passage() {
    let source = "on: push
env: {A: one, B: \"${{ github.ref }}\"}
jobs:
  first:
    runs-on: ubuntu-latest
    env: {A: 'two'}
    steps:
      - uses: actions/checkout@v4
      - name: terraform destroy
        run: echo ${{ env.A }} ${{ env.B }}
      - run: |
          make
        env: {A: 3}
        working-directory: x
  second:
    runs-on: [self-hosted]
    steps:
      - run: exit
";
    let before = "export A='one'\nexport B=\"${github_ref}\"\n";
    assert_eq!(
        texts(source),
        [
            format!("{before}export A='two'\necho two ${{env_B}}"),
            format!("{before}export A='two'\nexport A='3'\nmake\n"),
            format!("{before}exit"),
        ]
    );
    let places: Vec<Place> = passages(source).iter().map(|passage| passage.place).collect();
    assert_eq!(places, [Place::Container, Place::Container, Place::Here]);
}

#[test]
fn the_shell_says_whether_and_how_a_step_is_read() {
    let job = |runs_on: &str, rest: &str| {
        format!("on: push\njobs:\n  a:\n    runs-on: {runs_on}\n    {rest}\n    steps:\n")
    };
    for (source, expected) in [
        (job("windows-2022", "") + "      - run: del x\n", vec!["del x\n"]),
        (job("windows-2022", "") + "      - {run: rm x, shell: bash}\n", vec!["rm x"]),
        (job("ubuntu-latest", "defaults: {run: {shell: pwsh}}") + "      - run: $a = [x]::y()\n", vec![""]),
        (
            job("ubuntu-latest", "") + "      - {run: x = 1, shell: python}\n",
            vec!["python3 - <<'CODE'\nx = 1\nCODE\n"],
        ),
        (
            job("ubuntu-latest", "") + "      - {run: CODE, shell: python}\n",
            vec!["python3 - <<'CODE_'\nCODE\nCODE_\n"],
        ),
        (
            job("ubuntu-latest", "") + "      - {uses: nick-fields/retry@v3, with: {command: make}}\n",
            vec!["make"],
        ),
        (
            "runs:\n  using: composite\n  steps:\n    - {run: make, shell: sh}\n    - run: none\n".to_owned(),
            vec!["make", "none\n"],
        ),
        (
            job("ubuntu-latest", "") + "      - {uses: actions/github-script@v7, with: {script: x()}}\n",
            vec!["node - <<'CODE'\nx()\nCODE\n"],
        ),
        ("runs: {using: node20, main: x.js}".to_owned(), vec![]),
        ("on: push\njobs: {a: {uses: x}, b: {steps: {run: x}}, c: [], d: }".to_owned(), vec![]),
    ] {
        assert_eq!(texts(&source), expected, "{source}");
    }
}

#[test]
fn what_the_file_says_of_expressions_counts() {
    let source = "on: {workflow_dispatch: {inputs: {do: {type: choice, options: [plan, destroy]}, to: {}}}}
jobs:
  a:
    strategy: {matrix: {x: [1], y: [{n: a}, {n: b}], include: [{x: 1, z: q}]}}
    steps:
      - run: ${{ inputs.do }} ${{ inputs.to }} ${{ matrix.x }} ${{ matrix.z }} ${{ matrix.none }}
      - run: ${{ matrix.y.n }} ${{ github.event_name == 'push' && 'up' || 'down' }}
";
    let case = |name: &str, one: &str, other: &str| {
        format!("{name}='{one}'\ncase ${{{name}_is}} in\n0) {name}='{other}' ;;\nesac\n")
    };
    let push = "github_event_name_push_up_down";
    assert_eq!(
        texts(source),
        [
            case("inputs_do", "plan", "destroy") + "${inputs_do} ${inputs_to} 1 q ${matrix_none}",
            case(push, "up", "down") + &case("matrix_y_n", "a", "b") + "${matrix_y_n} ${" + push + "}",
        ]
    );
}

#[test]
fn defaults_and_simple_functions_are_put_in() {
    let source = "on: {workflow_dispatch: {inputs: {do: {default: destroy}}}}
env: {ACT: apply}
jobs:
  a:
    strategy: {matrix: {x: \"${{ fromJSON('[\\\"one\\\"]') }}\"}}
    steps:
      - run: tf ${{ inputs.do }} ${{ env['ACT'] }} ${{ format('a {0} {1}', 'b', env.ACT) }} ${{ matrix.x }}
      - run: ${{ matrix.cargo || 'cargo' }} test
";
    let before = "export ACT='apply'\n";
    assert_eq!(
        texts(source),
        [format!("{before}tf destroy apply a b apply one"), format!("{before}cargo test")]
    );
    let action = "inputs: {a: {default: destroy}}\nruns: {using: composite, steps: [{run: 'tf ${{ inputs.a }}', shell: sh}]}";
    assert_eq!(texts(action), ["tf destroy"]);
}

#[test]
fn broken_and_hostile_workflows_are_not_read() {
    assert!(GitHub.read("on: push\njobs: [").is_err());
    let env = "x".repeat(50_000);
    let steps = "      - run: a\n".repeat(5_000);
    let source = format!("on: push\nenv: {{A: {env}}}\njobs:\n  a:\n    steps:\n{steps}");
    assert!(GitHub.read(&source).unwrap_err().why.contains("too much"));
}
