import assert from "node:assert/strict";
import { test } from "node:test";

import { fields } from "../src/certificate.js";
import { Session } from "../src/session.js";
import { text } from "../src/value.js";

const job = {
  task: { tag: "collect", val: "certificates" },
  settings: [],
  criteria: [{ name: "domain", value: text("example.com") }],
  window: undefined,
  asOf: Date.UTC(2026, 10, 1),
  checkpoint: undefined,
};

const record = (id, more = {}) => ({
  issuer_ca_id: 16418,
  issuer_name: "C=US, O=Let's Encrypt, CN=E7",
  common_name: "grün.example.com",
  name_value: "*.example.com\ngrün.example.com",
  id,
  entry_timestamp: "2026-07-14T12:08:19.1",
  not_before: "2026-07-14T11:09:47",
  not_after: "2026-10-12T11:09:46",
  serial_number: "05e3a32f",
  result_count: 3,
  ...more,
});

const ok = { status: 200, headers: [] };

/** All that comes of an answer which arrives in chunks of this size. */
function answered(body, { of = job, size = Infinity } = {}) {
  const session = Session.open(of);
  assert.equal(session.next().tag, "send");
  session.accept(ok);
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const batches = [];
  for (let at = 0; at < bytes.length; at += size) batches.push(session.feed(bytes.subarray(at, at + size)));
  batches.push(session.end());
  const { tag, val: summary } = session.next();
  assert.equal(tag, "finished");
  return { rows: batches.flatMap((it) => it.rows), rejected: batches.flatMap((it) => it.rejected), summary };
}

const refused = (action) => {
  try {
    action();
  } catch ({ tag, val }) {
    return `${tag}: ${val.message}`;
  }
  return "taken";
};

test("a record becomes a row of the fields' kinds", () => {
  const { rows, summary } = answered([record(7)]);
  assert.equal(rows.length, 1);
  assert.deepEqual(
    rows[0].map((it) => it.tag),
    fields.map((it) => it.kind),
  );
  assert.deepEqual(rows[0].map((it) => it.val), [
    7,
    "grün.example.com",
    ["*.example.com", "grün.example.com"],
    "C=US, O=Let's Encrypt, CN=E7",
    "05e3a32f",
    Date.UTC(2026, 6, 14, 11, 9, 47),
    Date.UTC(2026, 9, 12, 11, 9, 46),
    90 * 86_400 - 1,
    Date.UTC(2026, 6, 14, 12, 8, 19, 100),
  ]);
  assert.deepEqual([summary.pages, summary.rows], [1, 1]);
});

test("what is left out is absent, and what is nothing is empty", () => {
  const { rows } = answered([{ id: 1, common_name: null, not_after: "", name_value: "" }]);
  const tags = ["integer", "empty", "empty", "absent", "absent", "absent", "empty", "absent", "absent"];
  assert.deepEqual(rows[0].map((it) => it.tag), tags);
});

test("the size of chunks does not matter", () => {
  const body = ` [ ${JSON.stringify(record(1, { common_name: '}{"]\\' }))},\n${JSON.stringify(record(2))}\t] \n`;
  const whole = answered(body);
  assert.equal(whole.rows.length, 2);
  for (const size of [1, 2, 3, 7, 100]) assert.deepEqual(answered(body, { size }), whole);
});

test("what cannot be read is rejected, one by one", () => {
  const { rows, rejected, summary } = answered([
    record(1, { not_after: "2026-02-30T00:00:00" }),
    record("two"),
    record(3, { name_value: 3 }),
    record(4, { not_before: "2027-01-01T00:00:00" }),
    record({ toString: 1, valueOf: 1 }),
    record(5),
  ]);
  assert.deepEqual(
    rejected.map((it) => `${it.subject}: ${it.reason}`),
    [
      "1: not_after is no date",
      "two: id is no whole number",
      "3: name_value is no text",
      "4: it ends before it begins",
      "grün.example.com: id is no whole number",
    ],
  );
  assert.deepEqual([rows.length, summary.rejected], [1, 5]);
});

test("half a character is no text, and what is no UTF-8 no answer", () => {
  const { rows } = answered('[{"id": 1, "common_name": "a\\ud800", "name_value": "\\udc00\\n\\ud83d\\ude00%41"}]');
  assert.deepEqual([rows[0][1].val, rows[0][2].val], ["a\ufffd", ["\ufffd", "😀%41"]]);
  const session = Session.open(job);
  session.accept(ok);
  assert.match(refused(() => session.feed(Uint8Array.from([0x5b, 0x7b, 0x22, 0xff, 0x22, 0x7d]))), /^malformed: /);
});

test("each certificate once", () => {
  const { rows, summary } = answered([record(1), record(1), record(2)]);
  assert.deepEqual([rows.length, summary.duplicates], [2, 1]);
});

