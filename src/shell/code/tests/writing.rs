//! Files that are written, and the places where they are.

use super::check;
use crate::shell::inner::Language;

#[test]
fn python_writes() {
    check(
        Language::Python,
        &[
            ("open('a','w').write('x')", &["call write-file: a"]),
            ("with open('a', 'ab') as f:\n    f.write(b'x')", &["call append-file: a"]),
            ("open('a', mode='r+')", &["call write-file: a"]),
            ("open(file='a', mode='x')", &["call write-file: a"]),
            ("import io; io.open('a', 'w')", &["call write-file: a"]),
            ("open('a', mode)", &["call write-file: a"]),
            ("open('a')", &[]),
            ("open('a', 'r').read()", &[]),
            ("open('a', 'rb', 0)", &[]),
            ("open('a', encoding='ascii')", &[]),
            ("open(name, 'w').write('x')", &[]),
            ("import sys; open(sys.argv[1], 'w')", &[]),
            ("open(f'{name}.json', 'w')", &["call write-file: _.json"]),
            ("p = 'a'\nopen(p, 'w')", &["call write-file: a"]),
            ("import gzip; gzip.open('a.gz', 'wt')", &["call write-file: a.gz"]),
            ("import tarfile; tarfile.open('a.tgz', 'r:gz')", &[]),
            ("from pathlib import Path; Path('a').write_text('x')", &["call write-file: a"]),
            ("from pathlib import Path; (Path('a') / 'b').write_bytes(b'x')", &["call write-file: a/b"]),
            ("from pathlib import Path; p = Path('a'); p.touch()", &["call write-file: a"]),
            ("from pathlib import Path; Path('a').open('w')", &["call write-file: a"]),
            ("from pathlib import Path; Path('a').open()", &[]),
            ("from pathlib import Path; Path('a').read_text().replace('x', 'y')", &[]),
            (
                "from pathlib import Path; Path('a').replace('b')",
                &["call remove-file: a", "call write-file: b"],
            ),
            ("print('a b'.replace('a', 'b'))", &[]),
            ("args.out.write_text('x')", &[]),
            ("import os; os.open('a', os.O_WRONLY)", &["call write-file: a"]),
            ("import os; os.open('a', os.O_RDONLY)", &[]),
            ("import os; os.truncate('a', 0)", &["call write-file: a"]),
            ("import os; os.symlink('/etc/passwd', 'b')", &["call write-file: b"]),
            ("import os; os.replace('a', 'b')", &["call remove-file: a", "call write-file: b"]),
            ("import os; os.rename(a, b)", &[]),
            ("import shutil; shutil.copy('a', 'b')", &["call write-file: b"]),
            ("import shutil; shutil.copy('x/a', './')", &["call write-file: ./a"]),
            ("import shutil; shutil.copyfile(src='a', dst='b')", &["call write-file: b"]),
            ("import shutil; shutil.move('a', 'b')", &["call remove-file: a", "call write-file: b"]),
            ("import os; os.chmod('a', 0o600); os.chown('a', 1, 1)", &[]),
        ],
    );
}

#[test]
fn script_writes() {
    check(
        Language::JavaScript,
        &[
            ("require('fs').writeFileSync('a', 'x')", &["call write-file: a"]),
            ("const fs = require('node:fs'); fs.appendFile('a', 'x', () => {})", &["call append-file: a"]),
            ("import {writeFile} from 'fs/promises'; await writeFile('a', 'x')", &["call write-file: a"]),
            ("const fs = require('fs'); fs.promises.writeFile('a', 'x')", &["call write-file: a"]),
            ("fs.createWriteStream('a').write('x')", &["call write-file: a"]),
            ("fs.renameSync('a', 'b')", &["call remove-file: a", "call write-file: b"]),
            ("fs.copyFileSync('a', 'b')", &["call write-file: b"]),
            ("fs.truncateSync('a')", &["call write-file: a"]),
            ("fs.openSync('a', 'w')", &["call write-file: a"]),
            ("fs.openSync('a', 'r'); fs.openSync('a')", &[]),
            ("Deno.writeTextFileSync('a', 'x')", &["call write-file: a"]),
            ("await Bun.write('a', 'x')", &["call write-file: a"]),
            ("fs.writeFileSync(out, 'x')", &[]),
            ("fs.readFileSync('a'); fs.createReadStream('a')", &[]),
            ("array.copy('a', 'b'); clipboard.writeText('a')", &[]),
            ("fs.writeFileSync(path.join(__dirname, 'a.json'), 'x')", &["call write-file: _/a.json"]),
        ],
    );
}

