// Apollo Client: its cache keys by id and typename, its links send and batch, its errors carry our codes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { relayStylePagination } from "@apollo/client/utilities";
import { filter, firstValueFrom } from "rxjs";
import { GRAPHQL_URL, signIn } from "../server.mjs";

const PARKS = gql`
  query Parks($first: Int!, $after: String) {
    parks(first: $first, after: $after) {
      edges {
        cursor
        node {
          id
          name
          energyType
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`;

const client = (link) =>
  new ApolloClient({
    link,
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { parks: relayStylePagination() } } } }),
  });

test("pages are merged by the cache, and a park read before is found in it", async () => {
  const token = await signIn();
  const apollo = client(new HttpLink({ uri: GRAPHQL_URL, headers: { authorization: `Bearer ${token}` } }));
  const observed = apollo.watchQuery({ query: PARKS, variables: { first: 2 } });
  const subscription = observed.subscribe(() => undefined);
  const first = await firstValueFrom(observed.pipe(filter((result) => result.dataState === "complete")));
  assert.equal(first.data.parks.edges.length, 2);
  await observed.fetchMore({ variables: { after: first.data.parks.pageInfo.endCursor } });
  const both = await firstValueFrom(observed.pipe(filter((result) => result.data?.parks.edges.length > 2)));
  const merged = both.data.parks.edges.map((edge) => edge.node);
  assert.equal(new Set(merged.map((park) => park.id)).size, merged.length);
  const [{ id, name }] = merged;
  const cached = apollo.readFragment({
    id: `Park:${id}`,
    fragment: gql`
      fragment Name on Park {
        name
      }
    `,
  });
  assert.equal(cached.name, name);
  subscription.unsubscribe();
});

test("a batching link gets each operation its answer", async () => {
  const token = await signIn();
  const link = new BatchHttpLink({ uri: GRAPHQL_URL, batchMax: 5, headers: { authorization: `Bearer ${token}` } });
  const apollo = client(link);
  const [parks, viewer] = await Promise.all([
    apollo.query({ query: PARKS, variables: { first: 1 } }),
    apollo.query({
      query: gql`
        query Viewer {
          viewer {
            name
          }
        }
      `,
    }),
  ]);
  assert.equal(parks.data.parks.edges.length, 1);
  assert.equal(typeof viewer.data.viewer.name, "string");
});

test("an error is a GraphQL error with its code, refused or answered", async () => {
  const apollo = client(new HttpLink({ uri: GRAPHQL_URL }));
  for (const [query, code] of [
    [PARKS, "UNAUTHENTICATED"],
    [
      gql`
        query Nothing {
          nothing
        }
      `,
      "GRAPHQL_VALIDATION_FAILED",
    ],
  ]) {
    const failed = await apollo.query({ query, variables: { first: 1 } }).then(
      () => assert.fail("it was answered"),
      (error) => error,
    );
    assert.ok(CombinedGraphQLErrors.is(failed), String(failed));
    assert.equal(failed.errors[0].extensions.code, code);
  }
});
