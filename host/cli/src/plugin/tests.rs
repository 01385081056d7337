//! The help of these commands.

fn help(name: &str) -> String {
    let mut command = crate::command();
    command.build();
    let plugin = command.find_subcommand_mut("plugin").expect("such a command");
    let command = plugin.find_subcommand_mut(name).expect("such a command");
    command.clone().term_width(100).render_long_help().to_string()
}

#[test]
fn help_of_check() {
    insta::assert_snapshot!(help("check"), @"
    Tries whether a plugin keeps the contract: manifest, rows, pages, checkpoints, hostile answers

    Usage: exhibit plugin check [OPTIONS] [PLUGIN]

    Arguments:
      [PLUGIN]
              The component file, or oci: and where it is in a registry; the built-in plugin, where none
              is named

    Options:
          --evidence <DIR>
              A folder that `exhibit collect` or `exhibit operate` made with this plugin: its answers
              are replayed

          --set <NAME=VALUE>
              What the plugin asks of a connection, where neither a default nor a choice will do

          --with <NAME=VALUE>
              What a proof type must be narrowed down with, or an operation be given; `exhibit types
              TYPE` and `exhibit operate NAME` list it. Evidence brings its own

          --max-time <SECONDS>
              How many seconds all checks may take together [default: 3600]

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
      With made-up answers alone:
        exhibit plugin check my-plugin.wasm
        exhibit plugin check my-plugin.wasm --set region=eu --with domain=example.com

      And with the answers of a collection, replayed in every way that the contract allows:
        exhibit collect users --plugin my-plugin.wasm --out evidence/users
        exhibit plugin check my-plugin.wasm --evidence evidence/users

      Of an operation, its evidence is that of a run, also of one at a test system:
        exhibit plugin check my-plugin.wasm --evidence evidence/restart

    Exit codes:
      0    each check that could be made passed
      1    a check failed, or they were not done in time
      2    the call, the configuration or this machine is wrong: nothing was done
      3    the plugin cannot be loaded from its registry
      130  it was stopped
    ");
}

#[test]
fn help_of_new() {
    insta::assert_snapshot!(help("new"), @"
    Writes a plugin that builds, tests and collects out of the box

    Usage: exhibit plugin new [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Its name: a to z, 0 to 9 and -

    Options:
          --out <DIR>
              The folder for it: made if it is not there, never overwritten [default: NAME]

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
      exhibit plugin new acme
      exhibit plugin new acme --out plugins/acme

    Exit codes:
      0    it is done
      2    the call, the configuration or this machine is wrong: nothing was done
      130  it was stopped
    ");
}
