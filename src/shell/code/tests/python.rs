//! Python.

use super::{Language, check};

#[test]
fn shell_text() {
    check(
        Language::Python,
        &[
            (
                "import os; os.system('terraform destroy -auto-approve')",
                &["sh terraform destroy -auto-approve"],
            ),
            ("import os\nos.system(\"terraform destroy\")", &["sh terraform destroy"]),
            ("import os; os.popen('terraform destroy').read()", &["sh terraform destroy"]),
            ("import os as o; o.system('terraform destroy')", &["sh terraform destroy"]),
            ("from os import system; system('terraform destroy')", &["sh terraform destroy"]),
            ("from os import system as s, path; s('terraform destroy')", &["sh terraform destroy"]),
            ("from os import (path,\n system)\nsystem('x y')", &["sh x y"]),
            ("from os import *; system('terraform destroy')", &["sh terraform destroy"]),
            ("__import__('os').system('terraform destroy')", &["sh terraform destroy"]),
            ("import importlib; importlib.import_module('os').system('x')", &["sh x"]),
            ("getattr(__import__('os'), 'sys'+'tem')('x')", &["sh x"]),
            ("import os; getattr(os, name)('x')", &["opaque"]),
            ("f = __import__('os').system\nf('terraform destroy')", &["sh terraform destroy"]),
            ("import os; os.__dict__['system']('x y')", &["sh x y"]),
            ("import sys; sys.modules['os'].system('x')", &["sh x"]),
            ("import os; os.system('terra' + 'form destroy')", &["sh terraform destroy"]),
            ("import os; os.system('terra' 'form ' \"destroy\")", &["sh terraform destroy"]),
            ("import os; c = 'terraform destroy'; os.system(c)", &["sh terraform destroy"]),
            (
                "import os\nc = 'terraform'\nc += ' destroy'\nos.system(c)",
                &["sh terraform", "sh terraform destroy"],
            ),
            ("import os; os.system(f'terraform destroy {x}')", &["sh terraform destroy _"]),
            ("import os; t='terraform'; os.system(f'{t} destroy')", &["sh terraform destroy"]),
            ("import os; os.system(f'{{a}} {x:>10} {y!r} {z=}')", &["sh {a} _ _ _"]),
            ("import os; os.system('terraform %s' % 'destroy')", &["sh terraform destroy"]),
            ("import os; os.system('%s %s' % ('terraform', x))", &["sh terraform _"]),
            ("import os; os.system('{} destroy'.format('terraform'))", &["sh terraform destroy"]),
            ("import os; os.system('{a} {0}'.format(x, a='terraform'))", &["sh terraform _"]),
            ("import os; os.system(' '.join(['terraform', 'destroy']))", &["sh terraform destroy"]),
            ("import os; os.system(cmd)", &["sh _"]),
            ("import os; os.system(sys.argv[1])", &["sh _"]),
            ("import os; os.system('\\x74erraform destroy')", &["sh terraform destroy"]),
            ("import os; os.system('\\164erraform\\u0020destroy')", &["sh terraform destroy"]),
            ("import os; os.system(r'a\\nb')", &["sh a\\nb"]),
            ("import os; os.system(b'terraform destroy')", &["sh terraform destroy"]),
            ("import os; os.system('''terraform\ndestroy''')", &["sh terraform\ndestroy"]),
            ("import os; os.system('terraform destroy' if x else 'ls')", &["sh terraform destroy", "sh ls"]),
            (
                "import os\nfor c in ['terraform destroy', 'ls']:\n    os.system(c)",
                &["sh terraform destroy", "sh ls"],
            ),
            ("import os; [os.system(c) for c in ('a b', 'c d')]", &["sh a b", "sh c d"]),
            ("import os\ndef run(c):\n    os.system(c)\nrun('terraform destroy')", &["sh terraform destroy"]),
            ("import os\ndef run(c, q=1):\n    os.system(c)\nrun(c='x y')\nrun('z')", &["sh x y", "sh z"]),
            ("import os\ndef run(c):\n    os.system(c)", &[]),
            ("import os\nif x:\n    os.system('terraform destroy')", &["sh terraform destroy"]),
            ("import os; x = os.system('a'); print(os.system('b'))", &["sh a", "sh b"]),
            ("import os; print(f'{os.system(\"terraform destroy\")}')", &["sh terraform destroy"]),
            (
                "import os; os.system(base64.b64decode('dGVycmFmb3JtIGRlc3Ryb3k=').decode())",
                &["sh terraform destroy"],
            ),
            ("import os; os.system(bytes.fromhex('7465727261666f726d').decode())", &["sh terraform"]),
            ("import os; os.system('yortsed'[::-1])", &["sh _"]),
            ("import os; os.system('teXrraform'.replace('X', ''))", &["sh terraform"]),
            ("import os; os.system(chr(108)+chr(115))", &["sh ls"]),
            (
                "import os; list(map(os.system, ['terraform destroy', 'ls']))",
                &["sh terraform destroy", "sh ls"],
            ),
            ("import os, atexit; atexit.register(os.system, 'terraform destroy')", &["sh terraform destroy"]),
            (
                "import os\nclass A:\n    def __init__(self):\n        self.c = 'x y'\n    def go(self):\n        os.system(self.c)",
                &["sh x y"],
            ),
            ("import os; (lambda: os.system('terraform destroy'))()", &["sh terraform destroy"]),
            ("import os; a, b = 'terraform', 'destroy'; os.system(a + ' ' + b)", &["sh terraform destroy"]),
            ("import os; c: str = 'x y'; os.system(c)", &["sh x y"]),
            ("import os; os.system(c := 'x y')", &["sh x y"]),
            ("import commands; commands.getoutput('x y')", &["sh x y"]),
            ("import os\nos.system(\n  'terraform '\n  'destroy'\n)", &["sh terraform destroy"]),
        ],
    );
}

