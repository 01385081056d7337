//! What the command says of itself.

use exhibit_plugin::catalog::Manifest;

/// How it is called, for people.
pub(crate) fn text(manifest: &Manifest) -> String {
    let names: Vec<&str> = manifest.proof_types.iter().map(|it| it.name.as_str()).collect();
    let variables: Vec<String> = manifest
        .secrets
        .iter()
        .map(|it| format!("{}_{}", manifest.id, it.name).to_uppercase().replace('-', "_"))
        .collect();
    let operations: Vec<&str> = manifest.operations.iter().map(|it| it.name.as_str()).collect();
    let (id, env) = (&manifest.id, variables.join(" --env "));
    format!(
        "\
Collects proofs from {label} on any WebAssembly runtime that has wasi:http.

Usage:
  types [TYPE]              lists the proof types, or describes one
  collect TYPE [OPTIONS]    collects one proof, and writes its rows to standard output
  test TYPE FILE            runs the suggested tests over rows that collect wrote; - is standard input
  operate [NAME] [OPTIONS]  does something at the source, once it was shown and confirmed; without a name,
                            lists what can be done; with a name alone, says what that takes
  lookup [NAME] [OPTIONS]   lists what can be chosen at the source, by name
  guide                     says how an account at the source is set up

Proof types: {types}
Operations: {operations}

Options of collect, operate and lookup:
  --set NAME=VALUE          a setting of the connection
  --with NAME=VALUE         collect, lookup: only records that meet it; operate: what the operation is given
  --origin NAME=URL         the address of an origin, instead of the one in the settings
  --plain-http NAME         permits http to another machine for that origin: others can read the traffic
  --secret NAME=REFERENCE   where a secret is stored: env:VARIABLE or file:PATH [default: {variables}]
  --signer                  another component, composed in front of this one, signs the requests
  --max-wait SECONDS        the limit of all pauses together [default: 3900; of operate: 604800]

Options of collect:
  --from DATE, --to DATE    the window of the proof; --to is exclusive
  --as-of DATE              the time that counts as now [default: now]
  --csv                     a table for spreadsheets instead of one JSON object per line
  --answers DIR             reads recorded answers, as the host keeps them, instead of the network
  --max-time SECONDS        the limit of all the rest, checked between two steps [default: 43200]

Options of operate:
  --allow-operate           lets this call change something at the source
  --confirm VALUE           sends it: VALUE is that of the parameter that tells what is done; without it,
                            the request is shown and nothing is sent
  --out DIR                 the folder for the evidence, which `exhibit verify` takes; it must not exist or be
                            empty. What is sent is kept there before it is sent
  --wait                    waits until the end of what was begun, and reports how it ended
  --resume                  goes on with what was interrupted, and begins nothing
  --take-over               the process that had begun it has ended: does not wait for its answer to come
  --fresh                   starts over, where nothing was sent yet
  --account NAME            what the account is called, for people
  --max-time SECONDS        as of collect

Options of test:
  --as-of DATE              the time that counts as now [default: now]

A single call of the plugin is ended by the runtime alone, where it has a limit of time, such as
wasmtime's -W timeout=12h.

An operation is sent once. Where its answer is lost or the process is killed, the same command finds out
whether it took effect. After a pause beyond --max-wait, it goes on with it.

Rows and reports go to standard output, everything else to standard error. Exit codes: 0 success, 1 a test
failed, 2 wrong call or environment, or an operation that is not allowed or not confirmed: nothing was sent;
3 the source or the plugin failed: the output is then incomplete; or an operation is not done, or it is not
known whether it is: the report says what to look at.

Examples:
  wasmtime run -S http --env {env} {id}-proofs.wasm collect {first} --set … > {first}.ndjson
{example}",
        label = manifest.label,
        types = names.join(", "),
        operations = if operations.is_empty() { "none".to_owned() } else { operations.join(", ") },
        example = match manifest.operations.first() {
            Some(it) => format!(
                "  wasmtime run -S http --dir . --env {env} {id}-proofs.wasm operate {} --set … \\\n    \
                 --with {}=… --allow-operate --confirm … --out evidence/{}\n",
                it.name, it.confirm, it.name
            ),
            None => String::new(),
        },
        variables = if variables.is_empty() {
            "none".to_owned()
        } else {
            format!("env:{}", variables.join(", env:"))
        },
        env = env,
        first = names.first().unwrap_or(&"TYPE"),
    )
}
