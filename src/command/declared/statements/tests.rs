use super::*;

fn sql_of(text: &str) -> Vec<String> {
    of(text, Dialect::Sql)
}

#[test]
fn a_statement_has_one_form() {
    for (text, expected) in [
        ("DROP TABLE Users;", "drop table users"),
        ("drop/* x */table\n\tusers -- y", "drop table users"),
        ("DROP TABLE IF EXISTS \"Users\" , `x`", "drop table if exists users , x"),
        ("select * from t where a = 'x;y' and b='it''s'", "select * from t where a = '' and b=''"),
        ("drop table public . users", "drop table public.users"),
        ("drop table\"users\"", "drop table users"),
        ("truncate users", "truncate users"),
        ("delete from users", "delete-all from users"),
        ("DELETE FROM users WHERE id = 1", "delete from users where id = 1"),
        ("delete from users where 1=1", "delete-all from users where 1=1"),
        ("delete from users where (true)", "delete-all from users where (true)"),
        (
            "delete from users where 'a' = 'a' returning id",
            "delete-all from users where '' = '' returning id",
        ),
        (
            "delete from users where id in (select id from x where y)",
            "delete from users where id in (select id from x where y)",
        ),
        (
            "delete from users using (select 1 where true) x",
            "delete-all from users using (select 1 where true) x",
        ),
        ("delete from users \"where\"", "delete-all from users where"),
        ("delete users", "delete-all from users"),
        ("update users set a = 'where'", "update-all users set a = ''"),
        ("update users set a = 1 where b", "update users set a = 1 where b"),
        ("select 'drop table x'", "select ''"),
        ("select \"; drop table x\"", "select \"\""),
        ("select $$; drop table x$$", "select ''"),
        ("\\! rm  -rf x", "\\! rm -rf x"),
        (".shell  rm x", ".shell rm x"),
        ("$", "$"),
        ("delete from $", "delete-all from $"),
        ("explain delete from users", "explain delete from users"),
    ] {
        let statements = sql_of(text);
        assert!(statements.contains(&expected.to_owned()), "{text}: {statements:?}");
    }
}

#[test]
fn every_statement_of_a_text_is_told() {
    for (text, expected) in [
        ("select 1; drop table x;", vec!["select 1", "drop table x"]),
        ("begin; delete from x; rollback", vec!["begin", "delete-all from x", "rollback"]),
        (
            "with a as (delete from x returning *) select * from a",
            vec!["delete-all from x returning *", "select * from a"],
        ),
        ("with a as (select 1) delete from x", vec!["delete-all from x"]),
        ("explain analyze delete from x", vec!["delete-all from x"]),
        ("explain (analyze, verbose) delete from x", vec!["delete-all from x"]),
        ("do $$ begin drop table x; end $$", vec!["drop table x"]),
        ("do $$ begin if a then delete from x; end if; end $$", vec!["delete-all from x"]),
        ("do $$ begin execute 'drop table x'; end $$", vec!["drop table x"]),
        ("do $a$ begin execute $b$drop table x$b$; end $a$", vec!["drop table x"]),
        ("do 'begin execute ''drop table x''; end'", vec!["drop table x"]),
        ("do $$ begin if a then execute 'drop table x'; end if; end $$", vec!["drop table x"]),
        (
            "do $$ begin for r in select 1 loop execute format('drop table %I', r); end loop; end $$",
            vec!["drop table %i"],
        ),
        (
            "do $$ begin for r in select 1 loop execute 'drop table ' || r; end loop; end $$",
            vec!["drop table"],
        ),
        ("prepare p from 'drop table x'", vec!["drop table x"]),
        ("prepare p as delete from x", vec!["delete-all from x"]),
        ("execute 'drop table x'", vec!["drop table x"]),
        ("select 1\nGO\ndrop table x\ngo", vec!["select 1", "drop table x"]),
        ("delimiter //\ndrop table x//\nselect 1//", vec!["drop table x", "select 1"]),
        ("select 1 \\g drop table x", vec!["select 1", "drop table x"]),
        ("\\c other\ndrop table x", vec!["\\c other", "drop table x"]),
        // As PostgreSQL reads it, and as MySQL does.
        ("select '\\'; drop table x; --'", vec!["drop table x"]),
        ("select '\\''; drop table y; -- '", vec!["drop table y"]),
        ("select 1 # 2; drop table x", vec!["drop table x"]),
        ("select 1 --1; drop table x", vec!["drop table x"]),
        ("/*!50000 drop table x */", vec!["drop table x"]),
        ("/* /* */ drop table x; -- */", vec!["drop table x"]),
        ("/* /* */ */ drop table x", vec!["drop table x"]),
        ("select e'\\''; drop table x", vec!["drop table x"]),
    ] {
        let statements = sql_of(text);
        for one in expected {
            assert!(statements.contains(&one.to_owned()), "{text}: {statements:?}");
        }
    }
}