#[test]
fn others_write() {
    check(
        Language::Ruby,
        &[
            ("File.write('a', 'x')", &["call write-file: a"]),
            ("File.write 'a', 'x'", &["call write-file: a"]),
            ("File.open('a', 'w') { |f| f.puts 'x' }", &["call write-file: a"]),
            ("File.open('a', 'w') do |f|\n f.puts 'x'\nend", &["call write-file: a"]),
            ("File.open('a')", &[]),
            ("File.open('a', 'r:utf-8')", &[]),
            ("File.read('a')", &[]),
            ("IO.write('a', 'x')", &["call write-file: a"]),
            ("FileUtils.cp('a', 'b')", &["call write-file: b"]),
            ("FileUtils.cp 'a', 'b/'", &["call write-file: b/a"]),
            ("FileUtils.mv('a', 'b')", &["call remove-file: a", "call write-file: b"]),
            ("File.rename('a', 'b')", &["call remove-file: a", "call write-file: b"]),
            ("File.write(name, 'x')", &[]),
            ("$stdout.write('x')", &[]),
        ],
    );
    check(
        Language::Perl,
        &[
            ("open(F, '>', 'a')", &["call write-file: a"]),
            ("open(my $f, '>>:utf8', 'a') or die", &["call append-file: a"]),
            ("open my $f, '+<', 'a' or die;", &["call write-file: a"]),
            ("open(F, '>a'); print F 'x'", &["call write-file: a"]),
            ("open(F, '>>a')", &["call append-file: a"]),
            ("open(F, '<', 'a')", &[]),
            ("open(F, 'a')", &[]),
            ("open(STDERR, '>&STDOUT')", &[]),
            ("open(F, '>', $name)", &[]),
            ("open(F, \">$name\")", &[]),
            ("rename 'a', 'b'", &["call remove-file: a", "call write-file: b"]),
            (
                "use File::Copy; copy('a', 'b'); move('c', 'd')",
                &["call write-file: b", "call remove-file: c", "call write-file: d"],
            ),
            ("copy('a', 'b')", &[]),
        ],
    );
    check(
        Language::Php,
        &[
            ("file_put_contents('a', 'x');", &["call write-file: a"]),
            ("$f = fopen('a', 'w');", &["call write-file: a"]),
            ("fopen('a', 'r');", &[]),
            ("fopen('php://stdout', 'w');", &[]),
            ("file_put_contents('file:///a', 'x');", &["call write-file: /a"]),
            ("rename('a', 'b');", &["call remove-file: a", "call write-file: b"]),
            ("copy('a', 'b');", &["call write-file: b"]),
            ("file_put_contents($name, 'x');", &[]),
        ],
    );
    check(
        Language::Awk,
        &[
            ("{ print > \"a\" }", &["call write-file: a"]),
            ("{ print $1, $2 >> \"a\" }", &["call append-file: a"]),
            ("{ printf \"%s\", $1 > \"a\" }", &["call write-file: a"]),
            ("{ print > $1 }", &[]),
            ("{ print > $1 \".txt\" }", &["call write-file: _.txt"]),
            ("$1 > 3 { print }", &[]),
            ("{ if ($1 > \"a\") print $1 }", &[]),
        ],
    );
}

