// GraphiQL as a person uses it: in a browser, with every request that leaves the server blocked and counted a failure.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ADMIN_USERNAME, SERVER_URL, adminPassword } from "../server.mjs";

const LIMIT = { timeout: 60_000 };
let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ].concat(["--disable-component-update", "--disable-sync"]),
  });
});

after(async () => {
  await browser?.close();
});

/** A page whose troubles are gathered: what it asked of others, what failed, what it wrote to the console as an error. */
async function open(path) {
  const troubles = [];
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${SERVER_URL}/`)) {
      return route.continue();
    }
    troubles.push(`asked elsewhere: ${url}`);
    return route.abort();
  });
  page.on("console", (message) => {
    if (message.type() === "error") {
      troubles.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => troubles.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) {
      troubles.push(`${response.status()}: ${response.url()}`);
    }
  });
  await page.goto(`${SERVER_URL}${path}`, { waitUntil: "load" });
  return { page, troubles, close: () => context.close() };
}

async function signIn(page, password) {
  await page.getByLabel("Username").fill(ADMIN_USERNAME);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Runs the query in the editor and answers with what the response pane shows. */
async function run(page) {
  const answered = page.waitForResponse((response) => {
    const sent = response.request().postData() ?? "";
    return response.url().endsWith("/graphql") && sent.includes("latestReading");
  });
  await page.getByRole("button", { name: /Execute query/ }).click();
  const answer = await (await answered).json();
  const shown = page.locator(".graphiql-response .view-lines");
  await shown.filter({ hasText: answer.errors ? "errors" : "data" }).waitFor();
  return answer;
}

test("the first query answers after signing in, and nothing outside the server is asked", LIMIT, async () => {
  const { page, troubles, close } = await open("/graphiql");
  await page.locator(".graphiql-query-editor .view-lines").filter({ hasText: "latestReading" }).waitFor();
  await signIn(page, adminPassword());
  await page.getByText(`Signed in as ${ADMIN_USERNAME}`).waitFor();

  const answer = await run(page);
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  assert.ok(answer.data.parks.nodes.length > 0, "there are parks");
  assert.ok(answer.data.parks.nodes[0].stats.length > 0, "the last week has stats");
  const shown = await page.locator(".graphiql-response .view-lines").innerText();
  assert.match(shown.replaceAll("\u00a0", " "), /"parks"/);

  // The language service runs in a worker and knows the schema: the documentation shows it too.
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByText("Root Types").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  const refused = await run(page);
  assert.equal(refused.errors[0].extensions.code, "UNAUTHENTICATED");
  assert.deepEqual(troubles, []);
  await close();
});

test("a wrong password is told in the form", LIMIT, async () => {
  const { page, troubles, close } = await open("/graphiql");
  await signIn(page, "not the password");
  await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  assert.equal(await page.getByText("Signed in as").count(), 0);
  assert.deepEqual(troubles, []);
  await close();
});

test("the landing page leads to GraphiQL and the schema, without any script", LIMIT, async () => {
  const { page, troubles, close } = await open("/");
  assert.equal(await page.locator("script").count(), 0);
  assert.equal(await page.getByRole("link", { name: "schema.graphql" }).getAttribute("href"), "/schema.graphql");
  await page.getByRole("link", { name: "GraphiQL" }).click();
  await page.getByRole("button", { name: /Execute query/ }).waitFor();
  assert.deepEqual(troubles, []);
  await close();
});
