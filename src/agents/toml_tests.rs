use super::*;

const ENTRY: &str = "\n[[hooks.PreToolUse]]\n\n[[hooks.PreToolUse.hooks]]\ntype = \"command\"\ncommand = \"/x/tollgate hook\"\ntimeout = 20\n";

#[test]
fn an_entry_goes_to_the_end_and_comes_out_without_a_trace() {
    for text in [
        "",
        "model = \"m\" # mine\n",
        "[features]\nhooks = true\n\n# the last line\n",
        "[[hooks.PreToolUse]]\nmatcher = \"^Bash$\" # only\n[[hooks.PreToolUse.hooks]]\ntype = \"command\"\ncommand = \"other\"\n\n[tui]\ntheme = { a = 1 }\n",
        "a = '''\n[[hooks.PreToolUse]]\n'''\n",
    ] {
        let settings = Settings::read(text).unwrap();
        let edited = settings.installed("/x/tollgate hook", 20).unwrap();
        assert_eq!(edited, format!("{text}{ENTRY}"));
        let again = Settings::read(&edited).unwrap();
        assert_eq!(again.find().len(), 1);
        assert_eq!(again.installed("/x/tollgate hook", 20).unwrap(), edited);
        assert_eq!(again.removed().unwrap(), text);
        let moved = again.installed("/y/tollgate hook", 20).unwrap();
        assert_eq!(moved, edited.replace("/x/", "/y/"));
    }
    let crlf = "a = 1\r\n";
    let edited = Settings::read(crlf).unwrap().installed("/x/tollgate hook", 20).unwrap();
    assert_eq!(edited, format!("a = 1\n{ENTRY}").replace('\n', "\r\n"));
    assert_eq!(Settings::read(&edited).unwrap().removed().unwrap(), crlf);
}

#[test]
fn what_stands_behind_ours_stays() {
    let text = format!(
        "a = 1\n{ENTRY}# mine\n\n[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ncommand = \"other\"\n"
    );
    let settings = Settings::read(&text).unwrap();
    assert_eq!(settings.removed().unwrap(), text.replace(ENTRY, ""));
}

#[test]
fn hooks_are_found_in_every_form() {
    for (text, ours, has_hooks) in [
        ("hooks = { PreToolUse = [{ hooks = [{ command = \"tollgate hook\" }] }] }", 1, false),
        ("[hooks]\nPreToolUse = [{ matcher = \"\", hooks = [{ command = \"tollgate hook\" }] }]", 1, false),
        ("[[hooks.PreToolUse]]\nhooks = [{ command = \"tollgate hook\" }, { command = \"other\" }]", 1, true),
        ("[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = \"x\"", 0, true),
        ("[hooks.state]", 0, false),
    ] {
        let settings = Settings::read(text).unwrap();
        assert_eq!((settings.find().len(), settings.has_hooks()), (ours, has_hooks), "{text}");
        assert_eq!(settings.removed().is_err(), ours > 0, "{text}");
    }
}

#[test]
fn a_time_out_that_is_too_short_is_told_and_mended() {
    for (timeout, expected) in [
        ("20", None),
        ("5", None),
        ("4", Some("its time-out is 4, and has to be 5 s or more")),
        ("-1", Some("its time-out is -1, and has to be 5 s or more")),
        ("\"20\"", Some("its time-out is no whole number but a string, and has to be 5 s or more")),
    ] {
        let text = ENTRY.replace("20", timeout);
        let settings = Settings::read(&text).unwrap();
        assert_eq!(settings.find()[0].weakness().as_deref(), expected, "{timeout}");
        let mended = if expected.is_some() { ENTRY } else { text.as_str() };
        assert_eq!(settings.installed("/x/tollgate hook", 20).unwrap(), mended, "{timeout}");
    }
}

#[test]
fn what_is_no_toml_is_told_and_where() {
    let error = Settings::read("a = 1\nb = \n").unwrap_err().to_string();
    assert!(error.starts_with("line 2, column "), "{error}");
    let settings = Settings::read("[features]\nhooks = false").unwrap();
    assert_eq!(settings.flag(&["features", "hooks"]), Some(false));
    assert_eq!(settings.flag(&["features", "codex_hooks"]), None);
    let state = "[hooks.state.\"/h/a:pre:0:0\"]\ntrusted_hash = \"x\"\n[hooks.state.\"/h/a:pre:1:0\"]\nenabled = false";
    let settings = Settings::read(state).unwrap();
    assert_eq!(settings.switches(&["hooks", "state"], "/h/a:", "enabled"), [None, Some(false)]);
    assert_eq!(settings.switches(&["hooks", "state"], "/h/b:", "enabled"), []);
}
