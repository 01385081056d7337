// Makes the component: build.mjs [WIT-FOLDER [COMPONENT]]

import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";


const [wit = "../../../wit", output = "certificates.wasm"] = process.argv.slice(2);

const { component, imports } = await componentize({
  sourcePath: fileURLToPath(new URL("src/plugin.js", import.meta.url)),
  witPath: resolve(wit),
  worldName: "plugin",
  // A plugin has no clock, no randomness, no network: without these, it asks for none.
  disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
});
await writeFile(output, component);
console.log(`${output}: ${(component.length / 2 ** 20).toFixed(1)} MiB`);
