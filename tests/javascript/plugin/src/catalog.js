// What the plugin offers and asks for.

import { checked } from "./arguments.js";
import { fields } from "./certificate.js";
import { suggested } from "./suggested.js";
import { boolean, text } from "./value.js";

/** Part of the session's identity: another version cannot go on from its checkpoint. */
export const VERSION = "1.0.0";

/** The name of the one origin. */
export const ORIGIN = "list";

/** The name of the one way to sign in. */
export const BASIC = "basic";

const parameter = (name, label, help, more = {}) => ({
  name,
  label,
  help,
  kind: "text",
  choices: [],
  required: false,
  default: undefined,
  ...more,
});

const settings = [
  parameter("sign-in", "Sign-in", "How the source wants to know who asks.", {
    choices: [
      { value: "none", label: "Not at all, as crt.sh" },
      { value: BASIC, label: "With user name and password, as a list of one's own" },
    ],
    default: text("none"),
  }),
];

const secrets = [
  parameter("username", "User name", "For a list that wants one."),
  parameter("password", "Password", "For a list that wants one."),
];

const certificates = {
  name: "certificates",
  label: "Certificates",
  help:
    "The certificates that were issued for a domain, whoever had them issued: what public logs know of, " +
    "or a list of one's own in the same form. Whether they are in use is not in it, nor whether they were revoked.",
  fields,
  key: ["id"],
  criteria: [
    parameter("domain", "Domain", "Such as example.com, or %.example.com for all below it.", { required: true }),
    parameter("expired", "Expired ones", "Whether those that are no longer valid are asked for, too.", {
      kind: "boolean",
      default: boolean(true),
    }),
  ],
  window: { help: "Certificates that were valid at some time of it.", proves: "state" },
  changes: { tag: "err", val: "The search has no filter by the date of a change." },
  needs: [],
  link: { origin: ORIGIN, path: "/", note: "The same search, for people." },
  schedule: "0 6 * * 1",
  suggested,
  blanked: [],
};

/** Everything that must be known before a connection is made. */
export const describe = () => ({
  id: "certificates",
  version: VERSION,
  label: "Certificates",
  vendor: "crt.sh",
  settings,
  secrets,
  auth: [{ name: BASIC, scheme: { tag: "basic", val: { username: "username", password: "password" } } }],
  answerHeaders: ["retry-after"],
  proofTypes: [certificates],
  operations: [],
  lookups: [],
  inventories: [],
  guide: "",
});

/** The settings, or the criteria of the proof type, by name. */
export const readSettings = (given) => checked("setting", settings, given);
export const readCriteria = (given) => checked("criterion", certificates.criteria, given);

/** Where requests go. Where a list of one's own is, nobody knows but its owner. */
export function resolve(given) {
  const url = readSettings(given).get("sign-in") === "none" ? "https://crt.sh" : undefined;
  return [{ name: ORIGIN, url, portal: url }];
}
