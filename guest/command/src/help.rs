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
    let id = &manifest.id;
    format!(
        "\
Collects proofs from {label} on any WebAssembly runtime that has wasi:http.

Usage:
  types [TYPE]              lists the proof types, or describes one
  collect TYPE [OPTIONS]    collects one proof, and writes its rows to standard output
  test TYPE FILE            runs the suggested tests over rows that collect wrote; - is standard input

Proof types: {types}

Options of collect:
  --set NAME=VALUE          a setting of the connection
  --with NAME=VALUE         a criterion: only records that meet it
  --from DATE, --to DATE    the window of the proof; --to is exclusive
  --as-of DATE              the time that counts as now [default: now]
  --csv                     a table for spreadsheets instead of one JSON object per line
  --origin NAME=URL         the address of an origin, instead of the one in the settings
  --plain-http NAME         permits http to another machine for that origin: others can read the traffic
  --secret NAME=REFERENCE   where a secret is stored: env:VARIABLE or file:PATH [default: {variables}]
  --signer                  another component, composed in front of this one, signs the requests
  --answers DIR             reads recorded answers, as the host keeps them, instead of the network
  --max-wait SECONDS        the limit of all pauses together [default: 3900]
  --max-time SECONDS        the limit of all the rest, checked between two steps [default: 43200]

Options of test:
  --as-of DATE              the time that counts as now [default: now]

A single call of the plugin is ended by the runtime alone, where it has a limit of time, such as
wasmtime's -W timeout=12h.

Rows go to standard output, everything else to standard error. Exit codes: 0 success, 1 a test failed,
2 wrong call or environment, 3 the source or the plugin failed: the output is then incomplete.

Example:
  wasmtime run -S http --env {env} {id}-proofs.wasm collect {first} --set … > {first}.ndjson
",
        label = manifest.label,
        types = names.join(", "),
        variables = if variables.is_empty() {
            "none".to_owned()
        } else {
            format!("env:{}", variables.join(", env:"))
        },
        env = variables.join(" --env "),
        first = names.first().unwrap_or(&"TYPE"),
    )
}
