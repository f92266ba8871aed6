// Clients that take their time: each attack holds its connections until the server hangs up, or for as long as it
// says it waits.

import { connect } from "node:net";

import { SERVER_URL } from "../server.mjs";

const MANY = 300;
/** The server waits 30 s for a head, a body or a sign of life; a little more, for a busy machine. */
const PATIENCE = 60_000;
const LARGE = 31_000_000;
const DRIP = 1_000;

const { hostname, port } = new URL(SERVER_URL);

/** Opens a connection, sends a beginning and then a byte a second; answers with what became of it. */
function trickle(beginning, drip) {
  return new Promise((done) => {
    let answer = "";
    let dripping;
    const socket = connect(Number(port), hostname, () => {
      socket.write(beginning);
      dripping = setInterval(() => socket.write(drip), DRIP);
    });
    const end = (how) => {
      clearInterval(dripping);
      clearTimeout(patience);
      socket.destroy();
      done(answer === "" ? how : answer.slice(9, 12));
    };
    const patience = setTimeout(() => end("held"), PATIENCE);
    socket.on("data", (data) => (answer += data));
    socket.on("close", () => end("closed"));
    socket.on("error", () => end("closed"));
  });
}

/** Twelve bodies of 31 MB that lack their last byte. */
async function manyLarge(head) {
  const beginning = `${head}Content-Length: ${LARGE + 1}\r\n\r\n${" ".repeat(LARGE)}`;
  const ends = await Promise.all(Array.from({ length: 12 }, () => trickle(beginning, "")));
  return [...new Set(ends)].sort().join(", ");
}

/** Opens a connection, sends a beginning and then nothing; answers with whether the server hung up. */
function silent(beginning) {
  return new Promise((done) => {
    const socket = connect(Number(port), hostname, () => socket.write(beginning));
    const end = (how) => {
      clearTimeout(patience);
      socket.destroy();
      done(how);
    };
    const patience = setTimeout(() => end("held"), PATIENCE);
    socket.on("data", () => {});
    socket.on("close", () => end("closed"));
    socket.on("error", () => end("closed"));
  });
}

async function manySilent(beginnings) {
  const each = MANY / beginnings.length;
  const ends = await Promise.all(beginnings.flatMap((beginning) => Array.from({ length: each }, () => silent(beginning))));
  return [...new Set(ends)].sort().join(", ");
}

async function many(beginning, drip) {
  const ends = await Promise.all(Array.from({ length: MANY }, () => trickle(beginning, drip)));
  return [...new Set(ends)].sort().join(", ");
}

export function slow(token) {
  const head = `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n`;
  const bearer = `Authorization: Bearer ${token}\r\n`;
  const upgrade =
    `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
  const nothing = ["", "G", "PRI * HT", preface, `${preface}\0\0\x01\x01\0\0\0\0\x01\x82`];
  return [
    { name: `${MANY} connections that ask nothing`, wanted: /^closed$/, send: () => manySilent(nothing.map((text) => Buffer.from(text, "latin1"))) },
    { name: `${MANY} heads that do not end`, wanted: /^(closed|408)(, 408)?$/, send: () => many(head, "X-A: b\r\n") },
    { name: `${MANY} bodies that do not end`, wanted: /^408$/, send: () => many(`${head}Content-Length: 100000\r\n\r\n{`, " ") },
    {
      name: `${MANY} bodies of a signed-in user that do not end`,
      wanted: /^(408|429)(, 429)?$/,
      send: () => many(`${head}${bearer}Content-Length: 10000000\r\n\r\n{`, " "),
    },
    {
      name: "12 bodies of 31 MB of a signed-in user that do not end",
      wanted: /^(408, )?(429, )?503(, closed)?$/,
      send: () => manyLarge(head + bearer),
    },
    { name: `${MANY} WebSockets that say nothing`, wanted: /^(400|426|429|closed)(, 429)?$/, send: () => many(upgrade, "\x89\x00") },
  ];
}
