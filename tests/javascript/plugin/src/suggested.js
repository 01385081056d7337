// Tests that most users want.

import { duration, instant, text } from "./value.js";

const DAY_SECONDS = 86_400;

const days = (val) => ({ tag: "days", val });
const value = (val) => ({ tag: "value", val });
const condition = (field, operator, operand = { tag: "none" }) => ({ field, operator, operand });

const inForce = condition("not-after", "is-at-least-days-from-now", days(0));

const test = (name, label, help, cases, controls) => ({
  name,
  label,
  help,
  scope: [inForce],
  cases: cases.map(([label, ...conditions]) => ({ label, conditions })),
  threshold: 10_000,
  whenEmpty: "fail",
  controls,
});

export const suggested = [
  test(
    "none-expires-in-30-days",
    "No certificate expires in the next 30 days",
    "A certificate that expires unnoticed stops what depends on it. A list that keeps what was replaced, " +
      "as public logs do, shows replaced ones as well.",
    [["renewed in time", condition("not-after", "is-at-least-days-from-now", days(30))]],
    ["nist-800-53r5:sc-17", "iso27001-2022:a.8.24", "pci-dss-4.0.1:4.2.1"],
  ),
  test(
    "lifetime-within-limits",
    "No certificate is valid for longer than browsers accept",
    "The longer a key is in use, the longer a stolen one is. The limits are those of the CA/Browser Forum's " +
      "Baseline Requirements.",
    [
      ["200 days", condition("lifetime", "at-most", value(duration(200 * DAY_SECONDS)))],
      [
        "398 days, before 15 March 2026",
        condition("not-before", "is-before", value(instant(Date.UTC(2026, 2, 15)))),
        condition("lifetime", "at-most", value(duration(398 * DAY_SECONDS))),
      ],
    ],
    ["nist-800-53r5:sc-17", "iso27001-2022:a.8.24"],
  ),
  test(
    "no-wildcards",
    "No certificate is for all hosts of a domain",
    "Whoever has the key of a wildcard can pass for every host.",
    [["hosts by name", condition("names", "does-not-match-regex", value(text(String.raw`^\*\.`)))]],
    ["nist-800-53r5:sc-17", "iso27001-2022:a.8.24"],
  ),
];
