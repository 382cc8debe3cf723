# List the recipes.
default:
    @just --list

# Everything that CI runs.
ci:
    .ci/run

# Run the tests; with arguments, only those whose name has them.
test *filter:
    cargo test {{ filter }}

# Format, clippy, and the shipped rules.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    cargo run -q -- rules lint

# Licences, advisories and sources of the dependencies.
deny:
    cargo deny --all-features --locked check

# Write completions/, man/, schema/ and docs/rules.md anew.
generate:
    cargo run -q -- generate .

# Measure; nothing fails by being slow.
bench:
    cargo bench

# A binary without shared libraries: the fastest to start (Linux with glibc).
static:
    RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --target "$(rustc -vV | sed -n 's/^host: //p')"

# The main job in a throw-away directory.
demo:
    cargo run --release -- demo
