# What is done often, one line each: `just` lists it (https://just.systems). Nothing needs this file: the README's
# commands and .ci/run stand by themselves.

# How the edit loops build: incrementally and without optimisation, so that a change is tested in seconds.
profile := "dev"

[private]
default:
    @just --list --unsorted

# Collect, test and verify each proof type from a stand-in for Qualys on this machine
demo *arguments:
    guest/toolchain.sh && cargo run --release -- demo {{ arguments }}

# All tests; or those of a package, such as: just test -p exhibit-rows
test *arguments="--workspace":
    guest/toolchain.sh && cargo test --release {{ arguments }}

# What must pass before a change lands
ci:
    .ci/run

# The edit loop of the command line: its unit tests, after a change under host/cli/src
cli *filter:
    cargo test --profile {{ profile }} -p exhibit-cli --lib -- {{ filter }}

# The edit loop of the plugin: its unit tests, after a change under guest/src
plugin *filter:
    cargo test --profile {{ profile }} -p exhibit-qualys --lib -- {{ filter }}

# How long the edit loop of the command line takes after a change in one file: at most 15 s on two cores
time-cli file="host/cli/src/terminal.rs": (time "cli" file)

# How long the edit loop of the plugin takes after a change in one file: at most 10 s on two cores
time-plugin file="guest/src/proofs/users.rs": (time "plugin" file)

# Once before the change, so that only what the change costs is measured.
[private]
time loop file:
    test -f {{ file }} && {{ just_executable() }} {{ loop }} >/dev/null && touch {{ file }}
    bash -c 'time {{ just_executable() }} {{ loop }}'

# Where imports make circles, and what does not belong at the top level
house:
    cargo test --release -p exhibit-tests --test house

# Every file system call of the commands made to fail, and to be the last one before they are killed: hours
faults:
    cargo test --release -p exhibit-tests --test faults -- --ignored --nocapture

# Bytes of all kinds for one of the readers of tests/fuzz, until stopped; needs cargo-fuzz and a nightly compiler
fuzz target="answer" *arguments:
    mkdir -p target/fuzz/{{ target }}
    cargo +nightly fuzz run --fuzz-dir tests/fuzz/libfuzzer --sanitizer none {{ target }} target/fuzz/{{ target }} \
        tests/fuzz/corpus/{{ target }} -- -timeout=10 -rss_limit_mb=512 {{ arguments }}

# Each of the readers for so many seconds at most, or ten million times
fuzz-all seconds="3600":
    for target in $(ls tests/fuzz/corpus); do \
        {{ just_executable() }} fuzz $target -runs=10000000 -max_total_time={{ seconds }} || exit 1; \
    done

# Changes to the plugin since a commit, each made wrong in turn: does a test notice? Needs cargo-mutants
mutants since="main":
    mkdir -p target && git diff {{ since }} -- guest > target/mutants.diff
    INSTA_UPDATE=no cargo mutants -p exhibit-plugin -p exhibit-qualys --in-diff target/mutants.diff --output target -- --lib

# The same of the tester, the proof types and the reading of Qualys' answers as a whole: half an hour on two cores
mutants-all:
    INSTA_UPDATE=no cargo mutants -p exhibit-plugin -p exhibit-qualys --output target --timeout 30 \
        -f 'guest/kit/src/tester/**' -f guest/kit/src/tester.rs -f 'guest/src/proofs/**' -f 'guest/src/qualys/**' -- --lib

# Parsing and memory, with their ratios beside what they should be
bench:
    cargo bench -p exhibit-tests --bench parse
    cargo bench -p exhibit-tests --bench memory

# A store of ten thousand proofs: how long it takes to verify its digests, and in how much memory
many:
    cargo test --release -p exhibit-tests --test store -- --ignored ten_thousand --nocapture

# Licences, advisories, duplicate versions and sources of what is depended upon; needs cargo-deny
deny *checks:
    cargo deny check -D unmatched-skip -D unnecessary-skip -D license-exception-not-encountered {{ checks }}

# Spelling; needs typos
typos:
    typos
