// Attacks a running server, one attack after the other, and prints what it answered and how long that took. After each
// the server must answer `{ __typename }` within two seconds, and its memory must stay below 512 MB.

import { readFileSync } from "node:fs";
import { request } from "node:http";

import { GRAPHQL_URL, signIn } from "../server.mjs";
import { bodies } from "./bodies.mjs";
import { documents } from "./documents.mjs";
import { guesses } from "./guesses.mjs";
import { slow } from "./slow.mjs";
import { timing } from "./timing.mjs";
import { tokens } from "./tokens.mjs";

const PATIENCE = 2_000;
const MOST_MEGABYTES = 512;

/** The most memory that the server has held so far, in megabytes; none where its process is not told. */
function peak() {
  if (!process.env.SERVER_PID) return undefined;
  const status = readFileSync(`/proc/${process.env.SERVER_PID}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024);
}

const token = await signIn();

/** Milliseconds until the server answers a small question, on a connection of its own: the attack's may have been ended. */
async function alive() {
  const begun = performance.now();
  const text = await new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE),
    };
    const asked = request(GRAPHQL_URL, options, async (response) => {
      try {
        resolve((await response.toArray()).join(""));
      } catch (error) {
        reject(error);
      }
    });
    asked.on("error", reject);
    asked.end('{"query":"{ __typename }"}');
  });
  if (!text.includes('"data":{"__typename":"Query"}')) throw new Error(`it answers ${text}`);
  return performance.now() - begun;
}

const attacks = [...documents(token), ...bodies(token), ...tokens(token), ...timing(token), ...slow(token), ...guesses()];
let failed = 0;
console.log(["attack", "answer", "ms", "alive after ms", "peak MB"].join(" | "));
for (const { name, wanted, send } of attacks) {
  const begun = performance.now();
  let answer, after, memory;
  try {
    answer = await send();
    const took = performance.now() - begun;
    after = await alive();
    memory = peak();
    console.log([name, answer, took.toFixed(0), after.toFixed(0), memory ?? "?"].join(" | "));
  } catch (error) {
    answer = `${answer ?? ""} ${error}`;
  }
  if (!wanted.test(answer) || after === undefined || memory > MOST_MEGABYTES) {
    failed += 1;
    console.error(`FAILED: ${name}: ${answer}, wanted ${wanted}; peak ${memory} MB`);
  }
}
console.log(`${attacks.length} attacks, ${failed} of them not held off`);
process.exit(failed === 0 ? 0 : 1);
