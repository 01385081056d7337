// The operators: which kinds have them, what they take, and when they hold of a value.

const ALL = ["text", "integer", "number", "boolean", "instant", "duration", "texts"];
const COMPARABLE = ALL.filter((it) => it !== "boolean");
const COUNTABLE = ["integer", "number", "duration"];
const WRITTEN = ["text", "texts"];
const DATED = ["instant"];

const DAY_MILLIS = 86_400_000;

/** The day of an instant, counted from 1970, in UTC. */
export const day = (instant) => Math.floor(Number(instant) / DAY_MILLIS);

/** What two values of a kind are compared by: dates count by the day. */
const measure = ({ tag, val }) => (tag === "instant" ? day(val) : val);

function same(one, other) {
  if (one.tag !== other.tag) return false;
  if (one.tag === "empty") return true;
  if (one.tag !== "texts") return measure(one) === measure(other);
  return one.val.length === other.val.length && one.val.every((it, at) => it === other.val[at]);
}

/** `empty` is neither before nor after, neither less nor greater. */
const ordered = (holds) => (value, other) =>
  value.tag !== "empty" && other.tag !== "empty" && holds(measure(value), measure(other));

/** Of a text, whether the part is in it; of several, whether it is one of them. */
const contains = ({ val }, part) => val?.includes(part) ?? false;

const matches = ({ tag, val }, expression) =>
  tag === "texts" ? val.some((it) => expression.test(it)) : tag === "text" && expression.test(val);

const dated = (holds) => ({ tag, val }, border) => tag === "instant" && holds(day(val), border);

const not = (holds) => (value, other) => !holds(value, other);
const isEmpty = ({ tag }) => tag === "empty";
const isBoolean = (wanted) => ({ tag, val }) => tag === "boolean" && val === wanted;

const operator = (kinds, takes, words, holds) => ({ kinds, takes, words, holds });
const less = ordered((one, other) => one < other);
const greater = ordered((one, other) => one > other);

/**
 * By name. `takes` is what the operand must be: `nothing`, a value or field of the kind (`same`), a
 * `text`, a regular `expression`, or `days`; `holds` gets the value and that, days as the day that
 * they lead to.
 */
export const operators = {
  "is-empty": operator(ALL, "nothing", "is empty", isEmpty),
  "is-not-empty": operator(ALL, "nothing", "is not empty", not(isEmpty)),
  equals: operator(COMPARABLE, "same", "is", same),
  "does-not-equal": operator(COMPARABLE, "same", "is not", not(same)),
  contains: operator(WRITTEN, "text", "contains", contains),
  "does-not-contain": operator(WRITTEN, "text", "does not contain", not(contains)),
  "matches-regex": operator(WRITTEN, "expression", "matches", matches),
  "does-not-match-regex": operator(WRITTEN, "expression", "does not match", not(matches)),
  "less-than": operator(COUNTABLE, "same", "is less than", less),
  "at-most": operator(COUNTABLE, "same", "is at most", ordered((one, other) => one <= other)),
  "greater-than": operator(COUNTABLE, "same", "is greater than", greater),
  "at-least": operator(COUNTABLE, "same", "is at least", ordered((one, other) => one >= other)),
  "is-before": operator(DATED, "same", "is before", less),
  "is-after": operator(DATED, "same", "is after", greater),
  "is-less-than-days-from-now": operator(DATED, "days", "is before", dated((it, border) => it < border)),
  "is-at-least-days-from-now": operator(DATED, "days", "is not before", dated((it, border) => it >= border)),
  "is-more-than-days-ago": operator(DATED, "days", "is before", dated((it, border) => it < border)),
  "is-at-most-days-ago": operator(DATED, "days", "is not before", dated((it, border) => it >= border)),
  "is-true": operator(["boolean"], "nothing", "is true", isBoolean(true)),
  "is-false": operator(["boolean"], "nothing", "is false", isBoolean(false)),
};

/** Whether days lead into the past. */
export const leadsBack = (name) => name.endsWith("-ago");
