// The server under test, as the environment names it, and the admin's way in.

function setting(name, otherwise) {
  const value = process.env[name] ?? otherwise;
  if (value === undefined || value === "") {
    console.error(`${name} is not set; tests/README.md says how these tests are run`);
    process.exit(2);
  }
  return value;
}

export const SERVER_URL = setting("SERVER_URL").replace(/\/$/, "");
export const GRAPHQL_URL = `${SERVER_URL}/graphql`;
export const ADMIN_USERNAME = setting("ADMIN_USERNAME", "admin");
export const adminPassword = () => setting("ADMIN_PASSWORD");

/** Signs in as the admin and answers with the access token. */
export async function signIn() {
  const response = await fetch(GRAPHQL_URL, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({
      query:
        "mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { accessToken } }",
      variables: { username: ADMIN_USERNAME, password: adminPassword() },
    }),
  });
  const answer = await response.json();
  if (!answer.data?.login) {
    throw new Error(`signing in failed: ${JSON.stringify(answer)}`);
  }
  return answer.data.login.accessToken;
}
