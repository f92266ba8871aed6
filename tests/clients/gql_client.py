"""The Python client gql: it reads the schema by introspection, checks queries against it, pages, and uploads a file."""

import io
import os
import unittest

from gql import Client, FileVar, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

URL = os.environ["SERVER_URL"].rstrip("/") + "/graphql"
USERNAME = os.environ.get("ADMIN_USERNAME", "admin")
PASSWORD = os.environ["ADMIN_PASSWORD"]

LOGIN = gql("mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken } }")
PARKS = gql(
    """
    query ($first: Int!, $after: String) {
      parks(first: $first, after: $after) {
        nodes { name timezone latestReading { timestamp megawatts } }
        pageInfo { hasNextPage endCursor }
      }
    }
    """
)
LOAD = gql(
    """
    mutation ($file: Upload!, $park: String!) {
      loadReadings(park: {name: $park}, source: {file: $file}, intervalMinutes: 15, dryRun: true) {
        status rowsRead inserted rejected errors(first: 3) { line reason }
      }
    }
    """
)


def client(token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(transport=RequestsHTTPTransport(URL, headers=headers), fetch_schema_from_transport=True)


def ask(client, document, variables, **options):
    document.variable_values = variables
    return client.execute(document, **options)


class Gql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.token = ask(client(), LOGIN, {"u": USERNAME, "p": PASSWORD})["login"]["accessToken"]

    def test_pages_follow_each_other_without_gap_or_repeat(self):
        session, names, after = client(self.token), [], None
        for _ in range(3):
            page = ask(session, PARKS, {"first": 2, "after": after})["parks"]
            names += [park["name"] for park in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        self.assertGreater(len(names), 2)
        self.assertEqual(names, sorted(set(names)))

    def test_a_query_that_the_schema_does_not_have_is_refused_before_it_is_sent(self):
        with self.assertRaises(Exception) as refused:
            client(self.token).execute(gql("{ parks { nodes { nothing } } }"))
        self.assertIn("nothing", str(refused.exception))

    def test_without_a_token_data_is_not_told(self):
        with self.assertRaises(TransportQueryError) as refused:
            ask(client(), PARKS, {"first": 1})
        self.assertEqual(refused.exception.errors[0]["extensions"]["code"], "UNAUTHENTICATED")

    def test_a_file_is_uploaded_and_tried_without_a_trace(self):
        session = client(self.token)
        park = ask(session, PARKS, {"first": 1})["parks"]["nodes"][0]["name"]
        csv = b"datetime,MW\n2001-01-01T00:00:00Z,1.5\n2001-01-01T00:15:00Z,2.5\n"
        file = FileVar(io.BytesIO(csv), filename="readings.csv", content_type="text/csv")
        load = ask(session, LOAD, {"file": file, "park": park}, upload_files=True)["loadReadings"]
        self.assertEqual(load, {"status": "DRY_RUN", "rowsRead": 2, "inserted": 2, "rejected": 0, "errors": []})


if __name__ == "__main__":
    unittest.main()
