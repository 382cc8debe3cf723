//! Interpreters whose code is read in turn.

use super::options::{Parsed, leading};
use super::shells::file_or_input;
use super::{Changes, Inner, Language, Runs, consoles};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    // `python3.12`, `ruby3.2`, `php8`: a version may stand behind a name.
    let plain = name.trim_end_matches(|byte: char| byte.is_ascii_digit() || byte == '.');
    match plain {
        "ipython" => ipython(words),
        "python" | "pypy" | "pythonw" | "micropython" => python(words),
        "py" => {
            python(words.split_first().filter(|(first, _)| version(first)).map_or(words, |(_, rest)| rest))
        }
        "node" | "nodejs" => node(words),
        "tsx" | "ts-node" | "ts-node-esm" | "esno" | "babel-node" | "swc-node" => typescript(words),
        "deno" => deno(words),
        "bun" => bun(words),
        "perl" => perl(words),
        "ruby" | "jruby" | "truffleruby" => ruby(words),
        "php" | "php-cli" => php(words),
        "awk" | "gawk" | "mawk" | "nawk" | "original-awk" | "goawk" => awk(words),
        _ => None,
    }
}

fn version(word: &Value) -> bool {
    matches!(word.bytes.as_slice(), [b'-', b'0'..=b'9', ..])
}

/// A file with its arguments behind the options, or standard input.
fn script(parsed: &Parsed<'_>, language: Language) -> Vec<Inner> {
    let files: Vec<Inner> = parsed
        .tails()
        .filter_map(<[Value]>::split_first)
        .map(|(path, arguments)| file_or_input(path, language, arguments))
        .collect();
    if files.is_empty() { vec![Inner::input(language, &[], &Changes::default())] } else { files }
}

/// The values of an option as one text, a line each.
fn lines<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Value> {
    let values: Vec<&[u8]> = values.map(|value| value.bytes.as_slice()).collect();
    (!values.is_empty()).then(|| Value::known(values.join(&b'\n')))
}

fn python(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "c! m! W= X= Q= check-hash-based-pycs= b B d E h,help help-all help-env help-xoptions i I O P q s S t u v V,version \
        x 3 R";
    let parsed = leading(words, grammar);
    if parsed.has("h V help-all help-env help-xoptions") {
        return None;
    }
    if let Some(code) = parsed.value("c") {
        return Some(vec![Inner::code(code.clone(), Language::Python)]);
    }
    let Some(module) = parsed.value("m") else {
        let mut inners = script(&parsed, Language::Python);
        inners.extend(parsed.tails().filter_map(consoles::started));
        return Some(inners);
    };
    let rest = parsed.tails().next().unwrap_or_default();
    python_module(module, rest)
}

/// Modules that are commands of their own, and those that run a file.
fn python_module(module: &Value, rest: &[Value]) -> Option<Vec<Inner>> {
    let Some(name) = module.text() else {
        return Some(vec![Inner::opaque("python runs a module whose name is not known")]);
    };
    let command = |program: &str, rest: &[Value]| {
        let mut words = vec![Value::from(program)];
        words.extend(rest.iter().cloned());
        Some(vec![Inner::words(&words, &Changes::default())])
    };
    match name {
        "awscli" | "awscli.__main__" | "awscli.clidriver" => command("aws", rest),
        "awscliv2" | "ansible" | "pipx" | "uv" | "poetry" | "pdm" | "hatch" | "pipenv" | "dotenv" => {
            command(name, rest)
        }
        "IPython" | "ipython" => command("ipython", rest),
        "timeit" => {
            let parsed = leading(rest, "n,number= r,repeat= s,setup= u,unit= p,process v,verbose h,help");
            let code = lines(parsed.values("s").chain(parsed.tails().next().unwrap_or_default()))?;
            Some(vec![Inner::code(code, Language::Python)])
        }
        "pdb" | "trace" | "cProfile" | "profile" | "coverage" | "runpy" | "debugpy" | "viztracer"
        | "kernprof" | "memory_profiler" | "line_profiler" | "scalene" | "pyinstrument" | "ipdb" => {
            let rest = match rest.split_first() {
                Some((first, rest)) if name == "coverage" && first.bytes == b"run" => rest,
                _ => rest,
            };
            let grammar = "m! c= o= s= f= listen= file= C= configure-for-subprocess count trace t g l T R r wait-for-client \
                ignore-module= ignore-dir= a,append p,parallel-mode branch source= rcfile= include= omit= data-file= context=";
            let parsed = leading(rest, grammar);
            if let Some(module) = parsed.value("m") {
                return python_module(module, parsed.tails().next().unwrap_or_default());
            }
            let (path, arguments) = parsed.tails().next()?.split_first()?;
            Some(vec![file_or_input(path, Language::Python, arguments)])
        }
        // A module is mostly the command of the same name.
        _ => command(name, rest),
    }
}

