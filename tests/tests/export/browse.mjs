// Opens a page in Chromium, sorts and filters its table, and prints what came of it, what the page asked
// the network for, and what went wrong. Speaks to the browser through pipes: nothing listens.
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

const [browser, profile, page] = process.argv.slice(2);
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--host-resolver-rules=MAP * ~NOTFOUND", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank",
];
const chromium = spawn(browser, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [to, from] = [chromium.stdio[3], chromium.stdio[4]];

const waiting = new Map();
const requests = [];
const errors = [];
let loaded;
const load = new Promise((resolve) => { loaded = resolve; });
const events = {
  "Network.requestWillBeSent": ({ request }) => requests.push(request.url),
  "Runtime.exceptionThrown": ({ exceptionDetails }) => errors.push(exceptionDetails.text),
  "Runtime.consoleAPICalled": ({ type, args }) => errors.push(`${type}: ${args.map((it) => it.value)}`),
  "Log.entryAdded": ({ entry }) => errors.push(entry.text),
  "Page.loadEventFired": () => loaded(),
};

let rest = "";
from.setEncoding("utf8");
from.on("data", (text) => {
  const messages = (rest + text).split("\0");
  rest = messages.pop();
  for (const message of messages.map((it) => JSON.parse(it))) {
    if (message.id === undefined) events[message.method]?.(message.params);
    else waiting.get(message.id)(message);
  }
});

let last = 0;
let session;
const call = async (method, params = {}) => {
  const id = ++last;
  to.write(JSON.stringify({ id, method, params, sessionId: session }) + "\0");
  const { result, error } = await new Promise((resolve) => waiting.set(id, resolve));
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
};
const evaluate = async (expression) => {
  const { result, exceptionDetails } = await call("Runtime.evaluate", { expression, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
  return result.value;
};

try {
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  ({ sessionId: session } = await call("Target.attachToTarget", { targetId, flatten: true }));
  for (const domain of ["Network", "Runtime", "Log", "Page"]) await call(`${domain}.enable`);
  await call("Page.navigate", { url: pathToFileURL(page).href });
  await load;

  await evaluate(`
    const headings = [...document.querySelectorAll("#rows thead th")];
    const place = headings.findIndex((it) => it.textContent === "Username");
    const press = () => headings[place].querySelector("button").click();
    const names = () => [...document.querySelectorAll("#rows tbody tr")]
      .filter((it) => !it.hidden).map((it) => it.cells[place].textContent);
    const say = (id, value, event) => {
      const it = document.getElementById(id);
      it.value = value;
      it.dispatchEvent(new Event(event));
    };
    const status = () => document.getElementById("said").textContent;
    0`);
  const came = { all: await evaluate("status()") };
  came.up = await evaluate("press(); names()");
  came.down = await evaluate("press(); names()");
  came.found = await evaluate('say("search", names()[0], "input"); names()');
  came.status = await evaluate("status()");
  came.failed = await evaluate('say("search", "", "input"); say("verdict", "fail", "change"); names().length');
  came.excepted = await evaluate('say("verdict", "exception", "change"); names().length');
  console.log(JSON.stringify({ ...came, requests, errors }));
} finally {
  chromium.kill();
}
