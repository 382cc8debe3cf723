//! Text that nothing runs is nothing.

use super::{Language, check};

const NOTHING: &[&str] = &[];

#[test]
fn python() {
    let harmless = [
        "print('terraform destroy')",
        "print(\"terraform destroy -auto-approve\")",
        "x = 'terraform destroy'\nprint(x)",
        "'''terraform destroy'''",
        "\"\"\"\nos.system('terraform destroy')\n\"\"\"",
        "# os.system('terraform destroy')",
        "x = 1 # subprocess.run('terraform destroy', shell=True)",
        "import json; print(json.dumps({'cmd': 'terraform destroy'}))",
        "import json,sys; d=json.load(sys.stdin); print(d['kubectl delete ns'])",
        "s = \"os.system('terraform destroy')\"",
        "s = 'it\\'s os.system(\"terraform destroy\")'",
        "s = r'\\'; t = \"os.system('x')\"",
        "import re; re.compile('terraform destroy')",
        "import re; print(re.sub('terraform destroy', '', open('a').read()))",
        "import logging; logging.info('running terraform destroy')",
        "raise ValueError('kubectl delete namespace prod')",
        "assert 'terraform destroy' in text",
        "if 'terraform destroy' in line: print(line)",
        "for line in open('log'):\n    if 'rm -rf /' in line:\n        print(line)",
        "import platform; print(platform.system())",
        "import os; print(os.environ['HOME'])",
        "import os; print(os.path.join('/a', 'b'))",
        "import os; os.makedirs('/tmp/x', exist_ok=True)",
        "import sys; sys.exit(1)",
        "parser.add_argument('--exec', help='terraform destroy')",
        "def system(x):\n    pass",
        "model.eval()",
        "import subprocess",
        "import subprocess\nclass A(subprocess.CalledProcessError): pass",
        "except_text = 'subprocess.run'",
        "data = {'delete': 'DROP TABLE x'}",
        "print('DROP TABLE x')",
        "x = [1,2,3]; x.remove(2)",
        "s = set(); s.discard('rm -rf')",
        "d.pop('terraform')",
        "d = {}; d.clear()",
        "import requests; print(requests.get('https://a.example').json())",
        "import httpx; r = httpx.get('https://a.example/delete')",
        "import urllib.request; urllib.request.urlopen('https://a.example')",
        "text = f'terraform destroy {name}'\nprint(text)",
        "import yaml; yaml.safe_load('a: b')",
        "import ast; ast.literal_eval('[1]')",
        "df.drop(columns=['a'])",
        "list.remove('x')",
        "executor.submit(print, 'terraform destroy')",
        "cursor.fetchall()",
        "queue.delete('x')",
        "session.delete(user)",
        "print('%s' % 'terraform destroy')",
        "print(' '.join(['terraform', 'destroy']))",
        "import shlex; print(shlex.split('terraform destroy'))",
        "import base64; print(base64.b64decode('dGVycmFmb3JtIGRlc3Ryb3k='))",
        "help('os.system')",
        "import unittest.mock\nwith unittest.mock.patch('os.system') as m: pass",
        "",
        "\n\n",
        "print(f'{x!r:>10} os.system')",
        "import json,sys; d=json.load(sys.stdin); print([r for r in d if 'delete' in r['actions']])",
        "import argparse\np=argparse.ArgumentParser()\np.add_argument('--delete')\nprint(p.parse_args().delete)",
        "import ast; ast.parse(open('x.py').read()); print('ok')",
        "compile(open('x.py').read(), 'x.py', 'exec')",
        "import pandas as pd\ndf=pd.read_csv('x.csv').drop(columns=['a'])\nprint(df.query('a > 1'))",
    ];
    let cases: Vec<(&str, &[&str])> = harmless.iter().map(|code| (*code, NOTHING)).collect();
    check(Language::Python, &cases);
}