/// Lines behind `!` and some of its magic words are a shell's.
fn ipython(words: &[Value]) -> Option<Vec<Inner>> {
    let mut inners = python(words)?;
    let texts: Vec<Value> = inners
        .iter()
        .filter_map(|inner| if let Runs::Code { code, .. } = &inner.runs { Some(code) } else { None })
        .flat_map(|code| code.bytes.split(|byte| matches!(byte, b'\n' | b';')))
        .filter_map(|line| {
            let line = Value::known(line.trim_ascii());
            ["!!", "!", "%sx ", "%system ", "%%bash", "%%sh"]
                .iter()
                .find_map(|magic| super::after(&line, magic))
        })
        .collect();
    inners.extend(texts.into_iter().map(|text| Inner::text(text, &[], &Changes::default())));
    Some(inners)
}

const NODE: &str = "* e,eval= p,print== -pe,-ep= r,require= import= loader,experimental-loader= C,conditions= i,interactive c,check \
    v,version h,help env-file= env-file-if-exists= input-type= inspect== inspect-brk== inspect-port= test run= \
    watch-path= test-name-pattern= test-reporter= test-reporter-destination= test-concurrency= test-timeout= title= \
    icu-data-dir= openssl-config= redirect-warnings= report-dir= report-filename= stack-trace-limit= \
    trace-event-categories= unhandled-rejections= v8-options completion-bash diagnostic-dir= max-http-header-size= \
    experimental-default-type= dns-result-order= disable-warning= build-snapshot-config= cpu-prof-dir= prof-process \
    allow-fs-read= allow-fs-write= secure-heap= tls-keylog= localstorage-file=";

fn node(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, NODE);
    if parsed.has("v h c v8-options completion-bash") {
        return None;
    }
    let mut inners = Vec::new();
    // What is loaded first is code too, where it is a file rather than a package.
    for path in parsed.values("r").chain(parsed.values("import")) {
        if path.bytes.starts_with(b".") || path.bytes.starts_with(b"/") {
            inners.push(Inner::file(path.clone(), Some(Language::JavaScript), &[]));
        } else if let Some(code) = super::after(path, "data:text/javascript,") {
            inners.push(Inner::code(code, Language::JavaScript));
        }
    }
    let mut codes: Vec<Value> = parsed.values("e").chain(parsed.values("-pe")).cloned().collect();
    // `-p` takes its code attached, or as the operand.
    if parsed.has("p") && codes.is_empty() {
        let operand = parsed.tails().next().and_then(<[Value]>::first);
        codes.extend(parsed.value("p").or(operand).cloned());
    }
    if let Some(code) = codes.pop() {
        inners.push(Inner::code(code, Language::JavaScript));
    } else if parsed.value("run").is_none() {
        let tests = parsed.has("test");
        if !tests || parsed.tails().next().is_some() {
            inners.extend(script(&parsed, Language::JavaScript));
        }
    }
    Some(inners)
}

