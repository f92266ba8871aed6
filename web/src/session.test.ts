import { expect, test } from "vitest";
import type { Answer, Call } from "./graphql.ts";
import { Session } from "./session.ts";

/** A server that gives tokens a1, a2, … of fifteen minutes, and notes what it was asked. */
function server() {
  const calls: Call[] = [];
  const state = { now: 0, refuse: undefined as string | undefined, calls };
  let tokens = 0;
  async function call<Data>(call: Call): Promise<Answer<Data>> {
    calls.push(call);
    await Promise.resolve();
    if (state.refuse !== undefined) {
      return { data: null, errors: [{ message: "no", extensions: { code: state.refuse } }] };
    }
    tokens += 1;
    const token = { accessToken: `a${tokens}`, expiresIn: 900, refreshToken: `r${tokens}` };
    return { data: { token } as Data };
  }
  return { state, session: new Session(call, () => state.now) };
}

test("a token is kept until a minute before its end, then renewed", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  state.now = 839_999;
  expect(await session.accessToken()).toBe("a1");
  state.now = 840_000;
  expect(await session.accessToken()).toBe("a2");
  expect(state.calls[1]?.variables).toEqual({ refreshToken: "r1" });
  expect(session.username()).toBe("ada");
});

test("requests that come together use a refresh token once", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  state.now = 900_000;
  const tokens = await Promise.all([session.accessToken(), session.accessToken(), session.accessToken()]);
  expect(tokens).toEqual(["a2", "a2", "a2"]);
  expect(state.calls).toHaveLength(2);
});

test("a refused refresh token signs out", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  state.now = 900_000;
  state.refuse = "UNAUTHENTICATED";
  expect(await session.accessToken()).toBeUndefined();
  expect(session.username()).toBeUndefined();
});

test("a server that is down for a moment signs nobody out", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  state.now = 900_000;
  state.refuse = "UNAVAILABLE";
  await expect(session.accessToken()).rejects.toThrow("no");
  state.refuse = undefined;
  expect(await session.accessToken()).toBe("a2");
});

test("a wrong password throws the server's sentence and signs nobody in", async () => {
  const { state, session } = server();
  state.refuse = "UNAUTHENTICATED";
  await expect(session.signIn("ada", "wrong")).rejects.toThrow("no");
  expect(session.username()).toBeUndefined();
});

test("signing out forgets at once and tells the server", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  const out = session.signOut();
  expect(session.username()).toBeUndefined();
  await out;
  expect(state.calls[1]?.variables).toEqual({ refreshToken: "r1" });
  expect(await session.accessToken()).toBeUndefined();
});

test("signing out during a renewal stays signed out", async () => {
  const { state, session } = server();
  await session.signIn("ada", "secret");
  state.now = 900_000;
  const token = session.accessToken();
  const out = session.signOut();
  expect(await token).toBeUndefined();
  await out;
  expect(session.username()).toBeUndefined();
});
