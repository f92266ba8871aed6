import { parse } from "graphql";
import { expect, test } from "vitest";
import { firstQuery } from "./first-query.ts";

test("the first query is a GraphQL document over the last seven whole days", () => {
  const query = firstQuery(new Date("2026-03-02T05:00:00Z"));
  expect(() => parse(query)).not.toThrow();
  expect(query).toContain('dates: {from: "2026-02-23", until: "2026-03-02"}');
});
