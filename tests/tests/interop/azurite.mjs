// Makes a container in an Azure Blob Storage, with a Shared Key.
//
// Usage: node azurite.mjs ADDRESS ACCOUNT KEY CONTAINER

import { createHmac } from "node:crypto";

const [address, account, key, container] = process.argv.slice(1).filter((it) => it !== "--");
const headers = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-08-06" };
const written = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
// The verb, eleven headers that are not sent, those of Azure, the resource. Of an emulator, the account is in the
// path, too.
const signed = `PUT${"\n".repeat(12)}${written.join("")}/${account}/${account}/${container}\nrestype:container`;
const signature = createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
const answer = await fetch(`${address}/${account}/${container}?restype=container`, {
  method: "PUT",
  headers: { ...headers, authorization: `SharedKey ${account}:${signature}` },
});
if (answer.status !== 201) {
  throw new Error(`${answer.status} ${await answer.text()}`);
}