#[test]
fn what_only_looks_like_a_statement_is_none() {
    for text in [
        "select '; drop table x'",
        "-- drop table x\nselect 1",
        "/* ; drop table x; */ select 1",
        "explain select 1",
        "insert into log values ('then delete from x')",
        "merge into t using s on a when matched then update set x = 1",
        "create function f() returns void as $$ begin delete from x; end $$ language plpgsql",
    ] {
        let changes = ["drop", "delete", "update"];
        let statements = of(text, Dialect::Postgres);
        assert!(
            !statements.iter().any(|one| changes.iter().any(|verb| one.starts_with(verb))),
            "{statements:?}"
        );
    }
}

#[test]
fn a_dialect_is_read_as_its_database_does() {
    for (text, dialect, drops) in [
        ("select 1 as $$; drop table x; select 1 as $$", Dialect::Mysql, true),
        ("select 1 as $$; drop table x; select 1 as $$", Dialect::Postgres, false),
        ("// x\ndrop table x", Dialect::Cql, true),
        ("// x\ndrop table x", Dialect::Sql, true),
    ] {
        let statements = of(text, dialect);
        assert_eq!(statements.contains(&"drop table x".to_owned()), drops, "{text}: {statements:?}");
    }
}

#[test]
fn calls_of_mongodb_are_told() {
    for (text, expected) in [
        ("db.users.drop()", "drop users"),
        ("db.dropDatabase()", "dropdatabase"),
        ("db.getSiblingDB('x').dropDatabase()", "dropdatabase"),
        ("db.getCollection(\"users\").drop()", "drop users"),
        ("db['users']['drop']()", "drop users"),
        ("db.users.deleteMany({})", "delete-all users"),
        ("db.users.deleteMany({ })", "delete-all users"),
        ("db.users.remove()", "delete-all users"),
        ("db.users.deleteMany({a: 1})", "delete users"),
        ("db.users.deleteOne({})", "delete users"),
        ("db.users.updateMany({}, {$set: {a: 1}})", "update-all users"),
        ("db.users\n  .find({})\n  .sort({a: 1})", "find users"),
        ("db.runCommand({drop: 'users'})", "drop users"),
        ("db.adminCommand({ dropDatabase: 1 })", "dropdatabase"),
        ("x.forEach(function(c) { db.users.drop() })", "drop users"),
        ("use shop\ndb.users.find()", "use shop"),
    ] {
        let statements = of(text, Dialect::Mongo);
        assert!(statements.contains(&expected.to_owned()), "{text}: {statements:?}");
    }
    assert!(
        of("// db.users.drop()\nprint('db.users.drop()')", Dialect::Mongo).iter().all(|one| one == "print")
    );
}

#[test]
fn commands_of_redis_are_told() {
    for (text, expected) in [
        ("FLUSHALL", vec!["flushall"]),
        ("DEL a b", vec!["del a b"]),
        ("5 flushdb", vec!["flushdb"]),
        ("get x\nflushall async", vec!["get x", "flushall async"]),
        ("eval \"return redis.call('flushall')\" 0", vec!["flushall"]),
        ("CONFIG SET dir /x", vec!["config set dir /x"]),
    ] {
        let statements = of(text, Dialect::Redis);
        for one in expected {
            assert!(statements.contains(&one.to_owned()), "{text}: {statements:?}");
        }
    }
}

#[test]
fn long_texts_take_no_time() {
    for text in [
        "with a as (delete from x where (".repeat(5_000),
        "then delete from x ".repeat(20_000),
        "\\g ".repeat(3_000),
        "/* ".repeat(100_000),
        "$a$ ".repeat(50_000),
        "execute '".repeat(20_000),
        "begin execute 'begin execute ''x'' '".repeat(5_000),
        (0..5).fold("x".to_owned(), |inner, tag| format!("begin execute $t{tag}${inner}$t{tag}$ ").repeat(4)),
    ] {
        assert!(sql_of(&text).len() <= 2 * STATEMENTS + 2);
    }
}