#[test]
fn programs() {
    check(
        Language::Python,
        &[
            ("import subprocess; subprocess.run(['terraform', 'destroy'])", &["run terraform|destroy"]),
            ("import subprocess; subprocess.run('terraform destroy', shell=True)", &["sh terraform destroy"]),
            ("import subprocess; subprocess.run(args=['a', 'b'], check=True)", &["run a|b"]),
            ("import subprocess as sp; sp.call(['terraform', 'destroy'])", &["run terraform|destroy"]),
            ("from subprocess import run; run(['terraform', 'destroy'])", &["run terraform|destroy"]),
            ("from subprocess import *; run(['terraform', 'destroy'])", &["run terraform|destroy"]),
            ("from subprocess import Popen as P, PIPE; P(['a'], stdout=PIPE)", &["run a"]),
            ("import subprocess; subprocess.check_output('a b'.split())", &["run a|b"]),
            ("import subprocess, shlex; subprocess.check_call(shlex.split('a \"b c\"'))", &["run a|b c"]),
            ("import subprocess; subprocess.getoutput('a b')", &["sh a b"]),
            ("import subprocess; subprocess.getstatusoutput('a b')", &["sh a b"]),
            ("import subprocess; subprocess.run(['terraform', x])", &["run terraform|_"]),
            ("import subprocess; subprocess.run(['terraform', *rest])", &["run terraform|…"]),
            ("import subprocess; subprocess.run(['terraform'] + sys.argv[1:])", &["run terraform|…"]),
            (
                "import subprocess; c = ['terraform']; subprocess.run(c + ['destroy'])",
                &["run terraform|destroy"],
            ),
            (
                "import subprocess\nc = ['terraform']\nc.append('destroy')\nsubprocess.run(c)",
                &["run terraform", "run terraform|destroy"],
            ),
            (
                "import subprocess\nc = ['a']\nc.extend(['b', 'c'])\nsubprocess.run(c)",
                &["run a", "run a|b|c"],
            ),
            ("import subprocess\nc = ['a']\nc += ['b']\nsubprocess.run(c)", &["run a", "run a|b"]),
            (
                "import subprocess\ndef tf(*args):\n    subprocess.run(['terraform', *args])\ntf('destroy', '-auto-approve')",
                &["run terraform|destroy|-auto-approve"],
            ),
            ("import subprocess; subprocess.run(cmd)", &["run …"]),
            ("import subprocess; subprocess.run(cmd, shell=True)", &["sh _"]),
            ("import subprocess; subprocess.run(['a b'], shell=True)", &["sh a b"]),
            (
                "import subprocess; subprocess.run(['x', 'destroy'], executable='terraform')",
                &["run terraform|destroy"],
            ),
            ("import subprocess; subprocess.run(('a', 'b'))", &["run a|b"]),
            (
                "import subprocess; subprocess.run(['git', 'status'], capture_output=True).stdout",
                &["run git|status"],
            ),
            ("import os; os.execvp('terraform', ['terraform', 'destroy'])", &["run terraform|destroy"]),
            ("import os; os.execv('/bin/terraform', ['t', 'destroy'])", &["run /bin/terraform|destroy"]),
            ("import os; os.execlp('terraform', 'terraform', 'destroy')", &["run terraform|destroy"]),
            ("import os; os.spawnlp(os.P_WAIT, 'a', 'a', 'b')", &["run a|b"]),
            ("import os; os.spawnvp(os.P_WAIT, 'a', ['a', 'b'])", &["run a|b"]),
            ("import os; os.posix_spawn('/a', ['a', 'b'], os.environ)", &["run /a|b"]),
            ("import pty; pty.spawn(['a', 'b'])", &["run a|b"]),
            ("import pty; pty.spawn('a')", &["sh a"]),
            ("import asyncio; asyncio.run(asyncio.create_subprocess_shell('a b'))", &["sh a b"]),
            ("await asyncio.create_subprocess_exec('a', 'b', stdout=x)", &["run a|b"]),
            ("import sh; sh.terraform('destroy')", &["run terraform|destroy"]),
            (
                "from sh import terraform; terraform('destroy', '-auto-approve')",
                &["run terraform|destroy|-auto-approve"],
            ),
            ("from plumbum.cmd import terraform; terraform['destroy']()", &["run terraform|destroy"]),
            ("from plumbum import local; local['terraform']('destroy')", &["run terraform|destroy"]),
            ("from invoke import run; run('a b')", &["sh a b"]),
            (
                "from invoke import task\n@task\ndef t(c):\n    c.run('terraform destroy')",
                &["sh terraform destroy"],
            ),
            ("from fabric import Connection; Connection('h').run('a b')", &["sh a b"]),
            ("import pexpect; pexpect.spawn('a b')", &["sh a b"]),
            ("with subprocess.Popen(['a', 'b']) as p:\n    p.wait()", &["run a|b"]),
            ("client.exec_command('a b')", &["sh a b"]),
            ("import subprocess; f = subprocess.run; f(['a'])", &["run a"]),
            (
                "from threading import Thread; import os; Thread(target=os.system, args=('a b',)).start()",
                &["sh a b"],
            ),
        ],
    );
}

