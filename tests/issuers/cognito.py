"""Tokens of Amazon Cognito, as moto gives them out, at a server that is told to accept them."""

import base64
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

BINARY = Path(__file__).parents[2] / "target/debug/energy-parks"
REGION = "eu-west-1"
PASSWORD = "Correct horse 1!"


class Pool:
    """A user pool with one program, whose users are in the groups that are given."""

    def __init__(self, cognito):
        self.cognito = cognito
        self.id = cognito.create_user_pool(PoolName="parks")["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="parks", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )
        self.client = client["UserPoolClient"]["ClientId"]
        self.issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{self.id}"

    def sign_in(self, name, *groups, client=None):
        """Makes a user and signs in; the access and the ID token."""
        user = {"UserPoolId": self.id, "Username": name}
        self.cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        for group in groups:
            try:
                self.cognito.create_group(UserPoolId=self.id, GroupName=group)
            except self.cognito.exceptions.GroupExistsException:
                pass
            self.cognito.admin_add_user_to_group(**user, GroupName=group)
        result = self.cognito.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=client or self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        return result["AccessToken"], result["IdToken"]

    def other_client(self):
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="other", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )
        return made["UserPoolClient"]["ClientId"]


class Server:
    """The server under test, on an address of its own, with an empty database."""

    def __init__(self, folder, settings):
        own = {"DATABASE_URL": f"sqlite://{folder}/parks.db", "LISTEN": "127.0.0.1:0", "LOG_FORMAT": "text"}
        environment = {**os.environ, **own, **settings}
        self.out = open(f"{folder}/out", "w+", encoding="utf-8")
        self.log = open(f"{folder}/log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([BINARY, "serve"], env=environment, stdout=self.out, stderr=self.log)
        self.url = self.await_url(f"{folder}/out")

    def await_url(self, path):
        for _ in range(600):
            told = re.search(r"serves (http\S+)", Path(path).read_text(encoding="utf-8"))
            if told:
                return told[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the server is not there: {Path(self.log.name).read_text(encoding='utf-8')}")

    def ask(self, query, token):
        """The status and the answer."""
        headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        request = urllib.request.Request(
            f"{self.url}/graphql",
            data=json.dumps({"query": query}).encode(),
            headers={**headers, "Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def viewer(self, token):
        return self.ask("{ viewer { name role scope } }", token)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.out.close()
        self.log.close()


def with_claims(token, **changes):
    """The token with claims changed, under its old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    body = base64.urlsafe_b64encode(json.dumps({**claims, **changes}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


class Cognito(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        cls.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.moto.start()
        cls.addClassCleanup(cls.moto.stop)
        host, port = cls.moto.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        secrets = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        cognito = boto3.client("cognito-idp", region_name=REGION, endpoint_url=endpoint, **secrets)
        cls.pool, cls.other = Pool(cognito), Pool(cognito)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.server = Server(
            folder.name,
            {
                "OIDC_ISSUER": cls.pool.issuer,
                "OIDC_AUDIENCE": cls.pool.client,
                "OIDC_JWKS_URL": f"{endpoint}/{cls.pool.id}/.well-known/jwks.json",
                "OIDC_GROUPS": "park-staff=operator,park-heads=admin,acme=reader@Acme",
            },
        )
        cls.addClassCleanup(cls.server.stop)

    def refused(self, token, status, code):
        answered, answer = self.server.viewer(token)
        self.assertEqual((answered, answer["errors"][0]["extensions"]["code"]), (status, code), answer)

    def test_an_access_token_opens_what_its_groups_may(self):
        access, _ = self.pool.sign_in("maria", "park-staff", "others")
        status, answer = self.server.viewer(access)
        viewer = answer["data"]["viewer"]
        self.assertEqual((status, viewer["role"]), (200, "OPERATOR"))
        self.assertEqual(viewer["scope"], ["PARKS_READ", "READINGS_READ", "STATS_READ", "READINGS_WRITE"])
        self.assertRegex(viewer["name"], rf"^maria \(\S+ at cognito-idp\.{REGION}\.amazonaws\.com/{self.pool.id}\)$")

    def test_an_id_token_does_too(self):
        _, identity = self.pool.sign_in("ida", "park-heads")
        status, answer = self.server.viewer(identity)
        self.assertEqual((status, answer["data"]["viewer"]["role"]), (200, "ADMIN"))

    def test_a_token_without_a_group_that_is_known_is_forbidden(self):
        for name, groups in [("nobody", []), ("stranger", ["others", "admin"])]:
            access, identity = self.pool.sign_in(name, *groups)
            self.refused(access, 403, "FORBIDDEN")
            self.refused(identity, 403, "FORBIDDEN")

    def test_a_customer_that_does_not_exist_is_nobody(self):
        access, _ = self.pool.sign_in("ada", "acme", "park-heads")
        self.refused(access, 403, "FORBIDDEN")

    def test_a_token_of_another_program_of_the_pool_is_refused(self):
        for token in self.pool.sign_in("omar", "park-heads", client=self.pool.other_client()):
            self.refused(token, 401, "UNAUTHENTICATED")

    def test_a_token_of_another_pool_is_refused(self):
        for token in self.other.sign_in("eve", "park-heads"):
            self.refused(token, 401, "UNAUTHENTICATED")

    def test_a_token_that_was_changed_is_refused(self):
        access, _ = self.pool.sign_in("mallory", "others")
        for changes in [{"cognito:groups": ["park-heads"]}, {"exp": int(time.time()) + 10**8}]:
            self.refused(with_claims(access, **changes), 401, "UNAUTHENTICATED")


if __name__ == "__main__":
    if not BINARY.exists():
        sys.exit(f"{BINARY} is missing; cargo build makes it")
    unittest.main()
