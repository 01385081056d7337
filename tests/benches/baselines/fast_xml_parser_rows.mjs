// Rows out of a host list with fast-xml-parser, which reads documents whole.
//
// Usage: fast_xml_parser_rows.mjs FILE, where fast-xml-parser is installed. Prints the number of
// rows and the seconds they took.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Installed elsewhere than beside this file.
const require = createRequire(join(process.cwd(), "package.json"));
const { XMLParser } = require("fast-xml-parser");

const TEXTS = [
  ["ip-address", "IP"],
  ["operating-system", "OS"],
  ["ipv6-address", "IPV6"],
  ["tracking-method", "TRACKING_METHOD"],
  ["dns-name", "DNS"],
  ["netbios-name", "NETBIOS"],
  ["cloud-provider", "CLOUD_PROVIDER"],
  ["cloud-service", "CLOUD_SERVICE"],
  ["cloud-resource-id", "CLOUD_RESOURCE_ID"],
  ["ec2-instance-id", "EC2_INSTANCE_ID"],
  ["qualys-host-id", "QG_HOSTID"],
  ["agent-status", "AGENT_STATUS"],
  ["owner", "OWNER"],
];
const INTEGERS = [
  ["host-id", "ID"],
  ["asset-id", "ASSET_ID"],
  ["network-id", "NETWORK_ID"],
];
const INSTANTS = [
  ["last-vulnerability-scan", "LAST_VULN_SCAN_DATETIME"],
  ["last-vm-scan", "LAST_VM_SCANNED_DATE"],
  ["last-compliance-scan", "LAST_COMPLIANCE_SCAN_DATETIME"],
  ["first-found", "FIRST_FOUND_DATE"],
  ["last-activity", "LAST_ACTIVITY"],
  ["last-authenticated-scan", "LAST_VM_AUTH_SCANNED_DATE"],
  ["last-scap-scan", "LAST_SCAP_SCAN_DATETIME"],
];

function row(host) {
  const made = {};
  for (const [name, element] of TEXTS) made[name] = host[element];
  for (const [name, element] of INTEGERS) made[name] = host[element] && Number(host[element]);
  for (const [name, element] of INSTANTS) made[name] = host[element] && Date.parse(host[element]);
  made.asset = made["dns-name"] || made["netbios-name"] || made["ip-address"];
  made.tags = host.TAGS ? host.TAGS.TAG.map((tag) => tag.NAME) : [];
  return made;
}

const start = performance.now();
const parser = new XMLParser({
  // Texts are wanted as they are, and only some of them as numbers.
  parseTagValue: false,
  isArray: (name) => name === "HOST" || name === "TAG",
});
const hosts = parser.parse(readFileSync(process.argv[2])).HOST_LIST_OUTPUT.RESPONSE.HOST_LIST.HOST;
let count = 0;
for (const host of hosts) if (row(host)) count += 1;
console.log(count, (performance.now() - start) / 1000);
