// A host on one page: collects a proof with a plugin, and prints its rows, a JSON object a line.
//
// collect.mjs TYPE --origin URL [--set NAME=VALUE]... [--with NAME=VALUE]... [--as-of DATE] [--plugin FOLDER]
//
// The plugin is what transpile.mjs made. Secrets are in variables of the environment: EXHIBIT_USERNAME
// for the secret `username`, and so on.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

/** A broken answer is asked for so many times. */
const MAX_ATTEMPTS = 3;
/** No proof has more steps: a plugin that takes more does not end. */
const MAX_STEPS = 100_000;
/** Tokens by the names of their auths. */
const tokens = {};

const list = { type: "string", multiple: true, default: [] };
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    origin: { type: "string" },
    set: list,
    with: list,
    "as-of": { type: "string", default: new Date().toISOString() },
    plugin: { type: "string", default: "plugin" },
  },
});

const folder = resolve(given.plugin);
const { instantiate } = await import(pathToFileURL(`${folder}/plugin.js`));
const module = (name) => new WebAssembly.Module(readFileSync(`${folder}/${name}`));
const nothing = { preopens: {}, env: {}, args: [], enableNetwork: false };
const { catalog, collection } = instantiate(module, new WASIShim({ sandbox: nothing }).getImportObject());

const manifest = catalog.describe();
const proof = manifest.proofTypes.find((it) => it.name === positionals[0]);
if (!proof) throw new Error(`TYPE is one of: ${manifest.proofTypes.map((it) => it.name).join(", ")}`);

const settings = given.set.map((it) => setting(manifest.settings, it));
const origins = new Map(catalog.resolve(settings).map((it) => [it.name, given.origin ?? it.url]));
const session = collection.Session.open({
  task: { tag: "collect", val: proof.name },
  settings,
  criteria: given.with.map((it) => setting(proof.criteria, it)),
  window: undefined,
  since: undefined,
  asOf: BigInt(Date.parse(given["as-of"])),
  checkpoint: undefined,
});

try {
  await collect();
} catch (error) {
  const said = error.payload?.val;
  if (!said) throw error;
  console.error([said.message, said.remedy].filter((it) => it).join(": "));
  process.exitCode = 1;
}

/** The loop of the contract. */
async function collect() {
  let attempts = 0;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const { tag, val } = session.next();
    if (tag === "finished") {
      const day = (it) => new Date(Number(it)).toISOString();
      if (val.window) console.error(`window: ${day(val.window.start)} to before ${day(val.window.end)}`);
      return val.notes.forEach((it) => console.error(`note: ${it}`));
    }
    if (tag === "wait") {
      console.error(`waiting for ${val.seconds} s: ${val.message}`);
      await new Promise((done) => setTimeout(done, val.seconds * 1000));
      session.waited();
      continue;
    }
    try {
      await ask(val);
      attempts = 0;
    } catch (error) {
      // An error of the plugin's has a payload; all others are the network's.
      attempts += 1;
      if (error.payload || val.effect.tag === "write" || attempts === MAX_ATTEMPTS) throw error;
    }
  }
  throw new Error(`the plugin did not end within ${MAX_STEPS} steps`);
}

/** Makes a request and feeds the answer in. Its rows count when it is complete. */
async function ask({ origin, method, path, query, headers, body, auth }) {
  const url = new URL(path, origins.get(origin));
  for (const [name, value] of query) url.searchParams.append(name, value);
  const answer = await fetch(url, {
    method: method.toUpperCase(),
    headers: [...headers, ...(auth ? [["authorization", await sign(auth)]] : []), ...contentType(body)],
    body: { none: undefined, form: new URLSearchParams(body.val), content: body.val?.bytes }[body.tag],
    redirect: "manual",
  });
  session.accept({
    status: answer.status,
    headers: [...answer.headers].filter(([name]) => manifest.answerHeaders.includes(name)),
  });
  const rows = [];
  try {
    for await (const chunk of answer.body ?? []) rows.push(...session.feed(chunk).rows);
  } catch (error) {
    if (!error.payload) session.interrupted();
    throw error;
  }
  rows.push(...session.end().rows);
  for (const row of rows) process.stdout.write(`${json(row)}\n`);
}

function contentType({ tag, val }) {
  return tag === "content" ? [["content-type", val.mediaType]] : [];
}

async function sign(name) {
  const { tag, val } = manifest.auth.find((it) => it.name === name).scheme;
  switch (tag) {
    case "basic":
      return `Basic ${Buffer.from(`${secret(val.username)}:${secret(val.password)}`).toString("base64")}`;
    case "token":
      tokens[name] ??= await exchange(val);
      return `Bearer ${tokens[name]}`;
    default:
      throw new Error(`this host cannot sign by ${tag}`);
  }
}

/** A token for the secrets in the form. It outlives a collection of this host, which has no long waits. */
async function exchange({ origin, path, form }) {
  const filled = form.map(([field, value]) => [field, value.replace(/^\{(.*)\}$/, (_, name) => secret(name))]);
  const url = new URL(path, origins.get(origin));
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(filled), redirect: "manual" });
  if (!answer.ok) throw new Error(`no token: HTTP ${answer.status}`);
  return (await answer.text()).trim();
}

function secret(name) {
  return process.env[`EXHIBIT_${name.toUpperCase().replaceAll("-", "_")}`] ?? "";
}

function setting(parameters, assignment) {
  const at = assignment.indexOf("=");
  const [name, text] = [assignment.slice(0, at), assignment.slice(at + 1)];
  const kind = parameters.find((it) => it.name === name)?.kind ?? "text";
  const read = {
    integer: BigInt,
    duration: BigInt,
    number: Number,
    boolean: (it) => it === "true",
    instant: (it) => BigInt(Date.parse(it)),
    texts: (it) => it.split(","),
  }[kind];
  return { name, value: { tag: kind, val: read ? read(text) : text } };
}

/** A row as JSON: no key is "the source did not say", and `null` is "there is none". */
function json(row) {
  const cells = row.flatMap(({ tag, val }, at) =>
    tag === "absent" ? [] : [`${JSON.stringify(proof.fields[at].name)}:${cell(tag, val)}`],
  );
  return `{${cells.join(",")}}`;
}

function cell(tag, val) {
  switch (tag) {
    case "empty":
      return "null";
    case "integer":
    case "duration":
      return String(val);
    case "number":
      return Number.isInteger(val) ? val.toFixed(1) : String(val);
    case "instant":
      return JSON.stringify(new Date(Number(val)).toISOString().replace(".000Z", "Z"));
    default:
      return JSON.stringify(val);
  }
}
