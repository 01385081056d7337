// What a host does for every session: it loads the plugin, signs its requests, waits, and feeds the answers in.
//
// Secrets are in variables of the environment: EXHIBIT_USERNAME for the secret `username`, and so on.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

/** What stands in the place of a value that is blanked. */
const MARK = "[blanked]";
/** A broken answer is asked for so many times. */
const MAX_ATTEMPTS = 3;
/** No session has more steps: a plugin that takes more does not end. */
const MAX_STEPS = 100_000;

/** The plugin that transpile.mjs put into this folder: it sees no files, no variables and no network. */
export async function load(folder) {
  const place = resolve(folder);
  const { instantiate } = await import(pathToFileURL(`${place}/plugin.js`));
  const module = (name) => new WebAssembly.Module(readFileSync(`${place}/${name}`));
  const nothing = { preopens: {}, env: {}, args: [], enableNetwork: false };
  return instantiate(module, new WASIShim({ sandbox: nothing }).getImportObject());
}

/** A source: sends requests to its origins, signed. */
export class Source {
  #manifest;
  #origins;
  /** Tokens by the names of their auths. */
  #tokens = {};

  /** With the origins that the settings stand for, or `origin` in the place of all of them. */
  constructor(catalog, settings, origin) {
    this.#manifest = catalog.describe();
    this.#origins = new Map(catalog.resolve(settings).map((it) => [it.name, origin ?? it.url]));
  }

