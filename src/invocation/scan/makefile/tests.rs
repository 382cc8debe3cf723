use super::*;

/// What the shells of a Makefile are given, each with the line and column of its first
/// character.
fn read(text: &str) -> Vec<String> {
    let lines = super::super::Lines::of(text);
    let pieces = Makefile.read(text).unwrap();
    let shown = |piece: Piece| {
        let Piece::Passage(passage) = piece else { return "no passage".to_owned() };
        let position = lines.position(passage.origin(0));
        format!("{}:{} {}", position.line, position.column, passage.text)
    };
    pieces.into_iter().map(shown).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text), expected, "{text}");
}

#[test]
fn makefiles_are_known_by_name_or_first_line() {
    let is = |path: &str, text: &str| Makefile.is(Path::new(path), text);
    for path in [
        "Makefile",
        "a/makefile",
        "GNUmakefile",
        "x.mk",
        "x.mak",
        "Makefile.am",
        "Makefile.x.in",
        "Makefile-x",
    ] {
        assert!(is(path, ""), "{path}");
    }
    assert!(["x.Makefile", "x.make", "BSDmakefile", "Makefile-x.y"].iter().all(|path| is(path, "")));
    assert!(!["makefile.pm", "Makefile.rs", "makefile.c", "Makefile-x.py"].iter().any(|path| is(path, "")));
    assert!(is("debian/rules", "#!/usr/bin/make -f\n") && is("x", "#!/usr/bin/env -S make -f\n"));
    for path in ["Makefile.PL", "Makefile.toml", "make", "MakefileX", "x.md", "debian/rules"] {
        assert!(!is(path, ""), "{path}");
    }
    assert!(!is("Makefile", "#!/bin/sh\n"));
}

#[test]
fn each_line_of_a_recipe_is_a_shell() {
    for (text, expected) in [
        ("a:\n\tcd x\n\t@-rm y\n", &["2:2 cd x", "3:4 rm y"][..]),
        ("a: b; c d\n\te\n", &["1:7 c d", "2:2 e"]),
        ("a b:: c\n\td\n\n# no\n\te\nf:\n\tg\n", &["2:2 d", "5:2 e", "7:2 g"]),
        ("%.o: %.c\n\tcc \\\n\t  -c\n", &["2:2 cc \\\n  -c"]),
        ("a:\r\n\tb \\\r\n\tc\r\n", &["2:2 b \\\nc"]),
        (".RECIPEPREFIX = >\na:\n>b\n> c\n", &["3:2 b", "4:3 c"]),
        ("a:\nifeq ($(X),y)\n\tb\nelse\n\tc\nendif\n", &["3:2 b", "5:2 c"]),
        (".ONESHELL:\na:\n\t@cd x\n\trm y\n", &["3:3 cd x\nrm y\n"]),
        ("a:\n\t# no\n\t@\n\techo '#'\n", &["4:2 echo '#'"]),
        // What nobody sets in front of a command holds `@`, or nothing.
        ("a:\n\t$(Q)for i in a; do b; done\n", &["2:6 for i in a; do b; done"]),
        ("a:\n\t$(Q) { b; }\n\t$(V)c d\n\t$(E) f\n", &["2:7 { b; }", "3:6 c d", "4:2 ${E} f"]),
        ("include x.mk\nvpath %.c d\nX = 1\n", &[]),
        ("a:\n\techo $$HOME $$(b)\n", &["2:2 echo $HOME $(b)"]),
    ] {
        check(text, expected);
    }
}

#[test]
fn variables_have_the_value_that_stands_there() {
    for (text, expected) in [
        ("KUBECTL ?= kubectl\na:\n\t$(KUBECTL) delete ns x\n", &["3:2 kubectl delete ns x"][..]),
        ("A = $(B) y\nB := x\na:\n\t${A} $B\n", &["4:2 x y x"]),
        ("A := x\nA += y # no\na:\n\t$(A)\n", &["4:2 x y"]),
        ("A ::= x\nexport override A += y\na:\n\tb $$A\n", &["4:2 export A='x y'\nb $A"]),
        ("S = a.c b.c d.h\na:\n\tb $(S:.c=.o) $(S:%.c=o/%)\n", &["3:2 b a.o b.o d.h o/a o/b d.h"]),
        ("a: E = prod\na:\n\tb $(E)\n", &["3:2 b prod"]),
        ("ifdef X\nA = b\nelse\nA = c\nendif\na:\n\t$(A) d\n", &["7:2 b d", "7:2 c d"]),
        ("a:\n\tb $@ $< $(@D) $(X) ${Y-Z} $(1)\n", &["2:2 b a ${SOURCE} . ${X} ${Y_Z} ${_1}"]),
        ("define A\nb $(1)\n@c\nendef\na:\n\t$(call A,x)\n", &["6:2 b x", "6:2 c"]),
        ("define A =\nb\nendef\na:\n\t$(A)\n", &["5:2 b"]),
        ("a:\n\t$(RM) x; $(MAKE) y\n", &["2:2 rm -f x; make y"]),
        ("A = $(A) x\nB = $(C)\nC = $(B)\na:\n\td $(A) $(B)\n", &["5:2 d ${A} x ${B}"]),
        ("$(foreach t,x y,$(eval $(t)-z: ; b $(t)))\n", &["1:1 b x", "1:1 b y"]),
        ("define T\n$(1)-z:\n\tb $$(V) $(1)\nendef\nV = v\n$(eval $(call T,x))\n", &["6:1 b v x"]),
    ] {
        check(text, expected);
    }
}

