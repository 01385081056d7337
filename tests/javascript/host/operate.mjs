// Carries out an operation with a plugin: shows what it would send, then sends it, once.
//
// operate.mjs OPERATION --origin URL [--set NAME=VALUE]... [--with NAME=VALUE]... [--plugin FOLDER]
//             [--allow-operate --confirm VALUE --state FILE]
//
// Without the last line, it sends nothing. With it, FILE keeps what is sent before it is sent: the same call again finds out
// what became of that, and does not send it a second time. Prints what the operation reports, a JSON object a line. Ends with 0
// where it is done, 2 where it is not confirmed, 1 else.

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { Source, complain, drive, json, load, setting } from "./host.mjs";

const list = { type: "string", multiple: true, default: [] };
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    origin: { type: "string" },
    set: list,
    with: list,
    plugin: { type: "string", default: "plugin" },
    "allow-operate": { type: "boolean", default: false },
    confirm: { type: "string" },
    state: { type: "string" },
  },
});

const { catalog, collection } = await load(given.plugin);
const manifest = catalog.describe();
const operation = manifest.operations.find((it) => it.name === positionals[0]);
if (!operation) throw new Error(`OPERATION is one of: ${manifest.operations.map((it) => it.name).join(", ")}`);

const settings = given.set.map((it) => setting(manifest.settings, it));
const criteria = given.with.map((it) => setting(operation.parameters, it));
const source = new Source(catalog, settings, given.origin);
const target = criteria.find((it) => it.name === operation.confirm)?.value.val;
const isConfirmed = given["allow-operate"] && given.state && target && given.confirm === String(target);
const sent = given.state && existsSync(given.state) ? JSON.parse(readFileSync(given.state, "utf8")) : undefined;

const job = { asOf: sent?.asOf ?? Date.now(), id: sent?.id ?? randomBytes(8).toString("hex") };
const session = collection.Session.open({
  task: { tag: "operate", val: operation.name },
  settings,
  criteria,
  window: undefined,
  asOf: BigInt(job.asOf),
  id: job.id,
  checkpoint: sent && Buffer.from(sent.checkpoint, "base64"),
});

class NotConfirmed extends Error {}

/** Shows a write, and keeps it for good. Gives false where an earlier call has sent it. */
function beforeWrite(request) {
  if (sent) return false;
  show(request);
  if (!isConfirmed) throw new NotConfirmed();
  // Of two calls at once, one makes the file.
  const file = openSync(given.state, "wx", 0o600);
  writeSync(file, JSON.stringify({ ...job, checkpoint: Buffer.from(session.checkpoint()).toString("base64") }));
  fsyncSync(file);
  closeSync(file);
  return true;
}

function show(request) {
  const { summary, details } = request.effect.val;
  console.error([summary, ...details.map(([label, text]) => `  ${label}: ${text}`)].join("\n"));
  console.error(`${request.method.toUpperCase()} ${source.url(request)}`);
  if (request.body.tag === "form") request.body.val.forEach(([name, value]) => console.error(`  ${name}: ${value}`));
}

const print = (rows) => rows.forEach((row) => process.stdout.write(`${json(operation.fields, row)}\n`));
try {
  const { outcome, notes } = await drive(session, source, operation.blanked, print, beforeWrite);
  notes.forEach((it) => console.error(`note: ${it}`));
  if (outcome && outcome !== "done") process.exitCode = 1;
} catch (error) {
  if (!(error instanceof NotConfirmed)) complain(error);
  else {
    console.error(`nothing was sent: add --allow-operate --confirm '${target}' --state FILE`);
    process.exitCode = 2;
  }
}
