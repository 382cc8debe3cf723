//! JavaScript and TypeScript.

use super::{Language, check};

#[test]
fn programs() {
    check(
        Language::JavaScript,
        &[
            ("require('child_process').execSync('terraform destroy')", &["sh terraform destroy"]),
            ("require('node:child_process').exec('terraform destroy', () => {})", &["sh terraform destroy"]),
            ("const cp = require('child_process'); cp.execSync('a b')", &["sh a b"]),
            ("const {execSync} = require('child_process'); execSync('a b', {stdio: 'inherit'})", &["sh a b"]),
            ("const {exec: e} = require('child_process'); e('a b')", &["sh a b"]),
            ("import {execSync as x} from 'child_process'; x('a b')", &["sh a b"]),
            ("import * as cp from \"node:child_process\"; cp.exec('a b')", &["sh a b"]),
            (
                "import cp from 'child_process'\ncp.spawn('terraform', ['destroy'])",
                &["run terraform|destroy"],
            ),
            ("import {spawnSync} from 'child_process'; spawnSync('a', ['b'], {shell: true})", &["sh a b"]),
            ("const {spawn} = require('child_process'); spawn('a', ['b', c])", &["run a|b|_"]),
            ("require('child_process').execFileSync('a', ['b'])", &["run a|b"]),
            ("require('child_process').execFile('a', ['b'], (e) => {})", &["run a|b"]),
            ("require('child_process').fork('x.js', ['b'])", &["run node|x.js|b"]),
            ("(await import('child_process')).execSync('a b')", &["sh a b"]),
            ("const {execSync} = await import('node:child_process'); execSync('a b')", &["sh a b"]),
            ("import('child_process').then(cp => cp.execSync('a b'))", &["sh a b"]),
            ("const run = require('util').promisify(require('child_process').exec); run('a b')", &["sh a b"]),
            ("require('child_process')['exec' + 'Sync']('a b')", &["sh a b"]),
            ("require('child_process')[name]('a b')", &["opaque"]),
            (
                "const c = 'terraform'; require('child_process').execSync(`${c} destroy ${x}`)",
                &["sh terraform destroy _"],
            ),
            (
                "const c = ['terraform', 'destroy'].join(' '); require('child_process').execSync(c)",
                &["sh terraform destroy"],
            ),
            ("['a b', 'c d'].forEach(c => require('child_process').execSync(c))", &["sh a b", "sh c d"]),
            (
                "for (const c of ['a b', 'c d']) { require('child_process').execSync(c) }",
                &["sh a b", "sh c d"],
            ),
            (
                "const {execSync} = require('child_process'); const run = (c) => execSync(c); run('a b')",
                &["sh a b"],
            ),
            (
                "const {execSync} = require('child_process'); function run(c) { return execSync(c) } run('a b')",
                &["sh a b"],
            ),
            (
                "const {execSync} = require('child_process'); const c: string = 'a b'; execSync(c)",
                &["sh a b"],
            ),
            (
                "const {execSync} = require('child_process'); execSync(atob('dGVycmFmb3JtIGRlc3Ryb3k='))",
                &["sh terraform destroy"],
            ),
            (
                "execSync(Buffer.from('dGVycmFmb3JtIGRlc3Ryb3k=', 'base64').toString())",
                &["sh terraform destroy"],
            ),
            ("if (x) { try { require('child_process').execSync('a b') } catch (e) {} }", &["sh a b"]),
            ("import {execa} from 'execa'; await execa('a', ['b'])", &["run a|b"]),
            ("import {execa} from 'execa'; await execa`a b`", &["sh a b"]),
            ("import {execaCommand} from 'execa'; execaCommand('a b')", &["sh a b"]),
            ("import {$} from 'zx'; await $`terraform destroy`", &["sh terraform destroy"]),
            ("await $`terraform destroy ${x}`", &["sh terraform destroy _"]),
            ("Bun.spawnSync(['a', 'b'])", &["run a|b"]),
            ("Bun.spawn({cmd: ['a', 'b']})", &["run a|b"]),
            ("await Bun.$`a b`", &["sh a b"]),
            ("new Deno.Command('a', {args: ['b']}).outputSync()", &["run a|b"]),
            ("Deno.run({cmd: ['a', 'b']})", &["run a|b"]),
            ("const shell = require('shelljs'); shell.exec('a b')", &["sh a b"]),
            ("eval(\"require('child_process').execSync('a b')\")", &["sh a b"]),
            ("new Function('return require(\"child_process\").execSync(\"a b\")')()", &["sh a b"]),
            ("eval(x)", &["opaque"]),
            ("setTimeout(\"require('child_process').execSync('a b')\", 1)", &["sh a b"]),
            ("const a = x / 2; require('child_process').execSync('a b') // '", &["sh a b"]),
            ("const r = /['\"]/; require('child_process').execSync('a b')", &["sh a b"]),
            ("process.mainModule.require('child_process').execSync('a b')", &["sh a b"]),
        ],
    );
}

