// Makes of a component what Node can run: transpile.mjs COMPONENT FOLDER

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { transpileBytes } from "@bytecodealliance/jco-transpile";

const [component, folder] = process.argv.slice(2);

const { files } = await transpileBytes(await readFile(component), {
  name: "plugin",
  // The host says what is behind the imports.
  instantiation: "sync",
  // An error of the plugin's is then one of JavaScript's, with what the plugin said as its payload.
  noComponentErrorWrapping: false,
});
for (const [name, bytes] of Object.entries(files)) {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