#[test]
fn places_are_known() {
    check(
        Language::Python,
        &[
            (
                "import tempfile, shutil; d = tempfile.mkdtemp(); shutil.rmtree(d)",
                &["call remove-tree: /tmp/_"],
            ),
            (
                "from tempfile import mkdtemp; import shutil; shutil.rmtree(mkdtemp(dir='x'))",
                &["call remove-tree: x/_"],
            ),
            (
                "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/a', 'w')",
                &["call write-file: /tmp/_/a"],
            ),
            (
                "import tempfile, shutil\nt = tempfile.TemporaryDirectory()\nshutil.rmtree(t.name)",
                &["call remove-tree: /tmp/_"],
            ),
            (
                "import os, tempfile; os.remove(os.path.join(tempfile.gettempdir(), 'a'))",
                &["call remove-file: /tmp/a"],
            ),
            (
                "import os, tempfile, shutil; shutil.rmtree(os.path.join(tempfile.gettempdir(), '/etc'))",
                &["call remove-tree: /etc"],
            ),
            (
                "import shutil; from pathlib import Path; shutil.rmtree(Path('/tmp') / '/etc')",
                &["call remove-tree: /etc"],
            ),
            ("import os, shutil; shutil.rmtree(os.path.expanduser('~'))", &["call remove-tree: ~"]),
            ("import shutil; from pathlib import Path; shutil.rmtree(Path.home())", &["call remove-tree: ~"]),
            (
                "import shutil; from pathlib import Path; shutil.rmtree(Path.home() / 'a')",
                &["call remove-tree: ~/a"],
            ),
            ("import os, shutil; shutil.rmtree(os.environ['HOME'])", &["call remove-tree: ~"]),
            ("import os, shutil; shutil.rmtree(os.environ.get('HOME'))", &["call remove-tree: ~"]),
            ("import os, shutil; shutil.rmtree(os.environ['OUT'])", &["call remove-tree: _"]),
            ("import os, shutil; shutil.rmtree(os.getcwd())", &["call remove-tree: ."]),
            ("import os, shutil; os.chdir('/'); shutil.rmtree(os.getcwd())", &["call remove-tree: _"]),
        ],
    );
    check(
        Language::JavaScript,
        &[
            (
                "const d = fs.mkdtempSync(path.join(os.tmpdir(), 'x-')); fs.rmSync(d, {recursive: true})",
                &["call remove-tree: /tmp/x-_"],
            ),
            ("fs.rmSync(require('os').homedir(), {recursive: true})", &["call remove-tree: ~"]),
            ("fs.rmSync(process.env.HOME, {recursive: true})", &["call remove-tree: ~"]),
            ("fs.rmSync(path.join(process.cwd(), 'dist'), {recursive: true})", &["call remove-tree: ./dist"]),
            ("fs.rmSync(path.resolve('a', '/etc'), {recursive: true})", &["call remove-tree: /etc"]),
        ],
    );
    check(
        Language::Ruby,
        &[
            ("d = Dir.mktmpdir; FileUtils.rm_rf(d)", &["call remove-tree: /tmp/_"]),
            ("Dir.mktmpdir('x') { |d| File.write(\"#{d}/a\", 'x') }", &["call write-file: /tmp/_/a"]),
            ("Dir.mktmpdir do |d|\n FileUtils.rm_rf(d)\nend", &["call remove-tree: /tmp/_"]),
            ("FileUtils.rm_rf(ENV['HOME'])", &["call remove-tree: ~"]),
            ("FileUtils.rm_rf(Dir.home)", &["call remove-tree: ~"]),
        ],
    );
    check(Language::Php, &[("unlink(sys_get_temp_dir() . '/a');", &["call remove-file: /tmp/a"])]);
}

#[test]
fn every_process_is_signalled() {
    check(
        Language::Python,
        &[
            ("import os; os.kill(-1, 9)", &["run kill|-9|-1"]),
            ("import os, signal; os.kill(-1, signal.SIGKILL)", &["run kill|-9|-1"]),
            ("import os; os.kill(-1, 0)", &[]),
            ("import os; os.kill(pid, 9)", &[]),
            ("import os; os.kill(1234, 9)", &[]),
        ],
    );
    check(
        Language::JavaScript,
        &[
            ("process.kill(-1)", &["run kill|-9|-1"]),
            ("process.kill(-1, 'SIGKILL')", &["run kill|-9|-1"]),
            ("process.kill(child.pid)", &[]),
        ],
    );
    check(Language::Ruby, &[("Process.kill('KILL', -1)", &["run kill|-9|-1"])]);
    check(Language::Perl, &[("kill 9, -1;", &["run kill|-9|-1"]), ("kill('TERM', $pid);", &[])]);
    check(Language::Php, &[("posix_kill(-1, 9);", &["run kill|-9|-1"])]);
}

#[test]
fn what_is_started_from_elsewhere_is_not_known() {
    check(
        Language::Python,
        &[
            ("import subprocess; subprocess.run(cmd)", &["run …"]),
            ("import subprocess; subprocess.run(['git', name])", &["run git|_"]),
            ("import os; os.system(cmd)", &["sh _"]),
        ],
    );
}

#[test]
fn what_is_written_does_not_run() {
    check(
        Language::Python,
        &[
            ("open('x.sh', 'w').write('terraform destroy')", &["call write-file: x.sh"]),
            (
                "from pathlib import Path; Path('x.sh').write_text('terraform destroy')",
                &["call write-file: x.sh"],
            ),
            (
                "from pathlib import Path\np=Path('x'); p.write_text(p.read_text().replace('rm -rf','echo'))",
                &["call write-file: x"],
            ),
            (
                "s='''\ncommand = \"terraform destroy\"\n'''\nopen('x.tf','w').write(s)",
                &["call write-file: x.tf"],
            ),
        ],
    );
    check(Language::Awk, &[("{ print > \"out.txt\" }", &["call write-file: out.txt"])]);
}
