import { type Answer, type Call, send } from "./graphql.ts";

interface Token {
  accessToken: string;
  expiresIn: number;
  refreshToken: string | null;
}

interface Signed {
  username: string;
  accessToken: string;
  refreshToken: string | null;
  /** When to ask for the next access token, in milliseconds since 1970. */
  renewAt: number;
}

const TOKEN = "accessToken expiresIn refreshToken";
const LOGIN = `mutation SignIn($username: String!, $password: String!) {
  token: login(username: $username, password: $password) { ${TOKEN} }
}`;
const REFRESH = `mutation Renew($refreshToken: String!) { token: refreshToken(refreshToken: $refreshToken) { ${TOKEN} } }`;
const LOGOUT = `mutation SignOut($refreshToken: String!) { logout(refreshToken: $refreshToken) }`;

/** A token is renewed this long before it ends, so that no request is on its way with an ended one. */
const MARGIN_MS = 60_000;

/** Who is signed in, in memory alone: closing the page forgets it, and no other page can read it. */
export class Session {
  #signed: Signed | undefined;
  #renewal: Promise<void> | undefined;
  #listeners = new Set<() => void>();
  #call: typeof send;
  #now: () => number;

  constructor(call: typeof send = send, now: () => number = Date.now) {
    this.#call = call;
    this.#now = now;
  }

  /** The name of who is signed in. */
  readonly username = (): string | undefined => this.#signed?.username;

  /** Calls back whenever somebody signs in or out; the answer ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Signs in, or throws the server's sentence. */
  async signIn(username: string, password: string): Promise<void> {
    this.#keep(username, token(await this.#call({ query: LOGIN, variables: { username, password } })));
  }

  /** Signs out here at once, and at the server as far as it can be reached. */
  async signOut(): Promise<void> {
    const refreshToken = this.#signed?.refreshToken;
    this.#forget();
    if (refreshToken != null) {
      await this.#call({ query: LOGOUT, variables: { refreshToken } });
    }
  }

  /** A token that is good for the next minute, or none when nobody is signed in. */
  async accessToken(): Promise<string | undefined> {
    if (this.#signed !== undefined && this.#now() >= this.#signed.renewAt && this.#signed.refreshToken !== null) {
      // A refresh token is good for one use: requests that come together share it.
      this.#renewal ??= this.#renew(this.#signed, this.#signed.refreshToken).finally(() => {
        this.#renewal = undefined;
      });
      await this.#renewal;
    }
    return this.#signed?.accessToken;
  }

  /** Sends a call in the name of who is signed in. */
  async send<Data>(call: Call, headers?: Record<string, string>): Promise<Answer<Data>> {
    return this.#call<Data>(call, await this.accessToken(), headers);
  }

  async #renew(old: Signed, refreshToken: string): Promise<void> {
    const answer = await this.#call<{ token: Token }>({ query: REFRESH, variables: { refreshToken } });
    if (this.#signed !== old) {
      return; // signed out, or in again, meanwhile
    }
    if (answer.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED")) {
      this.#forget();
      return;
    }
    this.#keep(old.username, token(answer));
  }

  #keep(username: string, { accessToken, expiresIn, refreshToken }: Token): void {
    // At least half of its time, should a token be shorter than the margin.
    const goodFor = Math.max(expiresIn * 1000 - MARGIN_MS, expiresIn * 500);
    this.#signed = { username, accessToken, refreshToken, renewAt: this.#now() + goodFor };
    this.#tell();
  }

  #forget(): void {
    this.#signed = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

function token(answer: Answer): Token {
  const data = answer.data as { token?: Token } | null | undefined;
  if (answer.errors?.[0] !== undefined || data?.token === undefined) {
    throw new Error(answer.errors?.[0]?.message ?? "The server gave no token");
  }
  return data.token;
}
