// Tests under way.

import { describe } from "../catalog.js";
import { invalid } from "../problem.js";
import { Compiler } from "./compile.js";
import { judge, stumbles } from "./judge.js";
import { Counts, report } from "./report.js";

/** The contract's `tester`. Keeps counts, and no row. */
export class Tester {
  #tests;
  #fields;
  #counts;

  /** Begins. A test that makes no sense is `invalid`, and the problem's subject its place. */
  static open(proofType, tests, asOf) {
    const type = describe().proofTypes.find((it) => it.name === proofType);
    if (!type) throw invalid(`there is no proof type "${proofType}"`, { subject: proofType });
    return new Tester(type.fields, tests, asOf);
  }

  constructor(fields, tests, asOf) {
    const compiler = new Compiler(fields, asOf);
    this.#tests = compiler.tests(tests);
    this.#fields = compiler.lookedAt;
    this.#counts = tests.map(() => new Counts());
  }

  /** The fields of the rows to observe, in their order. */
  fields() {
    return this.#fields;
  }

  /** Looks at some rows. */
  observe(rows) {
    const [outcomes, findings] = [[], []];
    rows.forEach((row, at) => {
      if (row.length !== this.#fields.length) {
        throw invalid(`a row has ${row.length} values, where the tests look at ${this.#fields.length} fields`);
      }
      this.#tests.forEach((test, number) => {
        const outcome = judge(test, row);
        this.#counts[number].add(outcome);
        outcomes.push(outcome);
        if (outcome === "pass" || outcome === "not-applicable") return;
        for (const { column, wanted } of stumbles(test, row)) {
          findings.push({ row: at, test: number, field: this.#fields[column], seen: row[column], wanted });
        }
      });
    });
    return { outcomes, findings };
  }

  /** What the tests come to, in their order. */
  finish() {
    return this.#tests.map((it, at) => report(it, this.#counts[at]));
  }
}
