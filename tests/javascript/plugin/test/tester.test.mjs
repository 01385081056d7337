import assert from "node:assert/strict";
import { test } from "node:test";

import { describe } from "../src/catalog.js";
import { operators } from "../src/tester/operators.js";
import { Tester } from "../src/tester/tester.js";
import { absent, boolean, duration, empty, instant, integer, text, texts } from "../src/value.js";

const DAY = 86_400_000;
/** Noon: what counts is the day. */
const AS_OF = Date.UTC(2026, 10, 1, 12);
const KINDS = ["text", "integer", "number", "boolean", "instant", "duration", "texts"];

const number = (val) => ({ tag: "number", val });
const onDay = (days) => instant(AS_OF + days * DAY);
const value = (val) => ({ tag: "value", val });
const days = (val) => ({ tag: "days", val });
const none = { tag: "none" };

/** Two fields of each kind. */
const fields = KINDS.flatMap((kind) => [kind, `${kind}-2`].map((name) => ({ name, aliases: [`old-${name}`], label: name, kind })));

const asking = (field, operator, operand = none, more = {}) => ({
  name: "t",
  scope: [],
  cases: [{ label: "", conditions: [{ field, operator, operand }] }],
  threshold: 10_000,
  whenEmpty: "fail",
  ...more,
});

const open = (...tests) => new Tester(fields, tests, AS_OF);

function refused(...tests) {
  try {
    open(...tests);
  } catch ({ tag, val }) {
    assert.equal(tag, "invalid");
    return val;
  }
  return assert.fail("taken");
}

const [pass, fail, untold] = ["pass", "fail", "inconclusive"];

// An operator, a kind that has it, what it is held against; a value of which it holds, one of which
// it does not, and whether it holds of `empty`.
const table = [
  ...[text("a"), integer(0), number(0), boolean(false), onDay(0), duration(0), texts(["a"])].flatMap((it) => [
    ["is-empty", it.tag, none, empty, it, true],
    ["is-not-empty", it.tag, none, it, empty, false],
  ]),
  ["equals", "text", value(text("a")), text("a"), text("A"), false],
  ["equals", "integer", value(integer(1)), integer(1), integer(2), false],
  ["equals", "number", value(number(1.5)), number(1.5), number(1.6), false],
  ["equals", "instant", value(onDay(0)), instant(AS_OF + DAY / 3), onDay(1), false],
  ["equals", "duration", value(duration(60)), duration(60), duration(61), false],
  ["equals", "texts", value(texts(["a", "b"])), texts(["a", "b"]), texts(["b", "a"]), false],
  ["does-not-equal", "text", value(text("a")), text("b"), text("a"), true],
  ["does-not-equal", "integer", value(integer(1)), integer(2), integer(1), true],
  ["does-not-equal", "number", value(number(1.5)), number(2.5), number(1.5), true],
  ["does-not-equal", "instant", value(onDay(0)), onDay(-1), onDay(0), true],
  ["does-not-equal", "duration", value(duration(60)), duration(1), duration(60), true],
  ["does-not-equal", "texts", value(texts(["a"])), texts(["b"]), texts(["a"]), true],
  ["contains", "text", value(text("b")), text("abc"), text("ABC"), false],
  ["contains", "texts", value(text("b")), texts(["a", "b"]), texts(["abc"]), false],
  ["does-not-contain", "text", value(text("b")), text("ac"), text("abc"), true],
  ["does-not-contain", "texts", value(text("b")), texts(["abc"]), texts(["b"]), true],
  ["matches-regex", "text", value(text("^a.c$")), text("abc"), text("xabc"), false],
  ["matches-regex", "texts", value(text("^Env:")), texts(["x", "Env:1"]), texts(["x"]), false],
  ["does-not-match-regex", "text", value(text("(?i)b")), text("ac"), text("aBc"), true],
  ["does-not-match-regex", "texts", value(text("b")), texts(["a"]), texts(["a", "b"]), true],
  ...[integer, number, duration].flatMap((it) => [
    ["less-than", it(0).tag, value(it(5)), it(4), it(5), false],
    ["at-most", it(0).tag, value(it(5)), it(5), it(6), false],
    ["greater-than", it(0).tag, value(it(5)), it(6), it(5), false],
    ["at-least", it(0).tag, value(it(5)), it(5), it(4), false],
  ]),
  ["is-before", "instant", value(onDay(0)), onDay(-1), instant(AS_OF - DAY / 2), false],
  ["is-after", "instant", value(onDay(0)), onDay(1), instant(AS_OF + DAY / 3), false],
  ["is-less-than-days-from-now", "instant", days(30), onDay(29), onDay(30), false],
  ["is-less-than-days-from-now", "instant", days(30), onDay(-99), onDay(31), false],
  ["is-at-least-days-from-now", "instant", days(30), onDay(30), onDay(29), false],
  ["is-more-than-days-ago", "instant", days(90), onDay(-91), onDay(-90), false],
  ["is-at-most-days-ago", "instant", days(90), onDay(-90), onDay(-91), false],
  ["is-true", "boolean", none, boolean(true), boolean(false), false],
  ["is-false", "boolean", none, boolean(false), boolean(true), false],
];

test("every operator of every kind", () => {
  for (const [operator, kind, operand, good, bad, ofEmpty] of table) {
    const tester = open(asking(kind, operator, operand));
    const other = kind === "text" ? integer(1) : text("1");
    const { outcomes } = tester.observe([good, bad, empty, absent, other].map((it) => [it]));
    assert.deepEqual(outcomes, [pass, fail, ofEmpty ? pass : fail, untold, untold], `${kind} ${operator}`);
  }
});