#[test]
fn evaluation() {
    check(
        Language::Python,
        &[
            ("exec('import os; os.system(\"terraform destroy\")')", &["sh terraform destroy"]),
            ("eval(\"__import__('os').system('x')\")", &["sh x"]),
            (
                "exec(base64.b64decode('aW1wb3J0IG9zOyBvcy5zeXN0ZW0oInRlcnJhZm9ybSBkZXN0cm95Iik='))",
                &["sh terraform destroy"],
            ),
            ("import base64 as b; exec(b.b64decode(b'cHJpbnQoMSk='))", &[]),
            ("from base64 import b64decode as d; exec(d('b3Muc3lzdGVtKCJ4Iik='))", &["sh x"]),
            ("exec(compile('import os; os.system(\"x\")', 'a', 'exec'))", &["sh x"]),
            ("exec(x)", &["opaque"]),
            ("eval(input())", &["opaque"]),
            ("exec(open('x.py').read())", &["opaque"]),
            ("exec(zlib.decompress(base64.b64decode('eJw=')))", &["opaque"]),
            ("eval('1 + 1')", &[]),
            ("exec('exec(\"exec(x)\")')", &["opaque"]),
            ("import builtins; builtins.exec('os.system(\"x\")')", &["sh x"]),
        ],
    );
}

