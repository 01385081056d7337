//! What `--help` says, in full.

fn help(path: &[&str]) -> String {
    let mut command = super::command();
    command.build();
    let mut command = &mut command;
    for name in path {
        command = command.find_subcommand_mut(name).expect("such a command");
    }
    command.clone().term_width(100).render_long_help().to_string()
}

#[test]
fn the_command_line_makes_sense() {
    super::command().debug_assert();
}

#[test]
fn help_of_the_whole() {
    insta::assert_snapshot!(help(&[]), @"
    Collects compliance evidence through sandboxed plugins, and keeps it so that an auditor can check it

    Usage: exhibit [OPTIONS] <COMMAND>

    Commands:
      demo          Collects, tests and verifies every proof type from a simulated source on this
                    machine
      types         Lists the proof types of a plugin, or describes one: fields, criteria, rights
      collect       Collects one proof, now, into a folder
      operate       Does something at the source, such as launching a scan: shows what it would send,
                    sends it if that is confirmed
      lookup        Lists what can be chosen at the source, such as scanners by name; reads only, and
                    keeps nothing
      guide         Says how an account at the source is set up for collecting, step by step
      test          Tests kept evidence, offline: which rows are as they should be, and what changed
      verify        Verifies evidence, offline: digests, and the plugin over the kept answers, byte for
                    byte
      export        Writes kept evidence as a file for people or for other tools
      bundle        Writes kept evidence as one file, to hand on or to file away
      check         Tries what the account may collect and do: right, licence, platform, clock
      certificates  Certificates that a team looks after: what ends when, whose it is, what became of it
      state         Looks after the state database: what Exhibit remembers between collections, beside
                    evidence
      test-file     Writes and checks the files that tests are written in
      evidence      Keeps evidence in a store: what there is, which times are proven, what may go
      keys          Makes the keys that evidence is signed with, and shows their public halves
      plugin        Looks into plugins, tries them, begins new ones, and passes them on
      help          Print this message or the help of the given subcommand(s)

    Options:
          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes: 0 all is well, 1 a test or a check did not pass, 2 the call or the configuration is
    wrong, 3 the source or the plugin failed, 130 it was stopped; `--help` of each command says what
    they mean for it.
    ");
}

#[test]
fn help_of_demo() {
    insta::assert_snapshot!(help(&["demo"]), @"
    Collects, tests and verifies every proof type from a simulated source on this machine

    Usage: exhibit demo [OPTIONS]

    Options:
          --out <DIR>
              The folder for the evidence: made if it is not there, never overwritten [default:
              exhibit-demo, or the first of exhibit-demo-2, exhibit-demo-3 and so on that is not there]

          --serve
              Keep the stand-in for the source running afterwards, until Ctrl-C, to try all other
              commands with

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit demo
      exhibit demo --out /tmp/evidence
      exhibit demo --serve      # and go on with all other commands, against the stand-in

    Exit codes:
      0    each proof was collected, and verifies
      2    the call, the configuration or this machine is wrong: nothing was done
      3    the plugin failed, or evidence does not verify: a fault of exhibit
      130  it was stopped
    ");
}

#[test]
fn help_of_types() {
    insta::assert_snapshot!(help(&["types"]), @"
    Lists the proof types of a plugin, or describes one: fields, criteria, rights

    Usage: exhibit types [OPTIONS] [TYPE]

    Arguments:
      [TYPE]
              The proof type to describe

    Options:
          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit types
      exhibit types assets
      exhibit types --plugin my-plugin.wasm --json

    Exit codes:
      0    it is done
      2    the call, the configuration or this machine is wrong: nothing was done
      3    the plugin or its registry failed
      130  it was stopped
    ");
}

#[test]
fn help_of_collect() {
    insta::assert_snapshot!(help(&["collect"]), @r#"
    Collects one proof, now, into a folder

    Usage: exhibit collect [OPTIONS] <TYPE>

    Arguments:
      <TYPE>
              The proof type, as `exhibit types` lists it

    Options:
          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --set <NAME=VALUE>
              What the plugin asks of a connection, such as platform=US2; `exhibit plugin show` lists it

          --origin <NAME=URL>
              Where an origin is, instead of where the settings say: for private installations

          --plain-http <NAME>
              Allows http for the --origin of this name on another machine: others on the network can
              then read and change the traffic

          --allow-network <CIDR>
              A network that requests to the source may go to, such as 10.20.0.0/16, although a larger
              one is denied or it is this machine (127.0.0.1); may be given again

          --deny-network <CIDR>
              A network that requests to the source do not go to, such as 203.0.113.0/24, or `all` for
              those that no --allow-network has; may be given again

          --secret <NAME=REFERENCE>
              Where a secret is kept: password=env:VARIABLE or password=file:PATH, never the secret
              itself

          --trust <DIGEST>
              Accepts only the --plugin with this digest, and does not ask whether it is trusted

          --with <NAME=VALUE>
              What narrows the proof down; `exhibit types TYPE` lists it

          --from <DATE>
              Where the proof's window begins: a date (its start in UTC), or a date and time. What a
              window proves depends on the type: `exhibit types TYPE` says it

          --to <DATE>
              Where the window ends: the first instant that no longer belongs to it [default: --as-of]

          --since <PROOF>
              Collect only what changed since the last proof of the same terms in the store, by the
              clock of the source. Where the store has none that lacks nothing, all is collected.
              `exhibit types TYPE` says what counts as a change. Tests judge whole lists and exclude
              this

              Possible values:
              - last: The last one of the same terms

          --as-of <DATE>
              The instant that counts as now, for ages and for what is overdue [default: now]

          --max-wait <SECONDS>
              How many seconds to wait at most, all pauses together, where the source asks for patience
              [default: 3900]

          --max-time <SECONDS>
              How many seconds the collection may take at most; waits that --max-wait counts do not
              count [default: 43200]

          --max-plugin-time <SECONDS>
              How many seconds all calls of the plugin together may run: in the collection, and again in
              its tests [default: 1800]

          --attempts <NUMBER>
              How often a request is made, where the source or the network fails [default: 5]

          --json
              Write results and errors as JSON, for machines

          --out <DIR>
              The folder for the evidence: made if it is not there, never overwritten

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

          --store <STORE>
              A store to keep the evidence in, instead of --out: `exhibit evidence init` makes one

          --bundle
              The evidence as one file, too: DIR.exhibit.tar

          --test <FILE>
              A file of tests to run on the proof, or `suggested` for those of the plugin; may be given
              again

          --junit <FILE>
              A file for the results of the tests as JUnit XML, too

          --sign <REFERENCE>
              Where the private key is that signs: file:PATH or env:VARIABLE; `exhibit keys new` makes
              one

          --timestamp-url <URL>
              Where a time stamp authority (RFC 3161) is, which says since when the evidence is there

          --account <NAME>
              What the account is called: tells it from others of the same source, for people and in a
              store

          --good-for <DAYS>
              For how many days the evidence is good; `exhibit evidence list` says what is stale
              
              [default: 92]

          --keep-failed <DIR>
              A folder for the answer that a collection fails at, to look into or to send to the
              source's support: as it came, with what was asked. Where DIR is not empty, it is kept in
              DIR-2, DIR-3 and so on

          --fresh
              Start over, where the same command was interrupted and would otherwise resume after the
              last page that is kept

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      The assets of an account, with its credentials in the environment:
        exhibit collect assets --set platform=US2 \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
          --out evidence/assets

      The scans of a quarter, with the password in a file:
        exhibit collect vm-scans --set platform=EU1 --from 2026-07-01 --to 2026-10-01 \
          --secret username=env:API_USERNAME --secret password=file:/run/secrets/api \
          --out evidence/q3-scans

      And test it at once, with the plugin's tests and one's own:
        exhibit collect users --set platform=US2 --test suggested --test tests/users.toml \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
          --out evidence/users

      Into a store, whose signed log shows what was removed:
        exhibit collect users --set platform=US2 --store evidence --sign file:evidence-key \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

      Each day what changed since the day before:
        exhibit collect detections --set platform=US2 --store evidence --sign file:evidence-key \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
          --since last

      From a private installation:
        exhibit collect users --set platform=private --origin api=https://api.example.com \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
          --out evidence/users

    What is in the folder:
      rows.ndjson.zst  the proof, one JSON object a row; zstdcat reads it
      proof.csv        its shown columns, for a spreadsheet
      proof.json       what it is, how it was made, how complete it is, digests
      answers/         the source's answers as they came, zstd-compressed, with what was asked
      plugin.wasm.zst  the plugin, with which `exhibit verify` makes the rows again
      tests/0001/      the results of tests, if there were any; see `exhibit test --help`

    Exit codes:
      0    the proof is collected and kept; all tests passed, where there were any
      1    it is collected and kept, and a test failed or could not be judged
      2    the call, the configuration or this machine is wrong: the error says what is kept
      3    the source or the plugin failed, or asks for a longer wait: no proof is kept
      130  it was stopped
    "#);
}

#[test]
fn help_of_check() {
    insta::assert_snapshot!(help(&["check"]), @r"
    Tries what the account may collect and do: right, licence, platform, clock

    Usage: exhibit check [OPTIONS] [TYPE|OPERATION]...

    Arguments:
      [TYPE|OPERATION]...
              The proof types and operations to check [default: all; operations then do not change the
              exit code]

    Options:
          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --set <NAME=VALUE>
              What the plugin asks of a connection, such as platform=US2; `exhibit plugin show` lists it

          --origin <NAME=URL>
              Where an origin is, instead of where the settings say: for private installations

          --plain-http <NAME>
              Allows http for the --origin of this name on another machine: others on the network can
              then read and change the traffic

          --allow-network <CIDR>
              A network that requests to the source may go to, such as 10.20.0.0/16, although a larger
              one is denied or it is this machine (127.0.0.1); may be given again

          --deny-network <CIDR>
              A network that requests to the source do not go to, such as 203.0.113.0/24, or `all` for
              those that no --allow-network has; may be given again

          --secret <NAME=REFERENCE>
              Where a secret is kept: password=env:VARIABLE or password=file:PATH, never the secret
              itself

          --trust <DIGEST>
              Accepts only the --plugin with this digest, and does not ask whether it is trusted

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit check --set platform=US2 \
        --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

    Only two of them, by the names that `exhibit types` lists:
      exhibit check users launch-vm-scan --set platform=US2 \
        --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

    It changes nothing at the source. The steps that it names are those of `exhibit guide`.

    Exit codes:
      0    nothing that counts is known to be missing: proof types, and operations that are named
      2    the call, the configuration or this machine is wrong
      3    the source or the plugin refuses or fails
      130  it was stopped
    ");
}

#[test]
fn help_of_test_file() {
    insta::assert_snapshot!(help(&["test-file"]), @"
    Writes and checks the files that tests are written in

    Usage: exhibit test-file [OPTIONS] <COMMAND>

    Commands:
      suggested  Prints the tests that the plugin suggests for a proof type as a file, to start one's
                 own from
      schema     Prints the JSON Schema by which editors check and complete such files
      check      Says what tests are in the files, or what in them makes no sense
      help       Print this message or the help of the given subcommand(s)

    Options:
          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')
    ");
    insta::assert_snapshot!(help(&["test-file", "suggested"]), @"
    Prints the tests that the plugin suggests for a proof type as a file, to start one's own from

    Usage: exhibit test-file suggested [OPTIONS] <TYPE>

    Arguments:
      <TYPE>
              The proof type, as `exhibit types` lists it

    Options:
          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit test-file suggested users > users.toml
      exhibit test-file suggested assets --plugin my-plugin.wasm

    Exit codes:
      0    it is done
      2    the call, the configuration or this machine is wrong: nothing was done
      3    the plugin or its registry failed
      130  it was stopped
    ");
    insta::assert_snapshot!(help(&["test-file", "schema"]), @"
    Prints the JSON Schema by which editors check and complete such files

    Usage: exhibit test-file schema [OPTIONS]

    Options:
          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit test-file schema > tests.schema.json

    Files that `exhibit test-file suggested` writes name it in their first line, for editors with Taplo
    or
    the like: keep it beside them.

    Exit codes:
      0    it is done
      2    the call, the configuration or this machine is wrong: nothing was done
      130  it was stopped
    ");
    insta::assert_snapshot!(help(&["test-file", "check"]), @"
    Says what tests are in the files, or what in them makes no sense

    Usage: exhibit test-file check [OPTIONS] <FILE>...

    Arguments:
      <FILE>...
              Files of tests; `suggested` stands for those that the plugin suggests

    Options:
          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit test-file check tests/users.toml
      exhibit test-file check suggested tests/*.toml --json

    Exit codes:
      0    the tests can be run
      2    a file of tests, the call or this machine is wrong
      3    the plugin failed
      130  it was stopped
    ");
}

#[test]
fn help_of_plugin_show() {
    insta::assert_snapshot!(help(&["plugin", "show"]), @"
    Says what a plugin is and what it asks for, without connecting to anything

    Usage: exhibit plugin show [OPTIONS] [PLUGIN]

    Arguments:
      [PLUGIN]
              The component file, or oci: and where it is in a registry; the built-in plugin, where none
              is named

    Options:
          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      exhibit plugin show
      exhibit plugin show my-plugin.wasm
      exhibit plugin show my-plugin.wasm --json
      exhibit plugin show oci:ghcr.io/acme/exhibit-acme:1.0.0

    Exit codes:
      0    it is done
      2    the call, the configuration or this machine is wrong: nothing was done
      3    the plugin or its registry failed
      130  it was stopped
    ");
}

#[test]
fn help_of_test() {
    insta::assert_snapshot!(help(&["test"]), @"
    Tests kept evidence, offline: which rows are as they should be, and what changed

    Usage: exhibit test [OPTIONS] <EVIDENCE>

    Arguments:
      <EVIDENCE>
              The folder of the evidence, as `exhibit collect` made it; with --what-if, its bundle, too

    Options:
          --test <FILE>
              A file of tests, or `suggested` for those of the plugin; may be given again [default:
              suggested]

          --as-of <DATE>
              The instant that counts as now [default: that of the evidence]

          --what-if
              Show the results and what would change, and write nothing

          --junit <FILE>
              A file for the results as JUnit XML, too

          --max-plugin-time <SECONDS>
              How many seconds all calls of the plugin together may run [default: 1800]

          --max-unpacked <GIB>
              How many GiB the answers of one piece of evidence may have when they are unpacked, and how
              many its rows with all runs of tests: of what says that it has more, nothing is read
              [default: 64, and a thousand times what is packed]

          --sign <REFERENCE>
              Where the private key is that signs: file:PATH or env:VARIABLE; `exhibit keys new` makes
              one

          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --trust <DIGEST>
              Accepts only the --plugin with this digest, and does not ask whether it is trusted;
              without it, a plugin that did not collect the evidence is asked about

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      The tests that the plugin suggests:
        exhibit test evidence/assets

      Tests of one's own, and the suggested ones with them:
        exhibit test evidence/assets --test tests/assets.toml --test suggested

      What an edited test would change:
        exhibit test evidence/assets --test tests/assets.toml --what-if

      For a build server:
        exhibit test evidence/assets --junit report.xml

    What a run leaves in the evidence's folder, as tests/0001, tests/0002 and so on:
      run.json              the tests, their results, and digests
      tests.toml            the tests themselves
      verdicts.ndjson.zst   the verdict of every test on every row; zstdcat reads it
      findings.ndjson.zst   why rows did not pass: field, value seen, value wanted
      findings.csv          the same, for a spreadsheet
      history.ndjson.zst    every row that ever failed: new, still failing, reopened, fixed

    A run is compared with the last run of the same test: in this evidence, or in evidence of the same
    proof in a folder beside it that covers no later time.

    Exit codes:
      0    all tests passed
      1    a test failed or could not be judged
      2    the call, the tests, the evidence or this machine is wrong: there is no run
      3    the plugin failed: there is no run
      130  it was stopped
    ");
}

#[test]
fn help_of_export() {
    insta::assert_snapshot!(help(&["export"]), @r"
    Writes kept evidence as a file for people or for other tools

    Usage: exhibit export [OPTIONS] --format <FORMAT> --out <FILE> <EVIDENCE>

    Arguments:
      <EVIDENCE>
              The folder of the evidence, as `exhibit collect` made it, or its bundle

    Options:
          --format <FORMAT>
              What to make of it

              Possible values:
              - csv:     All fields, for spreadsheets and scripts; no cell of it can become a formula
              - json:    All fields, how they were collected, and what each test made of each row
              - html:    One page that sorts and filters, and needs nothing but a browser
              - xlsx:    A workbook: a summary, the tests, what did not pass and why, and the rows in
                typed cells, none of which is a formula
              - parquet: A table with typed columns, for databases and notebooks; keeps apart what the
                source did not say and what it said is empty
              - pdf:     A document to print and to file: accessible, in any script, with the evidence's
                digest as a QR code
              - oscal:   OSCAL 1.2 assessment results: observations, findings by control, and the
                evidence's hashes
              - in-toto: The test results as an unsigned in-toto statement

          --out <FILE>
              The file to write; one of this name is replaced

          --redact <WHAT>
              What not to say of persons, in fields and in notes

              Possible values:
              - personal:   Leaves out names and addresses of persons
              - pseudonyms: Puts pseudonyms in their place: the same text, the same pseudonym

          --pseudonym-key <REFERENCE>
              Where the key for pseudonyms is: file:PATH or env:VARIABLE, 32 bytes or more; exports with
              the same key have the same pseudonyms [default: a key of this export alone]

          --rows <N>
              At most so many rows; the export says how many there are [default: as many as suit the
              format]

          --run <N>
              The number of the test run to export [default: the last one]

          --max-unpacked <GIB>
              How many GiB the answers of one piece of evidence may have when they are unpacked, and how
              many its rows with all runs of tests: of what says that it has more, nothing is read
              [default: 64, and a thousand times what is packed]

          --json
              Write results and errors as JSON, for machines

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      For a person to read, sort and filter, in any browser:
        exhibit export evidence/assets --format html --out assets.html

      Without names and addresses of persons:
        exhibit export evidence/users --format csv --redact personal --out users.csv

      With pseudonyms, by which the rows of exports can be joined:
        openssl rand -hex 32 > pseudonyms.key
        exhibit export evidence/users --format parquet --out users.parquet \
                       --redact pseudonyms --pseudonym-key file:pseudonyms.key

    An export is made of rows whose digest is the one in proof.json, and names the digest of that
    proof.json: the evidence itself is what to keep. CSV has no place for that, so beside it there
    will be a file with `-metadata.json` after its name, as the W3C has it for tables. In Parquet
    absent and empty are both null: the column _absent says of which fields the source said nothing.

    Exit codes:
      0    the file is written; whether tests passed is in it
      2    the call or this machine is wrong, or the evidence was altered: nothing is written
      130  it was stopped
    ");
}

#[test]
fn help_of_certificates() {
    insta::assert_snapshot!(help(&["certificates"]), @r#"
    Certificates that a team looks after: what ends when, whose it is, what became of it

    Usage: exhibit certificates [OPTIONS]
           exhibit certificates <COMMAND>

    Commands:
      sync     Collects the certificates, keeps the evidence, and merges it into the inventory
      merge    Merges certificates that are collected already: new ones are added, known ones keep what
               people entered
      list     Lists certificates, those that end first at the beginning
      show     Shows one certificate: how it stands, whose it is, and with --history where each value
               comes from
      assign   Enters who looks after certificates, and what else people know of them
      group    Sorts certificates into groups: a collection leaves them there
      errors   Lists the certificates that could not be merged: why, since when, and whether that may
               pass by itself
      resolve  Closes an error of `exhibit certificates errors` with a word; it opens again where it
               comes again
      report   Says who has to renew how many certificates, and which of them ends first
      export   Writes certificates to a file: CSV, a workbook, a calendar of their ends
      help     Print this message or the help of the given subcommand(s)

    Options:
          --expiring <DAYS>
              Those that end within so many days, and whose work is still to do: neither replaced nor
              gone

          --group <GROUP>
              Those of this group

          --status <STATUS>
              Those that stand like this; may be given again

              Possible values:
              - valid:    It is valid
              - expiring: It ends soon: see --soon
              - expired:  It has ended
              - replaced: Another one was issued in its place
              - not-seen: The source shows it no more

          --owner <NAME>
              Those that this contact, e-mail address or team looks after

          --no-owner
              Those for which no owner is entered

          --host <HOST>
              Those on this host

          --sort <COLUMN>
              What they are sorted by

              Possible values:
              - ends:  The end: those that end first
              - title: The name
              - group: The group, and within it the end
              - owner: The owner, and within that the end
              
              [default: ends]

          --columns <NAME,…>
              Which columns to show: an unknown name lists those that there are

          --json
              Write results and errors as JSON, for machines

          --limit <NUMBER>
              How many to show at most; --json and --csv have all
              
              [default: 50]

          --log <LEVEL>
              Say on standard error what happens inside

              Possible values:
              - error: What went wrong
              - warn:  And what looks wrong
              - info:  And what happens
              - debug: And how
              - trace: And everything that libraries say

          --csv
              Write CSV to standard output

          --state <DATABASE>
              The state database: sqlite:PATH, or postgres://ROLE@HOST/DATABASE for several machines
              [default: a file of this user, state.sqlite]

          --state-password <REFERENCE>
              Where the password of the database's role is kept: env:VARIABLE or file:PATH

          --plugin <PLUGIN>
              A plugin's component file, or oci: and where it is in a registry, instead of the built-in
              plugin

          --as-of <DATE>
              The instant that counts as now [default: now]

          --soon <DAYS>
              For how many days before its end a certificate is expiring
              
              [default: 30]

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      What must be renewed within 30 days, and by whom:
        exhibit certificates --expiring 30

      Whose is this one, and how is that known:
        exhibit certificates show www.example.com --history

      Each week: collect them, keep the evidence, and merge it:
        exhibit certificates sync --set platform=US2 --store evidence --sign file:evidence-key \
          --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

      Why was one not imported:
        exhibit certificates errors
    "#);
}
