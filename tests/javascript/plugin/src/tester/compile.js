// From a test as people write it to checks. What makes no sense is refused here, with its place.

import { invalid } from "../problem.js";
import { expression } from "./expression.js";
import { day, leadsBack, operators } from "./operators.js";

/** More tests than anybody reads the results of. */
const MAX_TESTS = 200;
/** More conditions, in all tests together, than a person can have meant. */
const MAX_CONDITIONS = 2000;
/** A thousand years, so that days from today stay dates. */
const MAX_DAYS = 365_000;
/** All rows, in hundredths of a percent. */
export const ALL = 10_000;

const DAY_MILLIS = 86_400_000;

/**
 * @typedef {object} Check
 * @property {number} column Among those that the tester asks for.
 * @property {string} kind
 * @property {(value: object, other: unknown) => boolean} holds
 * @property {unknown} [operand] What the value is held against.
 * @property {number} [other] The column that it is held against instead.
 * @property {string} wanted For people.
 */

/** Compiles tests against the fields of a proof type, and collects which of these they look at. */
export class Compiler {
  #fields;
  #today;
  #conditions = 0;
  /** Names of the fields that are looked at: the columns of rows. */
  lookedAt = [];

  constructor(fields, asOf) {
    this.#fields = fields;
    this.#today = day(asOf);
  }

  tests(tests) {
    if (tests.length > MAX_TESTS) throw invalid(`${tests.length} tests at once: at most ${MAX_TESTS} are taken`);
    tests.forEach(({ name }, at) => {
      if (tests.findIndex((it) => it.name === name) < at) {
        throw invalid(`two tests have the name "${name}": give one of them another`, { subject: `/${at}/name` });
      }
    });
    return tests.map((test, at) => this.#test(test, `/${at}`));
  }

  #test(test, place) {
    const { name, threshold, whenEmpty } = test;
    if (threshold > ALL) {
      throw invalid(`the threshold ${threshold} is more than all rows, which is ${ALL}`, {
        subject: `${place}/threshold`,
      });
    }
    if (test.cases.length === 0 || test.cases.some((it) => it.conditions.length === 0)) {
      throw invalid(`the test "${name}" has a case without a condition, or no case: every row would pass`, {
        subject: `${place}/cases`,
      });
    }
    const scope = this.#all(test.scope, `${place}/scope`);
    const cases = test.cases.map((it, at) => this.#all(it.conditions, `${place}/cases/${at}/conditions`));
    return { name, threshold, whenEmpty, scope, cases };
  }

  #all(conditions, place) {
    this.#conditions += conditions.length;
    if (this.#conditions > MAX_CONDITIONS) throw invalid(`more than ${MAX_CONDITIONS} conditions: nobody meant that many`);
    return conditions.map((it, at) => this.#condition(it, `${place}/${at}`));
  }

  /** @returns {Check} */
  #condition({ field: name, operator: asked, operand }, place) {
    const { name: field, kind } = this.#field(name, `${place}/field`);
    const operator = operators[asked];
    if (!operator.kinds.includes(kind)) {
      const fitting = Object.keys(operators).filter((it) => operators[it].kinds.includes(kind));
      throw invalid(`"${field}" is of the kind ${kind}, which has no "${asked}". It has: ${fitting.join(", ")}`, {
        subject: `${place}/operator`,
      });
    }
    const check = { column: this.#column(field), kind, holds: operator.holds };
    const { tag, val } = operand;
    const wanted = (shown) => ({ wanted: shown === undefined ? operator.words : `${operator.words} ${shown}` });
    const { takes } = operator;
    if (takes === "nothing" && tag === "none") return { ...check, ...wanted() };
    if (takes === "text" && tag === "value" && val.tag === "text") {
      return { ...check, operand: val.val, ...wanted(shown(val)) };
    }
    if (takes === "expression" && tag === "value" && val.tag === "text") {
      return { ...check, operand: this.#expression(val.val, place), ...wanted(shown(val)) };
    }
    if (takes === "days" && tag === "days" && val <= MAX_DAYS) {
      const border = leadsBack(asked) ? this.#today - val : this.#today + val;
      return { ...check, operand: border, ...wanted(date(border * DAY_MILLIS)) };
    }
    if (takes === "same" && tag === "value" && val.tag === kind) {
      return { ...check, operand: val, ...wanted(shown(val)) };
    }
    if (takes === "same" && tag === "field") {
      const other = this.#field(val, `${place}/operand`);
      if (other.kind === kind) return { ...check, other: this.#column(other.name), ...wanted(other.label) };
    }
    const taken = { nothing: "nothing", text: "a text", expression: "a text", days: `up to ${MAX_DAYS} days` }[takes];
    throw invalid(`"${asked}" of "${field}" takes ${taken ?? `a value or a field of the kind ${kind}`}`, {
      subject: `${place}/operand`,
    });
  }

  #expression(source, place) {
    try {
      return expression(source);
    } catch (error) {
      throw invalid(`the regular expression cannot be used: ${error.message}`, { subject: `${place}/operand` });
    }
  }

  #field(name, place) {
    const field = this.#fields.find((it) => it.name === name || it.aliases.includes(name));
    if (field) return field;
    const known = this.#fields.map((it) => it.name).join(", ");
    throw invalid(`there is no field "${name}"; there is: ${known}`, { subject: place });
  }

  #column(name) {
    const at = this.lookedAt.indexOf(name);
    return at >= 0 ? at : this.lookedAt.push(name) - 1;
  }
}

const date = (instant) => new Date(Number(instant)).toISOString().slice(0, "2026-11-01".length);

function shown({ tag, val }) {
  switch (tag) {
    case "instant":
      return date(val);
    case "duration":
      return `${val} seconds`;
    case "text":
    case "texts":
      return JSON.stringify(val);
    default:
      return String(val);
  }
}
