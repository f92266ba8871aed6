// Whether the time of a refusal tells who has an account: wrong sign-ins of users and of nobody, in turns.

import { request } from "node:http";

import { GRAPHQL_URL, SERVER_URL } from "../server.mjs";

const NAMES = 3;
/** Eight of each name from one address, which may fail so often without a wait. */
const PAIRS = 8 * NAMES;
/** Another program on the machine may disturb one look; what is always slower is so at each. */
const LOOKS = 5;
const MOST_APART = 0.1;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const MAKE = `mutation($name: String!) {
  createUser(input: { name: $name, password: "correct horse", role: READER }) { id }
}`;
const FORGET = "mutation($id: ID!) { deleteUser(id: $id) { id } }";

/** The data that an admin is answered. */
async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(GRAPHQL_URL, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

/** Milliseconds until a wrong sign-in is refused that comes from an address of this machine. */
function refusal(username, localAddress) {
  const body = new URLSearchParams({ grant_type: "password", username, password: "wrong horse" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
  return new Promise((done, fail) => {
    const begun = performance.now();
    const sent = request(`${SERVER_URL}/oauth/token`, { method: "POST", headers, localAddress, agent: false }, (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === 400 ? done(performance.now() - begun) : fail(new Error(`${username}: ${response.statusCode}`)),
      );
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

async function look(users, localAddress) {
  const [known, unknown] = [[], []];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    known.push(await refusal(users[pair % NAMES], localAddress));
    unknown.push(await refusal(`nobody${pair % NAMES}`, localAddress));
  }
  return [median(known), median(unknown)];
}

export function timing(token) {
  return [
    {
      name: "sign-ins of users and of nobody by their time",
      wanted: /^alike/,
      send: async () => {
        const users = Array.from({ length: NAMES }, (_, at) => `timed${at}-${Date.now()}`);
        const ids = [];
        for (const name of users) {
          const { createUser } = await ask(MAKE, { name }, token);
          ids.push(createUser.id);
        }
        // Whoever comes first pays for the hash that is checked for nobody.
        await refusal("nobody", "127.0.0.99");
        let told;
        for (let at = 0; at < LOOKS && !told?.startsWith("alike"); at += 1) {
          const [known, unknown] = await look(users, `127.0.0.${100 + at}`);
          const apart = Math.abs(known - unknown) / Math.min(known, unknown);
          const how = apart <= MOST_APART ? "alike" : "not alike";
          told = `${how}: medians of ${known.toFixed(1)} and ${unknown.toFixed(1)} ms, ${(100 * apart).toFixed(1)} % apart`;
        }
        for (const id of ids) await ask(FORGET, { id }, token);
        return told;
      },
    },
  ];
}
