//! Perl, Ruby, awk, PHP, and shells of another grammar.

use super::{Language, check};

#[test]
fn perl() {
    check(
        Language::Perl,
        &[
            ("system('terraform destroy')", &["sh terraform destroy"]),
            ("system 'terraform destroy';", &["sh terraform destroy"]),
            ("system('terraform', 'destroy');", &["run terraform|destroy"]),
            ("system qw(terraform destroy);", &["run terraform|destroy"]),
            ("exec \"terraform destroy\" or die;", &["sh terraform destroy"]),
            ("exec 'a', 'b'", &["run a|b"]),
            ("my $x = `terraform destroy`;", &["sh terraform destroy"]),
            ("print qx{terraform destroy}", &["sh terraform destroy"]),
            ("print qx/a b/; print 'x'", &["sh a b"]),
            ("my $t = 'terraform'; system(\"$t destroy\")", &["sh terraform destroy"]),
            ("system(\"terraform destroy $x\")", &["sh terraform destroy _"]),
            ("system(\"a ${x} $h{y} $a[0] @z\")", &["sh a _ _ _ _"]),
            ("system('terra' . 'form destroy')", &["sh terraform destroy"]),
            ("my @c = ('a', 'b'); system(@c)", &["run a|b"]),
            ("my @c = qw(a b); push @c, 'c'; system @c;", &["run a|b", "run a|b|c"]),
            ("open(F, 'terraform destroy |')", &["sh terraform destroy"]),
            ("open(my $f, '-|', 'terraform', 'destroy') or die", &["run terraform|destroy"]),
            ("open my $f, '|-', 'a b';", &["sh a b"]),
            ("open(F, '| a b')", &["sh a b"]),
            ("system(q{a b})", &["sh a b"]),
            ("system(qq{a \"b\" {c}})", &["sh a \"b\" {c}"]),
            ("for my $c ('a b', 'c d') { system($c) }", &["sh a b", "sh c d"]),
            ("eval \"system('a b')\"", &["sh a b"]),
            ("eval { system('a b') };", &["sh a b"]),
            ("eval $x", &["opaque"]),
            ("unlink 'x'", &["call remove-file: x"]),
            ("unlink glob('*')", &["call remove-file-in-loop: _"]),
            ("unlink $_ for @files", &["call remove-file-in-loop: _"]),
            ("use File::Path; rmtree('/data')", &["call remove-tree: /data"]),
            ("File::Path::remove_tree('/data')", &["call remove-tree: /data"]),
            ("print <<E; system('a b');\ntext '\nE\n", &["sh a b"]),
            ("s/'/x/; system('a b')", &["sh a b"]),
            (
                "use MIME::Base64; system(decode_base64('dGVycmFmb3JtIGRlc3Ryb3k='))",
                &["sh terraform destroy"],
            ),
            ("$dbh->do('DROP TABLE x')", &["call sql: DROP TABLE x"]),
            ("if (system('a b') == 0) { print 1 }", &["sh a b"]),
        ],
    );
}

#[test]
fn ruby() {
    check(
        Language::Ruby,
        &[
            ("system('terraform destroy')", &["sh terraform destroy"]),
            ("system 'terraform destroy'", &["sh terraform destroy"]),
            ("system \"terraform\", \"destroy\"", &["run terraform|destroy"]),
            ("system(*%w[terraform destroy])", &["run terraform|destroy"]),
            ("exec 'a b'", &["sh a b"]),
            ("spawn('a b', out: '/dev/null')", &["sh a b"]),
            ("puts `terraform destroy`", &["sh terraform destroy"]),
            ("puts %x(terraform destroy)", &["sh terraform destroy"]),
            ("x = %x{a b}", &["sh a b"]),
            ("`a #{x} b`", &["sh a _ b"]),
            ("t = 'terraform'; system \"#{t} destroy\"", &["sh terraform destroy"]),
            ("IO.popen('a b').read", &["sh a b"]),
            ("IO.popen(['a', 'b'])", &["run a|b"]),
            ("require 'open3'; Open3.capture2('a', 'b')", &["run a|b"]),
            ("Open3.capture3('a b')", &["sh a b"]),
            ("Kernel.system('a b')", &["sh a b"]),
            ("Kernel.exec 'a b'", &["sh a b"]),
            ("Process.spawn('a b')", &["sh a b"]),
            ("%w[a b].each { |c| system(c) }", &["sh a", "sh b"]),
            ("['a b', 'c d'].each do |c|\n  system(c)\nend", &["sh a b", "sh c d"]),
            ("def run(c)\n  system(c)\nend\nrun('a b')", &["sh a b"]),
            ("eval \"system('a b')\"", &["sh a b"]),
            ("eval(x)", &["opaque"]),
            ("system({'A' => 'b'}, 'c d')", &["sh c d"]),
            ("open('|a b')", &["sh a b"]),
            ("Object.send(:system, 'a b')", &["sh a b"]),
            ("require 'fileutils'; FileUtils.rm_rf('/data')", &["call remove-tree: /data"]),
            ("FileUtils.rm_rf '/data'", &["call remove-tree: /data"]),
            ("FileUtils.rm 'x'", &["call remove-file: x"]),
            ("File.delete('x')", &["call remove-file: x"]),
            ("Dir.glob('*').each { |f| File.delete(f) }", &["call remove-file-in-loop: _"]),
            (
                "Aws::EC2::Client.new(region: 'x').terminate_instances(instance_ids: ['i'])",
                &["call aws ec2 terminate-instances: _"],
            ),
            ("s3 = Aws::S3::Client.new\ns3.delete_bucket(bucket: 'b')", &["call aws s3api delete-bucket: b"]),
            ("Aws::S3::Resource.new.bucket('b').objects.batch_delete!", &["call aws s3 rm: _"]),
            ("Net::HTTP::Delete.new('/x')", &["call http delete: /x"]),
            ("ActiveRecord::Base.connection.execute('DROP TABLE x')", &["call sql: DROP TABLE x"]),
            ("system <<~S\n  a b\nS\n", &["sh   a b\n"]),
        ],
    );
}

