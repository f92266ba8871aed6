// Sends what an attacker would, and sums up the answer: the status, and the code of the first error.

import { GRAPHQL_URL } from "../server.mjs";

const JSON_TYPE = "application/json";
const PATIENCE = 60_000;

/** The status, then the code of the first error or `data`; the text where it is no JSON. */
export async function send(request, url = GRAPHQL_URL) {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(PATIENCE), ...request });
  const text = await response.text();
  if (/panicked|rustc|src\/|SELECT |sqlx|sea_orm|stack backtrace/i.test(text)) {
    return `${response.status} tells its insides: ${text.slice(0, 200)}`;
  }
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return `${response.status} ${text.slice(0, 40)}`;
  }
  const first = Array.isArray(body) ? body.find((one) => one.errors) ?? body[0] : body;
  return `${response.status} ${first.errors?.[0]?.extensions?.code ?? (first.data ? "data" : Object.keys(first)[0])}`;
}

/** Posts a body of JSON, with a token if one is given. */
export function post(body, token, headers = {}) {
  return send({
    method: "POST",
    headers: {
      "content-type": JSON_TYPE,
      accept: "application/graphql-response+json",
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}