#[test]
fn interfaces() {
    check(
        Language::JavaScript,
        &[
            ("require('fs').rmSync('/data', {recursive: true, force: true})", &["call remove-tree: /data"]),
            ("require('fs').unlinkSync('/tmp/x')", &["call remove-file: /tmp/x"]),
            (
                "const fs = require('fs/promises'); await fs.rm('x', {recursive: true})",
                &["call remove-tree: x"],
            ),
            ("import {rm} from 'node:fs/promises'; await rm('x')", &["call remove-file: x"]),
            ("import fs from 'fs'; fs.rmdirSync('x', {recursive: true})", &["call remove-tree: x"]),
            ("import fs from 'fs'; fs.promises.rm('x', {recursive: true})", &["call remove-tree: x"]),
            (
                "const fs = require('fs'); for (const f of fs.readdirSync('.')) fs.unlinkSync(f)",
                &["call remove-file-in-loop: ./_"],
            ),
            (
                "const fs = require('fs'); fs.readdirSync('.').forEach(f => fs.unlinkSync(f))",
                &["call remove-file-in-loop: ./_"],
            ),
            ("const rimraf = require('rimraf'); rimraf.sync('/data')", &["call remove-tree: /data"]),
            ("require('rimraf')('/data', () => {})", &["call remove-tree: /data"]),
            ("const {rimraf} = require('rimraf'); rimraf('x')", &["call remove-tree: x"]),
            ("require('fs-extra').removeSync('x')", &["call remove-tree: x"]),
            ("await Deno.remove('x', {recursive: true})", &["call remove-tree: x"]),
            (
                "const {EC2Client, TerminateInstancesCommand} = require('@aws-sdk/client-ec2'); await new EC2Client({}).send(new TerminateInstancesCommand({InstanceIds: ['i']}))",
                &["call aws ec2 terminate-instances: _"],
            ),
            (
                "import {S3Client, DeleteBucketCommand} from '@aws-sdk/client-s3'; c.send(new DeleteBucketCommand({Bucket: 'b'}))",
                &["call aws s3api delete-bucket: b"],
            ),
            (
                "import {RDSClient, DeleteDBInstanceCommand as D} from '@aws-sdk/client-rds'; c.send(new D({}))",
                &["call aws rds delete-db-instance: _"],
            ),
            (
                "const AWS = require('aws-sdk'); new AWS.EC2().terminateInstances({InstanceIds: ['i']}).promise()",
                &["call aws ec2 terminate-instances: _"],
            ),
            (
                "const AWS = require('aws-sdk'); const s3 = new AWS.S3(); s3.deleteBucket({Bucket: 'b'}, cb)",
                &["call aws s3api delete-bucket: b _"],
            ),
            (
                "const AWS = require('aws-sdk'); new AWS.DynamoDB.DocumentClient().delete({TableName: 't'})",
                &["call aws dynamodb delete-item: t"],
            ),
            (
                "const k8s = require('@kubernetes/client-node'); api.deleteNamespace('prod')",
                &["call kubernetes delete: deleteNamespace prod"],
            ),
            ("api.deleteNamespacedPod('p', 'ns')", &["call kubernetes delete: deleteNamespacedPod p ns"]),
            ("fetch('https://a.example/x', {method: 'DELETE'})", &["call http delete: https://a.example/x"]),
            (
                "fetch('https://a.example/x', {method: 'POST', body: '{}'})",
                &["call http post: https://a.example/x"],
            ),
            ("axios.delete('https://a.example/x')", &["call http delete: https://a.example/x"]),
            (
                "const axios = require('axios'); axios.delete(`https://a.example/${id}`)",
                &["call http delete: https://a.example/_"],
            ),
            (
                "axios({method: 'delete', url: 'https://a.example/x'})",
                &["call http delete: https://a.example/x"],
            ),
            ("client.query('DROP TABLE users')", &["call sql: DROP TABLE users"]),
            ("redis.flushall()", &["call redis flushall: "]),
            (
                "const m = require('mongoose'); m.connection.dropDatabase()",
                &["call mongo drop-database: dropDatabase"],
            ),
            (
                "const {MongoClient} = require('mongodb'); db.collection('x').deleteMany({})",
                &["call mongo delete-all: db.collection(x).deleteMany"],
            ),
        ],
    );
}