fn typescript(words: &[Value]) -> Option<Vec<Inner>> {
    let words = match words.split_first() {
        Some((first, rest)) if matches!(first.bytes.as_slice(), b"watch") => rest,
        _ => words,
    };
    let grammar = "* e,eval= p,print== -pe= r,require= import= P,project= O,compilerOptions= I,ignore= C,compiler= D,ignoreDiagnostics= \
        cwd= tsconfig= env-file= conditions= v,version h,help T,transpile-only b,cwd-mode s,script-mode x,extensions=";
    let parsed = leading(words, grammar);
    if parsed.has("v h") {
        return None;
    }
    let operand = parsed.tails().next().and_then(<[Value]>::first).filter(|_| parsed.has("p"));
    let code = parsed.value("e").or_else(|| parsed.value("-pe")).or_else(|| parsed.value("p")).or(operand);
    Some(match code {
        Some(code) => vec![Inner::code(code.clone(), Language::JavaScript)],
        None => script(&parsed, Language::JavaScript),
    })
}

fn deno(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* c,config= L,log-level= import-map= lock== location= seed= cert= env-file== r,reload== allow-read== \
        allow-write== allow-net== allow-env== allow-run== allow-sys== allow-ffi== A R== W== N== E== S== watch== inspect== \
        inspect-brk== ext= T p,print q v8-flags== node-modules-dir== unsafely-ignore-certificate-errors== preload= h V";
    let (first, rest) = words.split_first()?;
    match first.bytes.as_slice() {
        b"eval" => {
            let code = leading(rest, grammar).tails().next()?.first()?;
            Some(vec![Inner::code(code.clone(), Language::JavaScript)])
        }
        b"run" | b"serve" => Some(script(&leading(rest, grammar), Language::JavaScript)),
        b"-" => Some(vec![Inner::input(Language::JavaScript, &[], &Changes::default())]),
        _ => {
            let (path, arguments) = leading(words, grammar).tails().next()?.split_first()?;
            let is_file = path.bytes.contains(&b'.') || path.bytes.contains(&b'/');
            is_file.then(|| vec![Inner::file(path.clone(), Some(Language::JavaScript), arguments)])
        }
    }
}

fn bun(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* e,eval= p,print= r,preload= require= import= cwd= c,config= env-file= tsconfig-override= define= d= loader= l= \
        conditions= port= F,filter= shell= i b,bun v,version h,help hot watch smol";
    let parsed = leading(words, grammar);
    if let Some(code) = parsed.value("e").or_else(|| parsed.value("p")) {
        return Some(vec![Inner::code(code.clone(), Language::JavaScript)]);
    }
    let (first, rest) = parsed.tails().next()?.split_first()?;
    match first.bytes.as_slice() {
        b"x" => {
            let mut words = vec![Value::from("bunx")];
            words.extend(rest.iter().cloned());
            Some(vec![Inner::words(&words, &Changes::default())])
        }
        b"exec" => Some(vec![Inner::text(rest.first()?.clone(), &[], &Changes::default())]),
        b"run" => bun_file(leading(rest, grammar).tails().next()?),
        _ => bun_file(parsed.tails().next()?),
    }
}

/// A file, rather than a script of package.json or a subcommand.
fn bun_file(words: &[Value]) -> Option<Vec<Inner>> {
    let (path, arguments) = words.split_first()?;
    let is_file = path.bytes.contains(&b'.') || path.bytes.contains(&b'/') || path.bytes == b"-";
    is_file.then(|| vec![file_or_input(path, Language::JavaScript, arguments)])
}

fn perl(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "e= E= I= M= m= F= i== l== 0== C== D== d== x== V== a c f g n p s S t T u U v w W X h";
    let words: Vec<Value> = words.iter().flat_map(apart).collect();
    let parsed = leading(&words, grammar);
    if parsed.has("v V h") {
        return None;
    }
    let code = lines(
        parsed
            .found
            .iter()
            .filter(|found| matches!(found.name, "e" | "E"))
            .filter_map(|found| found.value.as_ref()),
    );
    // `-c` compiles only, but `BEGIN` blocks and `use` run with it.
    Some(match code {
        Some(code) => vec![Inner::code(code, Language::Perl)],
        None => script(&parsed, Language::Perl),
    })
}