test("the table leaves nothing out, and no other kind has an operator", () => {
  for (const [operator, { kinds }] of Object.entries(operators)) {
    for (const kind of KINDS) {
      const listed = table.some((it) => it[0] === operator && it[1] === kind);
      assert.equal(kinds.includes(kind), listed, `${operator} of ${kind}`);
      if (!listed) assert.equal(refused(asking(kind, operator)).subject, "/0/cases/0/conditions/0/operator");
    }
  }
});

test("days before 1970 are days, too", () => {
  const tester = open(asking("instant", "equals", value(instant(-1))));
  assert.deepEqual(tester.observe([[instant(-DAY)], [instant(0)]]).outcomes, [pass, fail]);
});

test("fields are held against each other, by any of their names", () => {
  const tester = open(asking("old-instant", "is-after", { tag: "field", val: "instant-2" }));
  assert.deepEqual(tester.fields(), ["instant", "instant-2"]);
  const rows = [
    [onDay(2), onDay(1)],
    [onDay(1), onDay(1)],
    [onDay(1), empty],
    [onDay(1), absent],
    [absent, onDay(1)],
  ];
  assert.deepEqual(tester.observe(rows).outcomes, [pass, fail, fail, untold, untold]);
});

test("refusals point at the place", () => {
  const place = (...tests) => refused(...tests).subject;
  const at = "/0/cases/0/conditions/0";
  assert.equal(place(asking("txet", "is-empty")), `${at}/field`);
  assert.equal(place(asking("integer", "less-than", value(text("5")))), `${at}/operand`);
  assert.equal(place(asking("integer", "less-than", { tag: "field", val: "number" })), `${at}/operand`);
  assert.equal(place(asking("text", "is-empty", value(text("x")))), `${at}/operand`);
  assert.equal(place(asking("instant", "is-more-than-days-ago", days(400_000))), `${at}/operand`);
  for (const bad of ["(", "a{2,1}", "(a)\\1", "(?=a)", "a".repeat(2000)]) {
    assert.equal(place(asking("text", "matches-regex", value(text(bad)))), `${at}/operand`, bad);
  }
  assert.equal(place(asking("text", "is-empty", none, { threshold: 10_001 })), "/0/threshold");
  assert.equal(place({ ...asking("text", "is-empty"), cases: [] }), "/0/cases");
  assert.equal(place(asking("text", "is-empty"), asking("text", "is-empty")), "/1/name");
});

test("scope decides which rows count, and findings say why", () => {
  const scope = [{ field: "text", operator: "equals", operand: value(text("Active")) }];
  const tester = open(asking("integer", "at-least", value(integer(1)), { scope }));
  const { outcomes, findings } = tester.observe([
    [text("Active"), integer(1)],
    [text("Active"), integer(0)],
    [text("Inactive"), integer(0)],
    [text("Inactive"), absent],
    [absent, integer(1)],
  ]);
  assert.deepEqual(outcomes, [pass, fail, "not-applicable", "not-applicable", untold]);
  assert.deepEqual(
    findings.map((it) => `${it.row} ${it.test} ${it.field} ${it.seen.tag} ${it.wanted}`),
    ["1 0 integer integer is at least 1", '4 0 text absent is "Active"'],
  );
  const [report] = tester.finish();
  assert.deepEqual([report.outcome, report.counted, report.notApplicable], [fail, 3, 2]);
  assert.equal(report.message, "Of 3 rows in scope 1 pass, 1 fail and 1 cannot be judged; 100 % must.");
});

test("the threshold is its formula", () => {
  const comesTo = (threshold, ...rows) => {
    const tester = open(asking("integer", "at-least", value(integer(1)), { threshold }));
    tester.observe(rows.map((it) => [it]));
    return tester.finish()[0].outcome;
  };
  const [good, bad] = [integer(1), integer(0)];
  assert.equal(comesTo(5000, good, bad), pass);
  assert.equal(comesTo(5001, good, bad), fail);
  assert.equal(comesTo(10_000, good, absent), untold);
  assert.equal(comesTo(10_000, good, absent, bad), fail);
  assert.equal(comesTo(3333, good, absent, bad), pass);
});

test("a proof without rows is what the test says", () => {
  for (const whenEmpty of [pass, fail, untold]) {
    assert.equal(open(asking("text", "is-empty", none, { whenEmpty })).finish()[0].outcome, whenEmpty);
  }
});

test("the suggested tests make sense", () => {
  const [{ name, suggested }] = describe().proofTypes;
  const tester = Tester.open(name, suggested, AS_OF);
  assert.deepEqual(tester.fields(), ["not-after", "lifetime", "not-before", "names"]);
  const row = (until, lifetime, from, ...names) => [onDay(until), duration(lifetime * 86_400), onDay(from), texts(names)];
  const rows = [
    row(60, 90, -30, "a.example.com"),
    row(10, 90, -80, "*.example.com"),
    row(100, 398, -298, "a.example.com"),
    row(100, 398, -10, "a.example.com"),
    row(-1, 398, -399, "*.example.com"),
  ];
  const outcomes = tester.observe(rows).outcomes.join(" ");
  const out = "not-applicable not-applicable not-applicable";
  assert.equal(outcomes, `pass pass pass fail pass fail pass pass pass pass fail pass ${out}`);
});