#[test]
fn files() {
    check(
        Language::Python,
        &[
            ("import shutil; shutil.rmtree('/data')", &["call remove-tree: /data"]),
            ("from shutil import rmtree; rmtree('/data', ignore_errors=True)", &["call remove-tree: /data"]),
            ("import shutil; shutil.rmtree(path)", &["call remove-tree: _"]),
            ("import shutil, os; shutil.rmtree(os.path.join('/a', 'b'))", &["call remove-tree: /a/b"]),
            ("import os; os.remove('/tmp/x')", &["call remove-file: /tmp/x"]),
            ("import os; os.unlink('x')", &["call remove-file: x"]),
            ("import os; os.rmdir('x')", &["call remove-file: x"]),
            (
                "import os\nfor f in os.listdir('/data'):\n    os.remove(f)",
                &["call remove-file-in-loop: /data/_"],
            ),
            (
                "import os\nfor r, d, fs in os.walk('/'):\n    for f in fs:\n        os.remove(os.path.join(r, f))",
                &["call remove-file-in-loop: /_"],
            ),
            ("import os, glob; [os.remove(f) for f in glob.glob('*')]", &["call remove-file-in-loop: ./_"]),
            ("import os\nfor x in range(3):\n    print(x)\nos.remove(x)", &["call remove-file: _"]),
            (
                "import os\nfor x in ['a', 'b']:\n    os.remove(x)",
                &["call remove-file: a", "call remove-file: b"],
            ),
            ("from pathlib import Path; Path('/a/b').unlink()", &["call remove-file: /a/b"]),
            (
                "import pathlib\np = pathlib.Path('/a') / 'b'\np.unlink(missing_ok=True)",
                &["call remove-file: /a/b"],
            ),
            (
                "from pathlib import Path\nfor p in Path('/a').glob('*'):\n    p.unlink()",
                &["call remove-file-in-loop: /a/_"],
            ),
            (
                "from pathlib import Path; [p.unlink() for p in Path('/a').rglob('*')]",
                &["call remove-file-in-loop: /a/_"],
            ),
            ("import os; list(map(os.remove, ['a', 'b']))", &["call remove-file: a", "call remove-file: b"]),
        ],
    );
}

