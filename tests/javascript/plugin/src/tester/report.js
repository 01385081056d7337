// What a test comes to over all rows.

import { ALL } from "./compile.js";

const OUTCOMES = { pass: "passed", fail: "failed", inconclusive: "inconclusive", "not-applicable": "notApplicable" };

/** Rows of one test, counted by what they came to. */
export class Counts {
  passed = 0;
  failed = 0;
  inconclusive = 0;
  notApplicable = 0;

  add(outcome) {
    this[OUTCOMES[outcome]] += 1;
  }

  get counted() {
    return this.passed + this.failed + this.inconclusive;
  }
}

export function report({ name, threshold, whenEmpty }, counts) {
  const { passed, failed, inconclusive, notApplicable, counted } = counts;
  const outcome = comesTo(threshold, whenEmpty, counts);
  const message = said(threshold, whenEmpty, counts);
  return { test: name, outcome, counted, passed, failed, inconclusive, notApplicable, message };
}

/**
 * Rows that could not be judged decide nothing by themselves: it passes where it would if all of them
 * failed, fails where it would if all of them passed, and else it cannot be told.
 */
function comesTo(threshold, whenEmpty, { passed, inconclusive, counted }) {
  if (counted === 0) return whenEmpty;
  const reached = (passed) => passed * ALL >= threshold * counted;
  if (reached(passed)) return "pass";
  return reached(passed + inconclusive) ? "inconclusive" : "fail";
}

function said(threshold, whenEmpty, { passed, failed, inconclusive, notApplicable, counted }) {
  if (counted === 0) {
    const why = notApplicable > 0 ? `None of ${notApplicable} rows is in scope` : "The proof has no row";
    return `${why}: ${{ fail: "that fails", pass: "that passes", inconclusive: "nothing can be told" }[whenEmpty]}.`;
  }
  const others = [failed && `${failed} fail`, inconclusive && `${inconclusive} cannot be judged`].filter((it) => it);
  const rest = others.length > 0 ? `, ${others.join(" and ")}` : "";
  return `Of ${counted} rows in scope ${passed} pass${rest}; ${threshold / 100} % must.`;
}
