// The plugin: what the contract's world exports, one object an interface.

import { describe, resolve } from "./catalog.js";
import { Session } from "./session.js";
import { Tester } from "./tester/tester.js";

export const types = {};
export const catalog = { describe, resolve };
export const collection = { Session };
export const testing = { Tester };
