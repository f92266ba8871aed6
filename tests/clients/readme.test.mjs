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