/// Perl's and ruby's `-0777ne`, `-l012pe`: digits belong to the letter before,
/// what follows is options again.
fn apart(word: &Value) -> Vec<Value> {
    let whole = || vec![Value::known(word.bytes.as_slice())];
    let Some(letters) = word.bytes.strip_prefix(b"-") else { return whole() };
    let known = letters.iter().take_while(|letter| b"acnpswWlX0123456789".contains(letter)).count();
    let (front, behind) = letters.split_at_checked(known).unwrap_or((letters, &[]));
    if behind.is_empty() || !front.iter().any(|letter| matches!(letter, b'l' | b'0')) {
        return whole();
    }
    vec![Value::known([b"-", front].concat()), Value::known([b"-", behind].concat())]
}

fn ruby(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* e= I= r= C= X= E,encoding= F= K== T== W== i== x== 0== external-encoding= internal-encoding= \
        a c d l n p s S U v w h version help y copyright yjit jit";
    let words: Vec<Value> = words.iter().flat_map(apart).collect();
    let parsed = leading(&words, grammar);
    if parsed.has("h version help copyright") {
        return None;
    }
    let mut inners = match lines(parsed.values("e")) {
        // un.rb: the code names a program, which gets the words behind it.
        Some(code)
            if parsed.values("r").any(|library| matches!(library.bytes.as_slice(), b"un" | b"un.rb")) =>
        {
            vec![Inner::words(
                &[&[code], parsed.tails().next().unwrap_or_default()].concat(),
                &Changes::default(),
            )]
        }
        Some(code) => vec![Inner::code(code, Language::Ruby)],
        None => script(&parsed, Language::Ruby),
    };
    let directory = parsed.value("C").or_else(|| parsed.value("X"));
    for inner in &mut inners {
        inner.changes.directory = directory.cloned();
    }
    Some(inners)
}

fn php(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "c,php-ini= d,define= f,file= F,process-file= r,run= B,process-begin= R,process-code= E,process-end= S,server= \
        t,docroot= z,zend-extension= T= rf= rc= rz= re= ri= rx= a,interactive e H i,info l,syntax-check m,modules n,no-php-ini \
        q s,syntax-highlight v,version w,strip h,help ini";
    let parsed = leading(words, grammar);
    if parsed.has("i l m v w h s ini rf rc re ri") {
        return None;
    }
    let code = lines(["r", "B", "R", "E"].iter().flat_map(|name| parsed.values(name)));
    let file = parsed.value("f").or_else(|| parsed.value("F"));
    if code.is_none() && file.is_none() {
        let mut inners = script(&parsed, Language::Php);
        inners.extend(parsed.tails().filter_map(consoles::started));
        return Some(inners);
    }
    let mut inners: Vec<Inner> = code.map(|code| Inner::code(code, Language::Php)).into_iter().collect();
    inners.extend(file.map(|path| {
        Inner::file(path.clone(), Some(Language::Php), parsed.tails().next().unwrap_or_default())
    }));
    Some(inners)
}

fn awk(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "F,field-separator= v,assign= f,file= E,exec! e,source= i,include= l,load= L,lint== d,dump-variables== \
        D,debug== o,pretty-print== p,profile== b,characters-as-bytes c,traditional C,copyright g,gen-pot h,help I,trace k,csv \
        M,bignum n,non-decimal-data N,use-lc-numeric O,optimize P,posix r,re-interval s,no-optimize S,sandbox t,lint-old V,version \
        W=";
    let parsed = leading(words, grammar);
    if parsed.has("h V C") {
        return None;
    }
    let rest = parsed.tails().next().unwrap_or_default();
    let mut inners: Vec<Inner> = ["f", "E", "i"]
        .iter()
        .flat_map(|name| parsed.values(name))
        .map(|path| file_or_input(path, Language::Awk, rest))
        .collect();
    inners.extend(lines(parsed.values("e")).map(|code| Inner::code(code, Language::Awk)));
    if !parsed.has("f E e") {
        inners.extend(
            parsed.tails().filter_map(<[Value]>::first).map(|code| Inner::code(code.clone(), Language::Awk)),
        );
    }
    Some(inners)
}