#[test]
fn javascript() {
    let harmless = [
        "console.log('terraform destroy')",
        "console.log(`terraform destroy ${x}`)",
        "// require('child_process').execSync('terraform destroy')",
        "/* execSync('terraform destroy') */",
        "const s = \"execSync('terraform destroy')\"",
        "const m = /terraform destroy/.exec(text)",
        "const re = /x/; re.exec('terraform destroy')",
        "JSON.stringify({cmd: 'kubectl delete ns'})",
        "const fs = require('fs'); console.log(fs.readFileSync('rm.txt', 'utf8'))",
        "fetch('https://a.example').then(r => r.json())",
        "axios.get('https://a.example')",
        "map.delete('terraform')",
        "new Set().delete(1)",
        "$('#rm').remove()",
        "$('terraform destroy').hide()",
        "throw new Error('rm -rf /')",
        "const a = b / c; const d = 'execSync(1)'",
        "const x = {exec: 'terraform destroy'}",
        "const {exec} = require('child_process')",
        "import { exec } from 'child_process'",
        "setTimeout(() => console.log('terraform destroy'), 10)",
        "document.execCommand('delete')",
        "process.exit(0)",
        "let s = 'a' + 'b'; s.replace(/'/g, \"execSync('x')\")",
        "test('runs terraform destroy', () => { expect(1).toBe(1) })",
    ];
    let cases: Vec<(&str, &[&str])> = harmless.iter().map(|code| (*code, NOTHING)).collect();
    check(Language::JavaScript, &cases);
}

#[test]
fn other_languages() {
    let perl = [
        "print \"terraform destroy\\n\";",
        "print 'system(\"terraform destroy\")';",
        "# system('terraform destroy');",
        "s/terraform destroy/x/; print;",
        "print if /terraform destroy/",
        "my $x = q{system('rm -rf /')}; print $x;",
        "while (<>) { print if m{rm -rf} }",
        "open(my $f, '<', 'terraform'); print <$f>;",
        "open(F, 'file.txt');",
        "=pod\nsystem('terraform destroy')\n=cut\nprint 1;",
        "print 1;\n__END__\nsystem('terraform destroy')",
        "print <<EOF;\nsystem('terraform destroy')\nEOF\n",
        "tr/a-z/A-Z/",
        "$h{system} = 'terraform destroy';",
    ];
    let ruby = [
        "puts 'terraform destroy'",
        "puts \"terraform destroy #{x}\"",
        "# system('terraform destroy')",
        "x = 'system(\"terraform destroy\")'",
        "=begin\nsystem 'terraform destroy'\n=end\nputs 1",
        "puts <<~EOS\n  system('terraform destroy')\nEOS\n",
        "a = %w[terraform destroy]; puts a",
        "x = 5 % 3",
        "text =~ /terraform destroy/",
        "require 'open3'",
        "h = { system: 'terraform destroy' }",
        "'abc'.delete('b')",
        "raise 'rm -rf /'",
    ];
    let awk = [
        "{ print $1 }",
        "/terraform destroy/ { print }",
        "BEGIN { print \"terraform destroy\" }",
        "# system(\"x\")",
        "{ x = \"system(1)\"; print x }",
        "$1 == \"kubectl\" && /delete/ { n++ } END { print n }",
        "{ printf \"%s %s\\n\", $1, $2 }",
    ];
    let php = [
        "echo 'terraform destroy';",
        "<p>system('terraform destroy')</p>",
        "// system('terraform destroy');",
        "/* exec('x') */ # exec('y')",
        "$x = 'exec(\"terraform destroy\")'; echo $x;",
        "<?php echo 'a'; ?> exec('terraform destroy') <?php echo 'b';",
        "echo <<<EOT\nexec('terraform destroy')\nEOT;\n",
        "$pdo->quote('DROP TABLE x');",
    ];
    for (language, texts) in [
        (Language::Perl, &perl[..]),
        (Language::Ruby, &ruby[..]),
        (Language::Awk, &awk[..]),
        (Language::Php, &php[..]),
    ] {
        let cases: Vec<(&str, &[&str])> = texts.iter().map(|code| (*code, NOTHING)).collect();
        check(language, &cases);
    }
}