#[test]
fn interfaces() {
    check(
        Language::Python,
        &[
            (
                "import boto3; boto3.client('ec2').terminate_instances(InstanceIds=['i-1'])",
                &["call aws ec2 terminate-instances: _"],
            ),
            (
                "import boto3\nec2 = boto3.client('ec2', region_name='x')\nec2.terminate_instances(InstanceIds=ids)",
                &["call aws ec2 terminate-instances: _"],
            ),
            (
                "import boto3; s = boto3.Session(profile_name='p'); s.client('rds').delete_db_instance(DBInstanceIdentifier='d')",
                &["call aws rds delete-db-instance: d"],
            ),
            (
                "import boto3; boto3.client('s3').delete_bucket(Bucket='b')",
                &["call aws s3api delete-bucket: b"],
            ),
            ("import boto3; print(boto3.client('s3').list_buckets())", &["call aws s3api list-buckets: _"]),
            ("import boto3; boto3.resource('s3').Bucket('x').objects.all().delete()", &["call aws s3 rm: _"]),
            (
                "import boto3; boto3.resource('s3').Bucket('x').objects.filter(Prefix='a').delete()",
                &["call aws s3 rm: _"],
            ),
            (
                "import boto3\nb = boto3.resource('s3').Bucket('x')\nb.object_versions.delete()\nb.delete()",
                &["call aws s3 rm: _", "call aws s3api delete-bucket: _"],
            ),
            (
                "import boto3; boto3.resource('dynamodb').Table('t').delete()",
                &["call aws dynamodb delete-table: _"],
            ),
            (
                "import boto3\nfor i in boto3.resource('ec2').instances.all():\n    i.terminate()",
                &["call aws ec2 terminate-instances: _"],
            ),
            (
                "import boto3; boto3.resource('ec2').Instance('i').terminate()",
                &["call aws ec2 terminate-instances: _"],
            ),
            ("import boto3\ndef f(c):\n    c.delete_bucket(Bucket='b')", &["call aws ? delete-bucket: b"]),
            (
                "from boto3 import client; client('ec2').terminate_instances(InstanceIds=[])",
                &["call aws ec2 terminate-instances: _"],
            ),
            ("import boto3; c = boto3.client(svc); c.delete_thing()", &["call aws ? delete-thing: _"]),
            ("import boto3; c = boto3.client('s3'); c.get_paginator('list_objects').paginate()", &[]),
            (
                "from kubernetes import client; client.CoreV1Api().delete_namespaced_pod('p', 'ns')",
                &["call kubernetes delete: delete_namespaced_pod p ns"],
            ),
            ("v1.delete_namespace('prod')", &["call kubernetes delete: delete_namespace prod"]),
            ("from kubernetes import client; v1.list_namespaced_pod('x')", &[]),
            (
                "from google.cloud import storage; storage.Client().bucket('b').delete(force=True)",
                &["call cloud delete: delete"],
            ),
            (
                "from azure.mgmt.resource import ResourceManagementClient as R; R(c, s).resource_groups.begin_delete('rg')",
                &["call cloud delete: begin_delete rg"],
            ),
            ("cur.execute('DROP TABLE users')", &["call sql: DROP TABLE users"]),
            ("import sqlite3; sqlite3.connect('x').execute(\"select 1\")", &["run sqlite3|x|select 1"]),
            (
                "cur.execute('DELETE FROM users WHERE id = %s', (1,))",
                &["call sql: DELETE FROM users WHERE id = %s"],
            ),
            ("import psycopg2; psycopg2.connect(d).cursor().execute(q)", &["call sql: _"]),
            ("conn.execute(text('drop table x'))", &["call sql: drop table x"]),
            ("import redis; redis.Redis().flushall()", &["call redis flushall: "]),
            (
                "from pymongo import MongoClient; MongoClient().drop_database('x')",
                &["call mongo drop-database: drop_database x"],
            ),
            ("import pymongo; db.users.drop()", &["call mongo drop: db.users.drop"]),
            ("import pymongo; db.users.delete_many({})", &["call mongo delete-all: db.users.delete_many"]),
            (
                "import requests; requests.delete('https://a.example/x')",
                &["call http delete: https://a.example/x"],
            ),
            (
                "import requests; requests.request('DELETE', 'https://a.example/x')",
                &["call http delete: https://a.example/x"],
            ),
            ("import requests; s = requests.Session(); s.delete(url)", &["call http delete: _"]),
            (
                "import requests; requests.post('https://a.example', json={})",
                &["call http post: https://a.example"],
            ),
            ("import httpx; httpx.put('https://a.example')", &["call http put: https://a.example"]),
            (
                "import urllib.request as u; u.urlopen(u.Request('https://a.example', method='DELETE'))",
                &["call http delete: https://a.example"],
            ),
            ("import requests as r; r.request('GET', 'https://a.example')", &[]),
        ],
    );
}