test("a window has what was valid at some time of it", () => {
  const window = { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 3, 1) };
  const from_to = (id, not_before, not_after) => record(id, { not_before, not_after });
  const all = [
    from_to(1, "2025-01-01T00:00:00", "2025-12-31T23:59:59"),
    from_to(2, "2025-01-01T00:00:00", "2026-01-01T00:00:00"),
    from_to(3, "2026-03-31T23:59:59", "2026-06-01T00:00:00"),
    from_to(4, "2026-04-01T00:00:00", "2026-06-01T00:00:00"),
    record(5, { not_after: undefined }),
  ];
  const { rows, summary } = answered(all.slice(0, 4), { of: { ...job, window } });
  assert.deepEqual(rows.map((it) => it[0].val), [2, 3]);
  assert.equal(summary.outsideWindow, 2);
  assert.equal(answered([{ id: 5 }], { of: { ...job, window } }).rows.length, 1, "it does not say when");
});

test("no list is no empty list", () => {
  assert.equal(answered("[]").rows.length, 0);
  const said = ["", "<!DOCTYPE html>", '{"error": 1}', "[1]", "[{}{}]", "[{},]", "[{}", "[{}]]", '[{"a":}]'].map((it) =>
    refused(() => answered(it)),
  );
  for (const it of said) assert.match(it, /^malformed: /);
});

test("rejects or waits as the head says", () => {
  const headed = (status, headers = []) => {
    const session = Session.open(job);
    session.next();
    session.accept({ status, headers });
    session.end();
    return session.next();
  };
  const { tag, val } = headed(429, [["retry-after", "17"]]);
  assert.deepEqual([tag, val.seconds, val.reason], ["wait", 17, "rate-limit"]);
  assert.equal(headed(503).val.seconds, 30);
  assert.match(refused(() => headed(401)), /^denied/);
  assert.match(refused(() => headed(500)), /^unavailable/);
  assert.match(refused(() => headed(404)), /^rejected/);
});

test("pauses end, and the request comes again", () => {
  const session = Session.open(job);
  const first = session.next();
  for (let attempt = 1; ; attempt += 1) {
    assert.ok(attempt < 10);
    if (refused(() => session.accept({ status: 503, headers: [] })) !== "taken") break;
    session.feed(new Uint8Array([1]));
    session.end();
    assert.equal(session.next().val.seconds, 30 * attempt);
    session.waited();
    assert.deepEqual(session.next(), first);
  }
  assert.match(refused(() => session.next()), /used after an error/);
});

test("an answer that broke off leaves no trace", () => {
  const session = Session.open(job);
  session.next();
  session.accept(ok);
  assert.equal(session.feed(new TextEncoder().encode(`[${JSON.stringify(record(1))}`)).rows.length, 1);
  session.interrupted();
  assert.equal(session.next().tag, "send");
  session.accept(ok);
  assert.equal(session.feed(new TextEncoder().encode(`[${JSON.stringify(record(1))}]`)).rows.length, 1);
  session.end();
  assert.deepEqual([session.next().val.rows, session.next().val.duplicates], [1, 0]);
});

test("a checkpoint goes on under its own job", () => {
  const session = Session.open(job);
  session.next();
  session.accept(ok);
  session.feed(new TextEncoder().encode(JSON.stringify([record(1)])));
  session.end();
  const checkpoint = session.checkpoint();
  assert.deepEqual(Session.open({ ...job, checkpoint }).next(), session.next());
  const other = [{ name: "domain", value: text("example.org") }];
  assert.match(refused(() => Session.open({ ...job, criteria: other, checkpoint })), /^invalid: the checkpoint/);
  assert.match(refused(() => Session.open({ ...job, checkpoint: new Uint8Array(3) })), /^invalid: the checkpoint/);
});

test("what makes no sense is refused", () => {
  const setting = (name, value) => [{ name, value: text(value) }];
  const said = [
    { task: { tag: "collect", val: "users" } },
    { task: { tag: "operate", val: "revoke" } },
    { criteria: [] },
    { criteria: [{ name: "domain", value: { tag: "boolean", val: true } }] },
    { settings: setting("colour", "red") },
    { settings: setting("sign-in", "token") },
    { window: { start: 1, end: 1 } },
  ].map((it) => refused(() => Session.open({ ...job, ...it })));
  assert.deepEqual(said, [
    'invalid: there is no proof type "users"; there is: certificates',
    'invalid: there is no operation "revoke"',
    'invalid: the criterion "domain" is missing: Such as example.com, or %.example.com for all below it.',
    'invalid: the criterion "domain" takes a value of the kind text',
    'invalid: there is no setting "colour"; there is: sign-in',
    'invalid: the setting "sign-in" is none of its choices: none, basic',
    "invalid: the window ends before it begins, or when it does",
  ]);
});
