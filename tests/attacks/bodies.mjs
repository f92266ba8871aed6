// Bodies that are no GraphQL request.

import { gzipSync } from "node:zlib";

import { post } from "./ask.mjs";

const MALFORMED = /^400 BAD_USER_INPUT$/;
const LEVELS = 100_000;

export function bodies(token) {
  const body = (name, wanted, bytes, headers) => ({ name, wanted, send: () => post(bytes, token, headers) });
  return [
    body("an empty body", MALFORMED, ""),
    body("half an object", MALFORMED, '{"query": "{ __typename }"'),
    body("an array of nothing", MALFORMED, "[]"),
    body("a number", MALFORMED, "42"),
    body("null", MALFORMED, "null"),
    body("a query that is a list", MALFORMED, '{"query": ["{ __typename }"]}'),
    body("variables that are a text", MALFORMED, '{"query": "{ __typename }", "variables": "x"}'),
    body("one key twice", MALFORMED, '{"query": "{ a }", "query": "{ __typename }"}'),
    body("bytes that are no UTF-8", MALFORMED, new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
    body("JSON 100,000 deep", MALFORMED, "[".repeat(LEVELS)),
    body("variables 100,000 deep", MALFORMED, `{"query": "{ __typename }", "variables": {"a": ${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}}}`),
    body("variables 110 deep", /^400 TOO_COMPLEX$/, `{"query": "{ __typename }", "variables": {"a": ${"[".repeat(110)}${"]".repeat(110)}}}`),
    body("objects in variables 100,000 deep", MALFORMED, `{"query": "{ __typename }", "variables": ${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}}`),
    body("a number of 100,000 digits", /^(200 data|400 BAD_USER_INPUT)$/, `{"query": "{ __typename }", "variables": {"a": ${"9".repeat(100_000)}}}`),
    body("a null byte in the document", /^400 GRAPHQL_PARSE_FAILED$/, JSON.stringify({ query: "{ __type\u0000name }" })),
    body("half a surrogate pair", MALFORMED, '{"query": "{ __typename }", "operationName": "\\ud800"}'),
    body("40 MB of spaces", /^413 TOO_COMPLEX$/, " ".repeat(40_000_000)),
    body("31 MB of values", /^413 TOO_COMPLEX$/, `{"query": "{ __typename }", "variables": {"a": [${"[0],".repeat(7_900_000)}0]}}`),
    body("a gzip bomb", /^415 BAD_USER_INPUT$/, gzipSync(Buffer.alloc(100_000_000)), { "content-encoding": "gzip" }),
    body("a body in UTF-16", /^415 BAD_USER_INPUT$/, "{}", { "content-type": "application/json; charset=utf-16" }),
    { name: "1 MB by nobody", wanted: /^413 TOO_COMPLEX$/, send: () => post(" ".repeat(1_000_000)) },
  ];
}
