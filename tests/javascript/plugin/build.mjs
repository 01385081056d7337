// Makes the component: build.mjs [WIT-FOLDER [COMPONENT]]

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { componentize } from "componentize-qjs";

const [wit = "../../../wit", output = "certificates.wasm"] = process.argv.slice(2);
const entry = fileURLToPath(new URL("src/plugin.js", import.meta.url));

const { component } = await componentize({
  witPath: resolve(wit),
  world: "plugin",
  jsSource: await readFile(entry, "utf8"),
  jsPath: entry,
  moduleRoot: fileURLToPath(new URL(".", import.meta.url)),
  // The contract has no function that waits.
  sync: true,
});
await writeFile(output, component);
console.log(`${output}: ${(component.length / 2 ** 20).toFixed(1)} MiB`);
