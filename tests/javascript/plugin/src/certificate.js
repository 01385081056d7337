// A certificate: the columns of the proof, and how each is read from a record of crt.sh.

import { absent, duration, empty, instant, integer, text, texts } from "./value.js";

/** `2026-11-01T00:00:00`, with or without a fraction. crt.sh writes UTC and does not say so. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z?$/;

/** A record that cannot become a row, and why. */
export class Unreadable extends Error {}

/** Left out is not the same as empty. */
const readText = (name) => (record) => {
  const it = record[name];
  if (it === undefined) return absent;
  if (it === null || it === "") return empty;
  if (typeof it !== "string") throw new Unreadable(`${name} is no text`);
  return text(it);
};

const readInstant = (name) => (record) => {
  const it = record[name];
  if (it === undefined) return absent;
  if (it === null || it === "") return empty;
  return instant(milliseconds(name, it));
};

function milliseconds(name, it) {
  if (typeof it === "string" && TIMESTAMP.test(it)) {
    const at = Date.parse(it.endsWith("Z") ? it : `${it}Z`);
    const seconds = it.slice(0, "2026-11-01T00:00:00".length);
    // To some engines, the 30th of February is the 2nd of March.
    if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(seconds)) return at;
  }
  throw new Unreadable(`${name} is no date`);
}

function readId({ id }) {
  if (!Number.isSafeInteger(id)) throw new Unreadable("id is no whole number");
  return integer(id);
}

function readNames({ name_value: names }) {
  if (names === undefined) return absent;
  if (names === null || names === "") return empty;
  if (typeof names !== "string") throw new Unreadable("name_value is no text");
  return texts(names.split("\n"));
}

function readLifetime(record) {
  const { not_before: from, not_after: to } = record;
  if (!from || !to) return from === undefined || to === undefined ? absent : empty;
  const seconds = Math.floor((milliseconds("not_after", to) - milliseconds("not_before", from)) / 1000);
  if (seconds < 0) throw new Unreadable("it ends before it begins");
  return duration(seconds);
}

const column = (name, label, kind, read, help, more = {}) => ({
  read,
  field: { name, aliases: [], label, kind, help, shown: true, personal: false, ...more },
});

const columns = [
  column("id", "ID", "integer", readId, "crt.sh's own number of the certificate."),
  column("common-name", "Common name", "text", readText("common_name"), "The subject's common name.", {
    // Certificates for mail have a person's address here.
    personal: true,
  }),
  column("names", "Names", "texts", readNames, "The hosts that it is for, and other names.", { personal: true }),
  column("issuer", "Issuer", "text", readText("issuer_name"), "The distinguished name of who issued it."),
  column("serial", "Serial number", "text", readText("serial_number"), "In hexadecimal digits.", { shown: false }),
  column("not-before", "Not before", "instant", readInstant("not_before"), "When it begins to be valid."),
  column("not-after", "Not after", "instant", readInstant("not_after"), "The last moment at which it is valid."),
  column("lifetime", "Lifetime", "duration", readLifetime, "From not before to not after.", { shown: false }),
  column("logged", "Logged", "instant", readInstant("entry_timestamp"), "When a log of certificates took it in.", {
    shown: false,
  }),
];

/** The proof type's fields. */
export const fields = columns.map((it) => it.field);

/**
 * A row, in the order of the fields.
 *
 * @param {object} record One of the source's.
 * @throws {Unreadable}
 */
export const row = (record) => columns.map((it) => it.read(record));

const at = (name) => fields.findIndex((it) => it.name === name);
const [ID, NOT_BEFORE, NOT_AFTER] = [at("id"), at("not-before"), at("not-after")];

/** What tells it from others. */
export const key = (row) => row[ID].val;

/** Whether it was valid at some time of the window. One that does not say when is never left out. */
export function isWithin(row, { start, end }) {
  const [from, to] = [row[NOT_BEFORE], row[NOT_AFTER]];
  return !(from.tag === "instant" && from.val >= end) && !(to.tag === "instant" && to.val < start);
}
