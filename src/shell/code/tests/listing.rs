//! Names that a directory has, the program that runs the code, files that are added to.

use super::check;
use crate::shell::inner::Language;

#[test]
fn what_is_listed_is_below_what_was_listed() {
    let head = "import glob, os, shutil\nfrom pathlib import Path\n";
    for (code, expected) in [
        ("for d in glob.glob('build-*'): shutil.rmtree(d)", "./_"),
        ("for d in sorted(glob.glob('**/x', recursive=True)): shutil.rmtree(d)", "./_"),
        ("for d in glob.glob('/etc/*'): shutil.rmtree(d)", "/etc/_"),
        ("for d in glob.glob('/*'): shutil.rmtree(d)", "/_"),
        ("for d in glob.glob('../*'): shutil.rmtree(d)", "../_"),
        ("for d in glob.glob('*/../../*'): shutil.rmtree(d)", "_"),
        ("for d in glob.glob('*', root_dir='/'): shutil.rmtree(d)", "_"),
        ("os.chdir('/')\nfor d in glob.glob('*'): shutil.rmtree(d)", "_"),
        ("for d in glob.glob(x): shutil.rmtree(d)", "_"),
        ("for d in Path('.').glob('build-*'): shutil.rmtree(d)", "./_"),
        ("for d in Path('.').glob('../*'): shutil.rmtree(d)", "_"),
        ("for d in Path('/').rglob('x'): shutil.rmtree(d)", "/_"),
        ("os.chdir('/')\nfor d in Path('.').iterdir(): shutil.rmtree(d)", "_"),
        ("for d in os.listdir('x'): shutil.rmtree(d)", "./_"),
        ("for d in os.listdir(): shutil.rmtree(d)", "./_"),
        ("for d in os.listdir('/'): shutil.rmtree('/' + d)", "//_"),
        ("for d in os.listdir('/'): shutil.rmtree(os.path.join('/', d))", "/_"),
        ("for r, ds, fs in os.walk('.'):\n  for d in ds:\n    shutil.rmtree(os.path.join(r, d))", "./_"),
        ("for r, ds, fs in os.walk('/'):\n  for d in ds:\n    shutil.rmtree(os.path.join(r, d))", "/_"),
        ("for r, ds, fs in os.walk('/'): shutil.rmtree(r)", "/"),
        ("shutil.rmtree(Path.cwd() / 'build')", "./build"),
        ("shutil.rmtree(Path(__file__).parent / 'out')", "_/out"),
        ("shutil.rmtree(Path('.').joinpath('/etc'))", "/etc"),
    ] {
        let expected = format!("call remove-tree: {expected}");
        check(Language::Python, &[(&format!("{head}{code}"), &[&expected])]);
    }
    for (code, expected) in [
        ("for (const f of fs.readdirSync('x')) fs.rmSync(path.join('x', f), {recursive: true})", "x/_"),
        ("for (const f of fs.readdirSync('/')) fs.rmSync(path.join('/', f), {recursive: true})", "/_"),
        ("fs.readdirSync('/etc').forEach(f => fs.rmSync(path.join('/etc', f), {recursive: true}))", "/etc/_"),
        ("for (const f of fs.readdirSync(d)) fs.rmSync(path.join(d, f), {recursive: true})", "_/_"),
        ("fs.globSync('{/etc,x}/*').forEach(f => fs.rmSync(f, {recursive: true}))", "_"),
    ] {
        let expected = format!("call remove-tree: {expected}");
        check(Language::JavaScript, &[(code, &[&expected])]);
    }
    check(
        Language::JavaScript,
        &[("fs.readdirSync('/etc').forEach(fs.unlinkSync)", &["call remove-file-in-loop: /etc/_"])],
    );
}

#[test]
fn the_program_that_runs_the_code_is_known() {
    check(
        Language::Python,
        &[
            ("import sys, subprocess; subprocess.run([sys.executable, '-m', 'x'])", &["run python3|-m|x"]),
            ("from sys import executable as e; import os; os.execl(e, e, 'a')", &["run python3|a"]),
            (
                "import sys, subprocess; sys.executable = 'rm'; subprocess.run([sys.executable, 'a'])",
                &["run python3|a", "run rm|a"],
            ),
            (
                "import sys, subprocess; setattr(sys, 'exec' + 'utable', 'rm'); subprocess.run([sys.executable])",
                &["run _"],
            ),
        ],
    );
    check(
        Language::JavaScript,
        &[("require('child_process').spawnSync(process.execPath, ['a.js'])", &["run node|a.js"])],
    );
}

#[test]
fn what_adds_to_a_file_does_not_empty_it() {
    check(
        Language::Python,
        &[
            ("open('a', 'a').write('x')", &["call append-file: a"]),
            ("open('a', mode='ab')", &["call append-file: a"]),
            ("open('a', 'w')", &["call write-file: a"]),
            ("open('a', m)", &["call write-file: a"]),
            ("from pathlib import Path; Path('a').open('a')", &["call append-file: a"]),
        ],
    );
    check(
        Language::JavaScript,
        &[
            ("fs.appendFileSync('a', 'x')", &["call append-file: a"]),
            ("fs.writeFileSync('a', 'x', {flag: 'a'})", &["call append-file: a"]),
            ("fs.writeFileSync('a', 'x', {flag: 'w'})", &["call write-file: a"]),
        ],
    );
    check(
        Language::Php,
        &[
            ("file_put_contents('a', 'x', FILE_APPEND);", &["call append-file: a"]),
            ("file_put_contents('a', 'x');", &["call write-file: a"]),
        ],
    );
}

#[test]
fn statements_of_sqlite_act_on_its_file() {
    check(
        Language::Python,
        &[
            (
                "import sqlite3; c = sqlite3.connect('a.db'); k = c.cursor(); k.execute('drop table t')",
                &["run sqlite3|a.db|drop table t"],
            ),
            ("import sqlite3; sqlite3.connect(p).execute('drop table t')", &["run sqlite3|_|drop table t"]),
            (
                "import sqlite3; sqlite3.connect('-x').execute('drop table t')",
                &["run sqlite3|./-x|drop table t"],
            ),
            ("import sqlite3; sqlite3.connect(':memory:').execute('drop table t')", &[]),
            (
                "import sqlite3; c = sqlite3.connect(':memory:'); c.execute(\"attach 'a' as b\")",
                &["run sqlite3|_|attach 'a' as b"],
            ),
            (
                "import psycopg2; psycopg2.connect('x').cursor().execute('drop table t')",
                &["call sql: drop table t"],
            ),
        ],
    );
}
