// Relay: its compiler accepts the schema and these queries, and its runtime pages and refetches with what it compiled.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "node:test";
import relay from "relay-runtime";
import { GRAPHQL_URL, SERVER_URL, signIn } from "../server.mjs";

const { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery, getRequest } = relay;
const folder = fileURLToPath(new URL("./relay/", import.meta.url));
const compiler = fileURLToPath(new URL("../node_modules/relay-compiler/cli.js", import.meta.url));

/** Compiles against the schema that the server tells; answers with how to load an artifact. */
async function compile() {
  await rm(`${folder}__generated__`, { recursive: true, force: true });
  await mkdir(`${folder}__generated__`);
  const schema = await fetch(`${SERVER_URL}/schema.graphql`);
  assert.equal(schema.status, 200);
  await writeFile(`${folder}schema.graphql`, await schema.text());
  await promisify(execFile)(process.execPath, [compiler, "relay.config.json"], { cwd: folder });
  return async (name) => (await import(`./relay/__generated__/${name}.graphql.js`)).default;
}

test("relay-compiler accepts the schema, and Relay pages and refetches by what it compiled", async () => {
  const artifact = await compile();
  const token = await signIn();
  const environment = new Environment({
    network: Network.create(async ({ text }, variables) => {
      const response = await fetch(GRAPHQL_URL, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json",
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    }),
    store: new Store(new RecordSource()),
  });
  const fetched = (request, variables) => fetchQuery(environment, request, variables).toPromise();

  const names = [];
  const query = await artifact("queriesParksQuery");
  let after = null;
  let more = true;
  while (more) {
    await fetched(query, { first: 2, after });
    const operation = createOperationDescriptor(getRequest(query), { first: 2, after });
    const raw = environment.lookup(operation.fragment).data;
    assert.ok(raw, "the query's data is in the store");
    const source = environment.getStore().getSource();
    const pageInfo = source.get(source.get("client:root").__queries_parks_connection.__ref).pageInfo.__ref;
    ({ endCursor: after, hasNextPage: more } = source.get(pageInfo));
    const edges = source.get(source.get("client:root").__queries_parks_connection.__ref).edges.__refs;
    names.length = 0;
    names.push(...edges.map((edge) => source.get(source.get(edge).node.__ref).name));
    if (names.length >= 6) {
      break;
    }
  }
  assert.ok(names.length > 2, `several pages were read: ${names}`);
  assert.deepEqual(names, names.toSorted(), "parks come by name");
  assert.equal(new Set(names).size, names.length, "no park came twice");

  const refetch = await artifact("queriesParkRefetchQuery");
  const source = environment.getStore().getSource();
  const id = source.getRecordIDs().find((key) => source.get(key)?.__typename === "Park");
  const park = await fetched(refetch, { id });
  assert.ok(park, "a park is refetched by node(id:)");
  assert.equal(environment.getStore().getSource().get(id).energyType.length > 3, true);
});