#[test]
fn awk() {
    check(
        Language::Awk,
        &[
            ("BEGIN { system(\"terraform destroy\") }", &["sh terraform destroy"]),
            ("{ system(\"rm -rf \" $1) }", &["sh rm -rf _"]),
            ("BEGIN { c = \"terraform destroy\"; system(c) }", &["sh terraform destroy"]),
            ("BEGIN { system(\"terra\" \"form destroy\") }", &["sh terraform destroy"]),
            ("BEGIN { \"terraform destroy\" | getline x; print x }", &["sh terraform destroy"]),
            ("{ print $1 | \"sort -u\" }", &["sh sort -u"]),
            ("{ print \"terraform destroy\" | \"sh\" }", &["sh printf '%s\\n' 'terraform destroy' | sh"]),
            (
                "{ print \"kubectl delete ns \" $1 | \"bash\" }",
                &["sh printf '%s\\n' 'kubectl delete ns _' | bash"],
            ),
            ("{ cmd = \"rm \" $2; system(cmd); close(cmd) }", &["sh rm _"]),
            ("/a/ { system(\"a b\") } /b/ { print }", &["sh a b"]),
            ("BEGIN { while ((\"a b\" | getline l) > 0) print l }", &["sh a b"]),
        ],
    );
}

#[test]
fn php() {
    check(
        Language::Php,
        &[
            ("exec('terraform destroy');", &["sh terraform destroy"]),
            ("shell_exec(\"terraform destroy\");", &["sh terraform destroy"]),
            ("<?php system('terraform destroy'); ?>", &["sh terraform destroy"]),
            ("passthru('a b'); popen('c d', 'r');", &["sh a b", "sh c d"]),
            ("echo `terraform destroy`;", &["sh terraform destroy"]),
            ("$c = 'terraform'; exec(\"$c destroy\");", &["sh terraform destroy"]),
            ("$c = 'terraform'; $c .= ' destroy'; exec($c);", &["sh terraform", "sh terraform destroy"]),
            ("exec('terra' . 'form destroy', $out);", &["sh terraform destroy"]),
            ("exec(\"a {$x} $y[0] $z->w\");", &["sh a _ _ _"]),
            ("proc_open(['a', 'b'], [], $p);", &["run a|b"]),
            ("foreach (['a b', 'c d'] as $c) { exec($c); }", &["sh a b", "sh c d"]),
            ("function run($c) { exec($c); } run('a b');", &["sh a b"]),
            ("eval(\"exec('a b');\");", &["sh a b"]),
            ("eval(base64_decode('ZXhlYygnYSBiJyk7'));", &["sh a b"]),
            ("eval($x);", &["opaque"]),
            ("unlink('x');", &["call remove-file: x"]),
            ("foreach (glob('*') as $f) { unlink($f); }", &["call remove-file-in-loop: _"]),
            ("$pdo->exec('DROP TABLE x');", &["call sql: DROP TABLE x"]),
            ("pcntl_exec('/bin/a', ['b']);", &["run /bin/a|b"]),
            ("call_user_func('system', 'a b');", &["sh a b"]),
        ],
    );
}

#[test]
fn other_shells() {
    check(
        Language::OtherShell,
        &[
            ("terraform destroy", &["sh terraform destroy"]),
            ("ls; and terraform destroy", &["sh ls; terraform destroy"]),
            ("ls | grep 'a b'", &["sh ls | grep 'a b'"]),
            ("Get-ChildItem | ForEach-Object { $_.Name }", &[]),
            ("Remove-Item -Recurse $path", &["opaque"]),
            ("if test -d x; terraform destroy; end", &["opaque"]),
            ("$x = Get-Date; Write-Host $x", &[]),
            ("& kubectl delete ns $n", &["opaque"]),
        ],
    );
}
