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
Collects proofs from {label} under any runtime of WebAssembly that has wasi:http.

Usage:
  types [TYPE]              lists the proof types, or describes one
  collect TYPE [OPTIONS]    collects one proof, and writes its rows to standard output
  test TYPE FILE            runs the suggested tests over rows that collect wrote; - is standard input

Proof types: {types}

Options of collect:
  --set NAME=VALUE          what the connection is set up with
  --with NAME=VALUE         what narrows the proof down
  --from DATE, --to DATE    the proof's window; --to is the first instant that no longer belongs to it
  --as-of DATE              the instant that counts as now [default: now]
  --csv                     a table for spreadsheets, instead of one JSON object a line
  --origin NAME=URL         where an origin is, instead of where the settings say
  --plain-http NAME         lets that origin be http on another machine: whoever is on the way reads along
  --secret NAME=REFERENCE   where a secret is kept: env:VARIABLE or file:PATH [default: {variables}]
  --signer                  another component, composed in front of this one, signs the requests
  --answers DIR             reads recorded answers, such as the host keeps, instead of the network
  --max-wait SECONDS        how long to wait at most, all pauses together [default: 3600]

Options of test:
  --as-of DATE              the instant that counts as now [default: now]

Rows go to standard output, all else to standard error. Exit codes: 0 all is well, 1 a test failed, 2 the
call or the environment is wrong, 3 the source or the plugin failed: what was written is then not all.

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
