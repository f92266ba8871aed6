import "./workers.ts";
import "graphiql/style.css";
import "./page.css";
import { GraphiQL } from "graphiql";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Session } from "../session.ts";
import { firstQuery } from "./first-query.ts";
import { SignIn } from "./sign-in.tsx";

const session = new Session();
const query = firstQuery(new Date());

const root = document.getElementById("root");
if (root === null) {
  throw new Error("graphiql.html has no #root");
}
createRoot(root).render(
  <StrictMode>
    <SignIn session={session} />
    <GraphiQL
      fetcher={(call, options) => session.send(call, options?.headers)}
      defaultQuery={query}
      shouldPersistHeaders={false}
    />
  </StrictMode>,
);
