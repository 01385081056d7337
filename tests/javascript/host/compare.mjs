// Holds two testers against each other: the plugin's, and one in JavaScript.
//
// compare.mjs PLUGIN-FOLDER TESTER-FOLDER
//
// Whatever is asked, of whatever value: both must come to the same, and refuse the same at the same
// place. Prints how often they did; what they say to people may differ.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

const [plugin, tester] = process.argv.slice(2).map((it) => resolve(it));
const load = (file) => import(pathToFileURL(file));
const { instantiate } = await load(`${plugin}/plugin.js`);
const { Tester } = await load(`${tester}/tester.js`);
const { operators } = await load(`${tester}/operators.js`);

const module = (name) => new WebAssembly.Module(readFileSync(`${plugin}/${name}`));
const nothing = { preopens: {}, env: {}, args: [], enableNetwork: false };
const { catalog, testing } = instantiate(module, new WASIShim({ sandbox: nothing }).getImportObject());

const DAY = 86_400_000n;
/** 2026-11-01, at noon. */
const AS_OF = BigInt(Date.UTC(2026, 10, 1, 12));

/** Of each kind, values that lie on both sides of each other. */
const values = {
  text: ["", "a", "b", "abc", "ABC", "straße", "1"],
  integer: [-1n, 0n, 1n, 5n, 2n ** 62n],
  number: [-0.5, 0, 1, 1.5, 1e300],
  boolean: [true, false],
  instant: [-DAY, -1n, 0n, AS_OF, ...[-91n, -90n, -30n, -1n, 1n, 29n, 30n, 31n].map((it) => AS_OF + it * DAY)],
  duration: [0n, 60n, 2n ** 62n],
  texts: [[], ["a"], ["b", "a"], ["a", "b"], ["abc", "1"]],
};
const kinds = Object.keys(values);
const ofKind = (kind) => values[kind].map((val) => ({ tag: kind, val }));
const cells = [{ tag: "absent" }, { tag: "empty" }, ...kinds.flatMap(ofKind)];

const expressions = ["^a", "(?i)^A", "b$", String.raw`^\d+$`, "(", "a{2,1}", "(?=a)"];
const operands = (fields) => [
  { tag: "none" },
  ...cells.map((val) => ({ tag: "value", val })),
  ...expressions.map((val) => ({ tag: "value", val: { tag: "text", val } })),
  ...fields.map((it) => ({ tag: "field", val: it.name })),
  { tag: "field", val: "no-such-field" },
  ...[0, 1, 30, 90, 365_000, 365_001].map((val) => ({ tag: "days", val })),
];

/** All that comes of tests on some rows, but for the words. */
function comesTo(open, rows) {
  let tester;
  try {
    tester = open();
  } catch (error) {
    const { tag, val } = error.payload ?? error;
    assert.equal(tag, "invalid", String(error));
    return { refused: val.subject };
  }
  const fields = [...tester.fields()];
  const { outcomes, findings } = tester.observe(rows(fields));
  return {
    fields,
    outcomes: [...outcomes],
    findings: findings.map(({ wanted, ...it }) => it),
    reports: tester.finish().map(({ message, ...it }) => counted(it)),
  };
}

/** A component's counts are BigInts here; those of the sources as they are, numbers. */
const counted = (report) =>
  Object.fromEntries(Object.entries(report).map(([name, it]) => [name, typeof it === "bigint" ? Number(it) : it]));

let compared = 0;
let refused = 0;

function compare(proof, tests, rows, what) {
  const theirs = comesTo(() => testing.Tester.open(proof.name, tests, AS_OF), rows);
  const ours = comesTo(() => new Tester(proof.fields, tests, AS_OF), rows);
  assert.deepEqual(ours, theirs, what);
  compared += 1;
  if ("refused" in theirs) refused += 1;
}

/** Every value in every column, with every other where there are two. */
const everything = (fields) =>
  fields.length < 2 ? cells.map((it) => [it]) : cells.flatMap((one) => cells.map((other) => [one, other]));

/** As many rows as there are values, each of which has another one in each column. */
const mixed = (fields) => cells.map((_, row) => fields.map((_, at) => cells[(row * (at + 1) + at) % cells.length]));

for (const proof of catalog.describe().proofTypes) {
  compare(proof, proof.suggested, mixed, `the suggested tests of ${proof.name}`);
  // One field of each kind, and one more to hold it against.
  const some = kinds.flatMap((kind) => proof.fields.filter((it) => it.kind === kind).slice(0, 2));
  for (const field of some.filter((it, at) => it.kind !== some[at - 1]?.kind)) {
    for (const operator of Object.keys(operators)) {
      for (const operand of operands(some)) {
        const condition = { field: field.name, operator, operand };
        const what = `${field.kind} ${operator} ${operand.tag} ${operand.val?.tag ?? ""} ${operand.val?.val ?? operand.val}`;
        const test = { name: "t", label: "", help: "", scope: [], threshold: 5000, whenEmpty: "fail", controls: [] };
        compare(proof, [{ ...test, cases: [{ label: "", conditions: [condition] }] }], everything, what);
      }
    }
  }
}
console.log(`${compared} compared, ${refused} of them refused by both`);