  url({ origin, path, query }) {
    const url = new URL(path, this.#origins.get(origin));
    for (const [name, value] of query) url.searchParams.append(name, value);
    return url;
  }

  /** The answer to a request, once its head is there. */
  async send(request) {
    const { method, headers, body, auth } = request;
    const signed = auth ? [["authorization", await this.#sign(auth)]] : [];
    const type = body.tag === "content" ? [["content-type", body.val.mediaType]] : [];
    return fetch(this.url(request), {
      method: method.toUpperCase(),
      headers: [...headers, ...signed, ...type],
      body: { none: undefined, form: new URLSearchParams(body.val), content: body.val?.bytes }[body.tag],
      redirect: "manual",
    });
  }

  /** What the plugin may see of an answer's head. */
  head(answer) {
    const isRead = ([name]) => this.#manifest.answerHeaders.includes(name);
    return { status: answer.status, headers: [...answer.headers].filter(isRead) };
  }

  async #sign(name) {
    const { tag, val } = this.#manifest.auth.find((it) => it.name === name).scheme;
    switch (tag) {
      case "basic":
        return `Basic ${Buffer.from(`${secret(val.username)}:${secret(val.password)}`).toString("base64")}`;
      case "token":
        this.#tokens[name] ??= await this.#exchange(val);
        return `Bearer ${this.#tokens[name]}`;
      default:
        throw new Error(`this host cannot sign by ${tag}`);
    }
  }

  /** A token for the secrets in the form. It outlives a session of this host, which has no long waits. */
  async #exchange({ origin, path, form }) {
    const filled = form.map(([field, value]) => [field, value.replace(/^\{(.*)\}$/, (_, name) => secret(name))]);
    const body = new URLSearchParams(filled);
    const answer = await fetch(this.url({ origin, path, query: [] }), { method: "POST", body, redirect: "manual" });
    if (!answer.ok) throw new Error(`no token: HTTP ${answer.status}`);
    return (await answer.text()).trim();
  }
}

function secret(name) {
  return process.env[`EXHIBIT_${name.toUpperCase().replaceAll("-", "_")}`] ?? "";
}

/**
 * An answer without the values of these names, as the contract wants it: text of XML elements and attributes, strings of JSON. A
 * host that keeps answers, or reads more than UTF-8, does it byte by byte, as `host/blank` does.
 */
export function blank(text, names) {
  let kept = text;
  for (const name of names) {
    const tag = `(?:[\\w.-]+:)?${name.replaceAll(".", "\\.")}`;
    const inside = "(?:<!\\[CDATA\\[[^]*?\\]\\]>|<!--[^]*?-->|(?!</\\1\\s*>)[^])*";
    kept = kept
      .replace(new RegExp(`<(${tag})((?:\\s[^<>]*)?)(?<!/)>${inside}</\\1\\s*>`, "gi"), `<$1$2>${MARK}</$1>`)
      .replace(new RegExp(`(\\s${tag}\\s*=\\s*)(?:"[^"]*"|'[^']*')`, "gi"), `$1"${MARK}"`)
      .replace(new RegExp(`("${name}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, "gi"), `$1"${MARK}"`);
  }
  return kept;
}

/**
 * The loop of the contract: gives the summary. The values of `blanked` are not fed in. `onRows` takes the rows of a whole answer.
 * `beforeWrite` is asked before a request
 * that changes something is sent: where it gives false, an earlier call has sent that, and the session finds out what became of it.
 */
export async function drive(session, source, blanked, onRows, beforeWrite) {
  let attempts = 0;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const { tag, val } = session.next();
    if (tag === "finished") return val;
    if (tag === "wait") {
      console.error(`waiting for ${val.seconds} s: ${val.message}`);
      await new Promise((done) => setTimeout(done, val.seconds * 1000));
      session.waited();
      continue;
    }
    const isWrite = val.effect.tag === "write";
    if (isWrite && !(await beforeWrite(val))) {
      session.interrupted();
      continue;
    }
    try {
      await ask(session, source, val, blanked, onRows);
      attempts = 0;
    } catch (error) {
      // An error of the plugin's has a payload; all others are the network's. A write is not sent again: the session looks.
      attempts += 1;
      if (error.payload || (!isWrite && attempts === MAX_ATTEMPTS)) throw error;
    }
  }
  throw new Error(`the plugin did not end within ${MAX_STEPS} steps`);
}

/** Makes a request and feeds the answer in. Its rows count when it is complete. */
async function ask(session, source, request, blanked, onRows) {
  const rows = [];
  let begun = request.effect.tag === "write";
  try {
    const answer = await source.send(request);
    session.accept(source.head(answer));
    begun = true;
    if (blanked.length > 0) rows.push(...session.feed(Buffer.from(blank(await answer.text(), blanked))).rows);
    else for await (const chunk of answer.body ?? []) rows.push(...session.feed(chunk).rows);
  } catch (error) {
    if (begun && !error.payload) session.interrupted();
    throw error;
  }
  rows.push(...session.end().rows);
  onRows(rows);
}

/** What a person set, as the plugin takes it. */
export function setting(parameters, assignment) {
  const at = assignment.indexOf("=");
  const [name, text] = [assignment.slice(0, at), assignment.slice(at + 1)];
  const kind = parameters.find((it) => it.name === name)?.kind ?? "text";
  const read = {
    integer: BigInt,
    duration: BigInt,
    number: Number,
    boolean: (it) => it === "true",
    instant: (it) => BigInt(Date.parse(it)),
    texts: (it) => it.split(","),
  }[kind];
  return { name, value: { tag: kind, val: read ? read(text) : text } };
}

/** A row as JSON: no key is "the source did not say", and `null` is "there is none". */
export function json(fields, row) {
  const cells = row.flatMap(({ tag, val }, at) =>
    tag === "absent" ? [] : [`${JSON.stringify(fields[at].name)}:${cell(tag, val)}`],
  );
  return `{${cells.join(",")}}`;
}

function cell(tag, val) {
  switch (tag) {
    case "empty":
      return "null";
    case "integer":
    case "duration":
      return String(val);
    case "number":
      return Number.isInteger(val) ? val.toFixed(1) : String(val);
    case "instant":
      return JSON.stringify(new Date(Number(val)).toISOString().replace(".000Z", "Z"));
    default:
      return JSON.stringify(val);
  }
}

/** Says what a plugin's error says; any other error goes on. */
export function complain(error) {
  const said = error.payload?.val;
  if (!said) throw error;
  console.error([said.message, said.remedy].filter((it) => it).join(": "));
  process.exitCode = 1;
}
