// Collects a proof with a plugin, and prints its rows, a JSON object a line.
//
// collect.mjs TYPE --origin URL [--set NAME=VALUE]... [--with NAME=VALUE]... [--as-of DATE] [--plugin FOLDER]
//
// The plugin is what transpile.mjs made. Secrets are in variables of the environment: EXHIBIT_USERNAME
// for the secret `username`, and so on.

import { parseArgs } from "node:util";
import { Source, complain, drive, json, load, setting } from "./host.mjs";

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

const { catalog, collection } = await load(given.plugin);
const manifest = catalog.describe();
const proof = manifest.proofTypes.find((it) => it.name === positionals[0]);
if (!proof) throw new Error(`TYPE is one of: ${manifest.proofTypes.map((it) => it.name).join(", ")}`);

const settings = given.set.map((it) => setting(manifest.settings, it));
const source = new Source(catalog, settings, given.origin);
const session = collection.Session.open({
  task: { tag: "collect", val: proof.name },
  settings,
  criteria: given.with.map((it) => setting(proof.criteria, it)),
  window: undefined,
  since: undefined,
  asOf: BigInt(Date.parse(given["as-of"])),
  id: undefined,
  checkpoint: undefined,
});

const print = (rows) => rows.forEach((row) => process.stdout.write(`${json(proof.fields, row)}\n`));
const refuse = () => {
  throw new Error("the plugin would change something at the source, and only operations may do that");
};
try {
  const { window, notes } = await drive(session, source, proof.blanked, print, refuse);
  const day = (it) => new Date(Number(it)).toISOString();
  if (window) console.error(`window: ${day(window.start)} to before ${day(window.end)}`);
  notes.forEach((it) => console.error(`note: ${it}`));
} catch (error) {
  complain(error);
}
