// Every GraphQL example of the README, asked of the running server, which has the demo.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { GRAPHQL_URL, signIn } from "../server.mjs";

const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const documents = [...text.matchAll(/```graphql\n(.*?)```/gs)].map(([, document]) => document);
let token;

before(async () => {
  token = await signIn();
});

test("the README has examples", () => assert.ok(documents.length >= 6, `${documents.length} found`));

for (const document of documents) {
  const name = document.replace(/\s+/g, " ").slice(0, 60);
  test(`the README's example is answered: ${name}`, async () => {
    const response = await fetch(GRAPHQL_URL, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: document }),
    });
    const { data, errors } = await response.json();
    assert.deepEqual(errors, undefined);
    assert.ok(data && Object.values(data).every((value) => value !== null));
  });
}

test("the first query, with last week's dates, tells of twelve parks and seven days of each", async () => {
  const date = (daysAgo) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const query = documents[0].replace("2026-01-05", date(7)).replace("2026-01-12", date(0));
  const response = await fetch(GRAPHQL_URL, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data } = await response.json();
  assert.equal(data.parks.nodes.length, 12);
  for (const { name, latestReading, stats } of data.parks.nodes) {
    assert.ok(Date.now() - Date.parse(latestReading.timestamp) < 2 * 86_400_000, `${name} tells of the last two days`);
    assert.equal(stats.length, 7, `${name} has seven days`);
    assert.ok(stats.filter((day) => day.count > 0 && day.energyMwh !== null).length >= 6, `${name} has readings`);
  }
});
