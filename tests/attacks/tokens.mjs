// Tokens that the server did not give out, or not like this.

import { createHmac, generateKeyPairSync, sign } from "node:crypto";

import { SERVER_URL } from "../server.mjs";
import { post } from "./ask.mjs";

const REFUSED = /^401 UNAUTHENTICATED$/;
const VIEWER = { query: "{ viewer { name } }" };

const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decoded = (text) => JSON.parse(Buffer.from(text, "base64url").toString("utf8"));

export function tokens(token) {
  const [head, claims, signature] = token.split(".");
  const [header, payload] = [decoded(head), decoded(claims)];
  const own = generateKeyPairSync("ed25519");
  const signed = (header, payload) => {
    const text = `${encoded(header)}.${encoded(payload)}`;
    return `${text}.${sign(null, Buffer.from(text), own.privateKey).toString("base64url")}`;
  };
  const forged = (name, text) => ({ name, wanted: REFUSED, send: async () => post(VIEWER, await text()) });
  const later = { ...payload, exp: payload.exp + 1_000_000 };
  return [
    forged("a token with alg none", () => `${encoded({ ...header, alg: "none" })}.${claims}.`),
    forged("a token with alg None and the signature", () => `${encoded({ ...header, alg: "None" })}.${claims}.${signature}`),
    forged("a token signed by HS256 with the public key", async () => {
      const { keys } = await (await fetch(`${SERVER_URL}/.well-known/jwks.json`)).json();
      const text = `${encoded({ ...header, alg: "HS256" })}.${claims}`;
      return `${text}.${createHmac("sha256", Buffer.from(keys[0].x, "base64url")).update(text).digest("base64url")}`;
    }),
    forged("a token that lives longer", () => `${head}.${encoded(later)}.${signature}`),
    forged("a token of another user", () => `${head}.${encoded({ ...payload, sub: "2" })}.${signature}`),
    forged("a token with more scope", () => `${head}.${encoded({ ...payload, scope: "admin" })}.${signature}`),
    forged("a token without its signature", () => `${head}.${claims}.`),
    forged("a token with half its signature", () => `${head}.${claims}.${signature.slice(0, 40)}`),
    forged("a token by another key with the server's kid", () => signed(header, payload)),
    forged("a token by another key with its own kid", () => signed({ ...header, kid: "mine" }, payload)),
    forged("a token that brings its key", () => signed({ ...header, jwk: own.publicKey.export({ format: "jwk" }) }, payload)),
    forged("a token that says where its key is", () => signed({ ...header, jku: "http://127.0.0.1:1/keys" }, payload)),
    forged("a token whose kid is a path", () => signed({ ...header, kid: "../../dev/null" }, payload)),
    forged("a token whose kid is SQL", () => signed({ ...header, kid: "' OR 1=1 --" }, payload)),
    forged("a token with a critical extension", () => signed({ ...header, crit: ["x"], x: 1 }, payload)),
    forged("a token of five parts", () => `${token}.x.y`),
    forged("a token that is text", () => "let-me-in"),
    forged("an API key that nobody has", () => "ep_000000000000_x"),
    { name: "a token of 100 kB", wanted: /^4(01|31)/, send: () => post(VIEWER, "x".repeat(100_000)) },
    {
      name: "two credentials at once",
      wanted: /^4\d\d /,
      send: () => post(VIEWER, token, { "x-api-key": "ep_000000000000_x" }),
    },
  ];
}
