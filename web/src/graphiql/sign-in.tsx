import { type FormEvent, useState, useSyncExternalStore } from "react";
import type { Session } from "../session.ts";

/** The bar above GraphiQL: the form to sign in, or who is signed in. */
export function SignIn({ session }: { session: Session }) {
  const username = useSyncExternalStore(session.subscribe, session.username);
  return (
    <header className="session">
      <a className="home" href="/">
        energy-parks
      </a>
      {username === undefined ? <Form session={session} /> : <SignedIn session={session} username={username} />}
    </header>
  );
}

function Form({ session }: { session: Session }) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      await session.signIn(text(fields, "username"), text(fields, "password"));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} aria-label="Sign in">
      <label>
        Username <input name="username" autoComplete="username" required autoCapitalize="none" spellCheck={false} />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" disabled={busy}>
        Sign in
      </button>
      <output role="alert">{problem}</output>
    </form>
  );
}

function SignedIn({ session, username }: { session: Session; username: string }) {
  return (
    <p>
      Signed in as <strong>{username}</strong>{" "}
      <button type="button" onClick={() => void session.signOut().catch(() => undefined)}>
        Sign out
      </button>
    </p>
  );
}

function text(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}
