// Documents that cost more than they look: the OWASP GraphQL cheat sheet's, and what the parser and the validation of
// async-graphql do not bound by themselves.

import { GRAPHQL_URL } from "../server.mjs";
import { post, send } from "./ask.mjs";

const DOUBLINGS = 30;
const LEVELS = 2_000;

const REFUSED = /^400 TOO_COMPLEX$/;
const INVALID = /^400 GRAPHQL_VALIDATION_FAILED$/;

const times = (count, text) => Array.from({ length: count }, (_, at) => text(at)).join(" ");
const nested = (open, close, inner = "") => open.repeat(LEVELS) + inner + close.repeat(LEVELS);

function bomb(fields) {
  const fragments = times(DOUBLINGS, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`);
  return `{ ...F0 } ${fragments} fragment F${DOUBLINGS} on Query { ${fields} }`;
}

export function documents(token) {
  const largest = "parks(first: 1000) { nodes { name readings(first: 10000) { nodes { megawatts timestamp } } } }";
  const query = (name, wanted, text, variables) => ({ name, wanted, send: () => post({ query: text, variables }, token) });
  return [
    query("fragments that double 30 times", REFUSED, bomb("__typename")),
    query("fragments that double 30 times over a list", REFUSED, bomb("parks { nodes { name } }")),
    query("a fragment that spreads itself", INVALID, "{ ...A } fragment A on Query { ...A }"),
    query("fragments in a circle", INVALID, "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    query("a chain of 1,000 fragments", REFUSED, `{ ...F0 } ${times(1_000, (at) => `fragment F${at} on Query { ...F${at + 1} }`)} fragment F1000 on Query { __typename }`),
    query("a list literal 2,000 deep", REFUSED, `{ parks(filter: { names: ${nested("[", "]")} }) { totalCount } }`),
    query("an object literal 2,000 deep", REFUSED, `{ parks(filter: ${nested("{names:", "}", "1")}) { totalCount } }`),
    query("a list literal that nothing closes", REFUSED, `{ parks(filter: { names: ${"[".repeat(LEVELS)}`),
    query("a list type 2,000 deep", REFUSED, `query($a: ${nested("[", "]", "Int")}) { __typename }`),
    query("a default 2,000 deep", REFUSED, `query($a: Int = ${nested("[", "]")}) { __typename }`),
    query("an argument of a directive 2,000 deep", REFUSED, `{ __typename @include(if: ${nested("[", "]")}) }`),
    query("selections 2,000 deep", REFUSED, nested("{a", "}")),
    query("inline fragments 2,000 deep", REFUSED, `{ ${nested("... {", "}", "__typename")} }`),
    query("brackets hidden behind a string", REFUSED, `{ a(x: ["""\\"""" ${"[".repeat(LEVELS)}`),
    query("200 aliases of the largest list", REFUSED, `{ ${times(200, (at) => `a${at}: ${largest}`)} }`),
    query("the largest list once", REFUSED, `{ ${largest} }`),
    query("1,000 fields of one name", /^400 (TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED)$/, `{ ${times(1_000, () => "__typename")} }`),
    query("10,000 fields of one name", REFUSED, `{ ${times(10_000, () => "__typename")} }`),
    query("1,000 directives on a field", REFUSED, `{ __typename ${times(1_000, () => "@skip(if: false)")} }`),
    query("1,000 directives that do not exist", REFUSED, `{ __typename ${times(1_000, () => "@a")} }`),
    query("1,000 variables", /^400 (TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED)$/, `query(${times(1_000, (at) => `$v${at}: Int`)}) { __typename }`),
    query("9,900 values of a wrong type", INVALID, `{ nodes(ids: [${times(9_900, () => "1.5")}]) { id } }`),
    query("1,100 variables in 2,000 places", INVALID, `query(${times(1_100, (at) => `$v${at}: ID`)}) { nodes(ids: [${times(2_000, (at) => `$v${at % 1_100}`)}]) { id } }`),
    query("a hundred operations over one fragment of mistakes", INVALID, `${times(100, (at) => `query Q${at} { ...F }`)} fragment F on Query { parks { ${times(18, () => "a")} } }`),
    query("fragments that are not there, 10,000 times", REFUSED, `{ ${times(9_000, () => "...F")} }`),
    query("introspection in circles", REFUSED, `{ __schema { types { ${"fields { type { ".repeat(6)} name ${"} } ".repeat(6)} } } }`),
    query("1 MB of commas", /^400 GRAPHQL_PARSE_FAILED$/, ",".repeat(1_000_000)),
    query("2 MB of a comment", REFUSED, `#${"x".repeat(2_000_000)}\n{ __typename }`),
    query("a filter of 20,000 names", REFUSED, "query($n: [String!]) { parks(filter: { names: $n }) { totalCount } }", { n: Array(20_000).fill("x") }),
    query("a range of all time by hour", /^200 BAD_USER_INPUT$|^400/, '{ parks(first: 1) { nodes { stats(dates: { from: "1900-01-01", until: "2100-01-01" }, granularity: HOUR) { date } } } }'),
    query("SQL in a filter", /^200 data$/, `{ parks(filter: { search: "'; DROP TABLE park; --", names: ["' OR 1=1 --"] }) { totalCount } }`),
    query("SQL in a cursor", /^200 BAD_USER_INPUT$/, `{ parks(after: "' OR 1=1 --") { totalCount } }`),
    query("an id made by hand", /^200 data$/, '{ node(id: "../../etc/passwd") { id } }'),
    query("a page of a billion", /^(200|400) (BAD_USER_INPUT|TOO_COMPLEX)$/, "{ parks(first: 1000000000) { nodes { name } } }"),
    query("a page of less than nothing", /^200 BAD_USER_INPUT$/, "{ parks(first: -1) { nodes { name } } }"),
    {
      name: "a batch of 1,000",
      wanted: REFUSED,
      send: () => post(Array(1_000).fill({ query: "{ __typename }" }), token),
    },
    {
      name: "a batch of ten largest lists",
      wanted: /^200 TOO_COMPLEX$/,
      send: () => post(Array(10).fill({ query: `{ ${largest} }` }), token),
    },
    {
      name: "a field with a typing error does not tell of its neighbours",
      wanted: /^no hint$/,
      send: async () => {
        const body = JSON.stringify({ query: "{ parkz { totalCount } }" });
        const response = await fetch(GRAPHQL_URL, { method: "POST", headers: { "content-type": "application/json" }, body });
        const text = await response.text();
        return /did you mean/i.test(text) ? text : "no hint";
      },
    },
    {
      name: "a mutation by GET",
      wanted: /^405 BAD_USER_INPUT$/,
      send: () => send({ method: "GET" }, `${GRAPHQL_URL}?query=${encodeURIComponent('mutation { logout(refreshToken: "x") }')}`),
    },
    {
      name: "a form of another site",
      wanted: /^415 BAD_USER_INPUT$/,
      send: () =>
        send({ method: "POST", headers: { "content-type": "text/plain", origin: "https://evil.example" }, body: '{"query":"{ __typename }"}' }),
    },
    {
      name: "a multipart form of another site",
      wanted: /^401 UNAUTHENTICATED$/,
      send: () => {
        const body = new FormData();
        body.set("operations", '{"query":"{ __typename }"}');
        body.set("map", "{}");
        return send({ method: "POST", body });
      },
    },
    {
      name: "an address of 100 kB",
      wanted: /^4\d\d/,
      send: () => send({ method: "GET" }, `${GRAPHQL_URL}?query=${"x".repeat(100_000)}`),
    },
  ];
}
