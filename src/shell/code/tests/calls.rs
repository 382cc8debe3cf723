//! What a text runs only where something calls it.

use super::{Language, check};

#[test]
fn functions_that_nothing_calls_run_nothing_unknown() {
    check(
        Language::Python,
        &[
            ("import subprocess\ndef run(cmd, **kw):\n    return subprocess.run(cmd, **kw)\n", &[]),
            ("import shutil\ndef clean(p):\n    shutil.rmtree(p)\n", &[]),
            // Part of it is known.
            ("import os\ndef f1(c):\n    os.system('terraform ' + c)", &["sh terraform _"]),
            ("import os\ndef f1():\n    os.system('a b')", &["sh a b"]),
            // Somebody may call it.
            ("import os\ndef f1(c):\n    os.system(c)\nf1(x)", &["sh _"]),
            ("import os\ndef f1(c):\n    os.system(c)\ng(f1)", &["sh _"]),
            ("import os\ndef f1(c):\n    os.system(c)\nglobals()['f1'](x)", &["sh _"]),
            ("import os\n@app.command()\ndef f1(c):\n    os.system(c)", &["sh _"]),
            ("import os\nclass A(B):\n    def do_GET(self):\n        os.system(self.path)", &["sh _"]),
            // It has ended.
            ("import os\ndef f1(c):\n    pass\nos.system(c)", &["sh _"]),
            ("import os\ndef f1(c): pass\nos.system(c)", &["sh _"]),
        ],
    );
    check(
        Language::JavaScript,
        &[
            ("function f1(c) { return require('child_process').execSync(c) }", &[]),
            ("const f1 = (c) => { require('child_process').execSync(c) }", &[]),
            ("function f1(c) {}\nrequire('child_process').execSync(c)", &["sh _"]),
            ("const f1 = (c) => c\nrequire('child_process').execSync(c)", &["sh _"]),
            ("const f1 = c => c\n{ require('child_process').execSync(c) }", &["sh _"]),
        ],
    );
    check(
        Language::Perl,
        &[("sub f1 { my $c = shift; system($c) }", &[]), ("sub f1 { 1 } system($c)", &["sh _"])],
    );
    check(
        Language::Ruby,
        &[
            ("def f1(c)\n  system(c)\nend\n", &[]),
            ("def f1(c)\n  1\nend\nsystem(c)", &["sh _"]),
            ("def f1(c); 1; end; system(c)", &["sh _"]),
        ],
    );
    check(
        Language::Php,
        &[
            ("function f1($c) { exec($c); }", &[]),
            ("function f1($c) { } exec($c);", &["sh _"]),
            ("class A extends B { function f1($c) { exec($c); } }", &["sh _"]),
        ],
    );
}

#[test]
fn arguments_reach_what_they_are_given_to() {
    check(
        Language::Python,
        &[
            ("import os, glob\nlist(map(os.remove, glob.glob('*')))", &["call remove-file-in-loop: ./_"]),
            (
                "import os\nclass R:\n    def __init__(self, cmd):\n        self.cmd = cmd\n    def go(self):\n        os.system(self.cmd)\nR('a b').go()",
                &["sh a b"],
            ),
        ],
    );
    check(
        Language::JavaScript,
        &[
            ("const run = cmd => require('child_process').execSync(cmd); run('a b')", &["sh a b"]),
            (
                "const fs = require('fs'); fs.readdirSync('.').forEach(fs.unlinkSync)",
                &["call remove-file-in-loop: ./_"],
            ),
        ],
    );
    check(
        Language::Perl,
        &[
            ("sub f1 { my ($c) = @_; system($c) } f1('a b');", &["sh a b"]),
            ("sub f1 { my $c = shift; system($c); } f1('a b');", &["sh a b"]),
            ("sub f1 { my $c = shift; system($c); } f1 'a b';", &["sh a b"]),
            ("sub f1 { system(@_) } f1('a', 'b');", &["run a|b"]),
            ("unlink for glob '*'", &["call remove-file-in-loop: _"]),
            ("print $h{unlink}", &[]),
        ],
    );
    check(
        Language::Ruby,
        &[
            ("def run(c)\n  system(c)\nend\nrun 'a b'", &["sh a b"]),
            ("Dir.glob('*').each(&File.method(:delete))", &["call remove-file-in-loop: _"]),
        ],
    );
    check(
        Language::Php,
        &[
            ("array_map('unlink', glob('*'));", &["call remove-file-in-loop: _"]),
            ("array_walk($files, 'unlink');", &["call remove-file-in-loop: _"]),
            ("array_map('trim', [' a ']);", &[]),
            ("$f = 'system'; $f('a b');", &["sh a b"]),
            ("function run(string $c): void { exec($c); } run('a b');", &["sh a b"]),
        ],
    );
}

#[test]
fn prose_is_no_statement() {
    check(
        Language::Python,
        &[
            ("step.run('Update the user and set the name')", &[]),
            ("step.run('Delete all files from the list')", &[]),
            ("step.run('Drop the table of contents')", &[]),
            ("step.run('Truncate text')", &[]),
            ("step.run('Select a file')", &[]),
            ("step.run('Do the thing')", &[]),
            ("db.run('update users set a = 1')", &["call sql: update users set a = 1"]),
            ("db.run('-- all\\ndelete from users')", &["call sql: -- all\ndelete from users"]),
            ("db.run('drop table if exists users')", &["call sql: drop table if exists users"]),
            ("db.execute('truncate users')", &["call sql: truncate users"]),
            ("db.query('alter table a drop column b')", &["call sql: alter table a drop column b"]),
        ],
    );
}