#[test]
fn recipes_are_read_for_each_target() {
    for (text, expected) in [
        ("a b:\n\tx $@\n", &["2:2 x a", "2:2 x b"][..]),
        ("V = a b\n$(V): ; x $@\n", &["2:9 x a", "2:9 x b"]),
        ("t-a t-b: t-%: c\n\tx $* $(@:t-%=%)\n", &["2:2 x a a", "2:2 x b b"]),
        ("t-%:\n\tx $*\nall: t-a u\n", &["2:2 x a"]),
        ("%:\n\tx $@\n", &["2:2 x ${TARGET}"]),
        ("t/a:\n\tx $(@F) $(@D) $(subst t/,,$@)\n", &["2:2 x a t a"]),
        ("C_a = y\na:\n\t$(C_$@)\n", &["3:2 y"]),
        ("V = p\nb: V = d\na b:\n\tx $(V)\n", &["4:2 x p", "4:2 x d"]),
        ("a:\n\tx $(MAKECMDGOALS)\n", &["2:2 x ${MAKECMDGOALS}"]),
        ("C_a = x\nC_b = y\na:\n\t$(C_$(E)) z\n", &["4:2 x z", "4:2 y z", "4:2 ${C___E_} z"]),
        ("a:\n\t$(eval C := x y)\n\t$(C)\n", &["3:2 x y"]),
        (".EXPORT_ALL_VARIABLES:\nV := d\na:\n\tx $$V\n", &["4:2 export V='d'\nx $V"]),
        ("a:\n\tx $(filter d e,$(MAKECMDGOALS))\n", &["2:2 x d", "2:2 x e", "2:2 x "]),
        ("R = a: ; x\n$(R)\n", &["2:1 x"]),
    ] {
        check(text, expected);
    }
}

#[test]
fn functions_yield_what_make_would() {
    for (function, value) in [
        ("$(subst a,b,banana)", "bbnbnb"),
        ("$(patsubst %.c,%.o,x.c y.h)", "x.o y.h"),
        ("$(strip  a   b )", "a b"),
        ("$(findstring a,cat)$(findstring z,cat)", "a"),
        ("$(filter %.c d,a.c b.h d)", "a.c d"),
        ("$(filter-out %.c,a.c b.h)", "b.h"),
        ("$(sort b a b)", "a b"),
        ("$(word 2,a b c) $(words a b) $(wordlist 2,3,a b c)", "b 2 b c"),
        ("$(firstword a b)$(lastword a b)", "ab"),
        ("$(dir a/b c) $(notdir a/b c)", "a/ ./ b c"),
        ("$(suffix a.b c) $(basename a.b/c d.e)", ".b  a.b/c d"),
        ("$(addsuffix .c,a b) $(addprefix x/,a b)", "a.c b.c x/a x/b"),
        ("$(join a b,1 2)", "a1 b2"),
        ("$(if ,a,b)$(if x,a,b)$(or ,c)$(and a,)$(and a,d)", "bacd"),
        ("$(foreach x,a b,$(x)1)", "a1 b1"),
        ("$(wildcard *.c) $(abspath a /b)", "*.c $PWD/a /b"),
        ("$(error no)$(info a)", ""),
        ("$(nothing)$(origin A)", "${nothing}${MAKE_VALUE}"),
    ] {
        check(&format!("a:\n\tb {function}\n"), &[format!("2:2 b {value}").as_str()]);
    }
    check("a:\n\tb $(if $(X),c,d)\n", &["2:2 b c", "2:2 b d"]);
}

#[test]
fn what_make_runs_while_it_reads_is_found() {
    for (text, expected) in [
        ("A := $(shell b c)\na:\n\td $(A)\n", &["1:14 b c", "3:2 d ${MAKE_OUTPUT}"][..]),
        ("A != b $(X)\nX = c\n", &["1:6 b c"]),
        ("# $(shell no)\nA = $$(shell no)\n", &[]),
        (
            "R = $(shell $(1))\nX := $(call R,b c)\na:\n\td $(call R,e)\n",
            &["1:13 ${_1}", "4:4 e", "4:2 d ${MAKE_OUTPUT}"],
        ),
        ("SHELL := python3\na:\n\timport os\n", &["3:2 python3 -c 'import os'"]),
    ] {
        check(text, expected);
    }
}

#[test]
fn nothing_takes_long_or_panics() {
    let mut doubling = String::from("A0 = x\n");
    for at in 0..60 {
        std::fmt::Write::write_fmt(&mut doubling, format_args!("A{} = $(A{at}) $(A{at})\n", at + 1)).unwrap();
    }
    doubling.push_str("a:\n\tb $(A60)\n");
    assert_eq!(read(&doubling).len(), 1);
    let simple = format!("A := x\n{}a:\n\tb $(A)\n", "A := $(A)$(A)\n".repeat(40));
    assert!(read(&simple).first().is_some_and(|passage| passage.len() < 200_000));
    for broken in [
        "$(",
        "a:\n\t$(",
        "a:\n\t$",
        "define",
        "define \n",
        "endef",
        "=",
        ":",
        "a:=",
        "\\",
        "a:\\\n",
        "$(call)",
        "$(call ,)",
        "$(foreach a)",
        "\u{feff}a:\n\té$é$(é)\n",
        "$(eval $(eval $(eval a: ; b)))",
        "\t",
        "::=",
        "?=",
        "a: b=",
        "$(word 0,a)",
        "$(A:",
        "$(:a=b)",
        "a:\n\t${",
        "export",
        "!= x",
        "$(eval $$(eval $$(A)))",
    ] {
        drop(read(broken));
    }
    drop(read(&"$(shell ".repeat(5_000)));
    drop(read(&"$(".repeat(5_000)));
    drop(read(&format!("a:\n\t{}{}\n", "$(if ".repeat(2_000), ")".repeat(2_000))));
}
