// What relay-compiler compiles; never run as it stands. The connection and the refetch by node(id:) are what Relay asks
// of a schema.
import { graphql } from "relay-runtime";

graphql`
  query queriesParksQuery($first: Int!, $after: String) {
    ...queries_parks @arguments(first: $first, after: $after)
  }
`;

graphql`
  fragment queries_parks on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "queriesParksPaginationQuery") {
    parks(first: $first, after: $after) @connection(key: "queries_parks") {
      totalCount
      edges {
        node {
          id
          name
          ...queries_park
        }
      }
    }
  }
`;

graphql`
  fragment queries_park on Park @refetchable(queryName: "queriesParkRefetchQuery") {
    id
    timezone
    energyType
    latestReading {
      timestamp
      megawatts
    }
  }
`;
