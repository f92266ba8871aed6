// Loads one CSV of ten million readings into SQLite and into PostgreSQL, while a reader queries a running server.
//
//   make bench                 both databases; PostgreSQL where TEST_POSTGRES_URL or a local server is to be had
//   ROWS=1000000 make bench    fewer rows
//
// Prints rows a second, the peak memory of the load, how the reader fared beside it and without it, and what
// PostgreSQL's own COPY does with the same rows, one a reading: figures of one machine mean something as ratios alone.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const binary = "target/release/energy-parks";
const folder = "target/bench";
const rows = Number(process.env.ROWS ?? 10_000_000);
const days = Math.ceil(rows / 1440);
const park = "Lauwersmeer Wind";
const files = `${folder}/rows-${rows}`;
const file = `${files}/readings/${park}.csv`;
const password = "a password for the bench";

function run(arguments_, settings) {
  const done = spawnSync(binary, arguments_, { env: { ...process.env, RUST_LOG: "warn", ...settings }, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${arguments_.join(" ")}: ${done.stderr}${done.stdout}`);
  return done.stdout;
}

/** Runs a command to its end; its seconds and peak resident memory in MiB. */
async function measured(arguments_, settings) {
  const begun = performance.now();
  const child = spawn(binary, arguments_, { env: { ...process.env, RUST_LOG: "warn", ...settings } });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
      peak = Math.max(peak, Number(kilobytes ?? 0) / 1024);
    } catch {
      // It has just ended.
    }
  }, 20);
  const status = await new Promise((done) => child.on("close", done));
  clearInterval(watch);
  if (status !== 0) throw new Error(`${arguments_.join(" ")}: ${output}`);
  return { seconds: (performance.now() - begun) / 1000, peak, output };
}

async function ask(url, token, query, variables) {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const question = `{ parks(first: 12) { nodes { name latestReading { megawatts }
  stats(dates: { from: "2024-01-01", until: "2024-01-08" }) { date mean energyMwh } } } }`;

/** Asks one question after the other until told to stop; their times in milliseconds, in order of size. */
function reader(url, token) {
  const times = [];
  let going = true;
  const asking = (async () => {
    while (going) {
      const begun = performance.now();
      await ask(url, token, question);
      times.push(performance.now() - begun);
      await wait(5);
    }
  })();
  return async () => {
    going = false;
    await asking;
    return times.sort((a, b) => a - b);
  };
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const told = (times) =>
  `${times.length} answers, median ${at(times, 0.5).toFixed(1)} ms, p99 ${at(times, 0.99).toFixed(1)} ms, slowest ${times.at(-1).toFixed(0)} ms`;

async function bench(name, url, settings, port) {
  const own = { DATABASE_URL: url, LISTEN: `127.0.0.1:${port}`, ADMIN_PASSWORD: password, ...settings };
  run(["migrate", "up"], own);
  run(["load", "parks", `${folder}/beside/parks.csv`], own);
  run(["load", "readings", `${folder}/beside/readings`], own);
  const server = spawn(binary, ["serve"], { env: { ...process.env, RUST_LOG: "warn", RATE_LIMIT: "0", ...own }, stdio: ["ignore", "ignore", "inherit"] });
  try {
    const base = `http://127.0.0.1:${port}`;
    for (let tries = 0; tries < 100 && !(await fetch(`${base}/readyz`).catch(() => undefined))?.ok; tries++) await wait(100);
    const login = "mutation($p: String!) { login(username: \"admin\", password: $p) { accessToken } }";
    const token = (await ask(base, undefined, login, { p: password })).login.accessToken;

    const alone = reader(base, token);
    await wait(3000);
    const before = await alone();
    const beside = reader(base, token);
    const load = await measured(["load", "readings", file, "--park", park, "--json"], own);
    const during = await beside();
    const [report] = JSON.parse(load.output);
    const again = await measured(["load", "readings", file, "--park", park, "--json"], own);
    const [repeated] = JSON.parse(again.output);
    if (report.status !== "LOADED" || repeated.unchanged !== report.inserted) throw new Error(load.output + again.output);

    const rate = report.inserted / load.seconds;
    const megabytes = statSync(file).size / 1024 / 1024;
    console.log(`${name}`);
    console.log(`  first load   ${report.inserted} rows in ${load.seconds.toFixed(1)} s: ${Math.round(rate)} rows/s; peak ${load.peak.toFixed(0)} MiB, ${(load.peak / megabytes).toFixed(2)} of the file`);
    console.log(`  same again   ${again.seconds.toFixed(1)} s, ${(again.seconds / load.seconds).toFixed(2)} of the first; peak ${again.peak.toFixed(0)} MiB`);
    console.log(`  reader alone ${told(before)}`);
    console.log(`  beside load  ${told(during)}; median ${(at(during, 0.5) / at(before, 0.5)).toFixed(1)} times, p99 ${(at(during, 0.99) / at(before, 0.99)).toFixed(1)} times`);
    return rate;
  } finally {
    server.kill("SIGTERM");
    await new Promise((done) => server.on("close", done));
  }
}

/** PostgreSQL's own way: COPY into a table of one row a reading with a primary key. Rows a second, if psql is there. */
function copy(url) {
  const table = "CREATE TABLE reading (park int DEFAULT 1, at timestamptz, mw double precision, PRIMARY KEY (park, at))";
  const psql = (command) => spawnSync("psql", ["-q", "-v", "ON_ERROR_STOP=1", url, "-c", command], { encoding: "utf8" });
  if (psql(table).status !== 0) return undefined;
  const begun = performance.now();
  const done = psql(`\\copy reading (at, mw) FROM '${file}' CSV HEADER`);
  if (done.status !== 0) throw new Error(done.stderr);
  return rows / ((performance.now() - begun) / 1000);
}

mkdirSync(folder, { recursive: true });
if (!existsSync(file)) run(["generate", files, "--parks", "1", "--days", `${days}`, "--interval", "1m", "--from", "2000-01-01"]);
// What the reader asks for: twelve parks in January 2024. The load fills one of them from 2000 on, up to 2019 at most.
run(["generate", `${folder}/beside`, "--parks", "12", "--days", "31", "--seed", "2"]);

rmSync(`${folder}/sqlite`, { recursive: true, force: true });
await bench("SQLite", `sqlite://${folder}/sqlite/parks.db`, {}, 18_231);

const cluster = process.env.TEST_POSTGRES_URL;
if (!cluster) {
  console.log("PostgreSQL: none to be had; set TEST_POSTGRES_URL");
} else {
  const base = cluster.slice(0, cluster.lastIndexOf("/"));
  const database = (name) => {
    const made = spawnSync("psql", ["-q", cluster, "-c", `DROP DATABASE IF EXISTS ${name}`, "-c", `CREATE DATABASE ${name}`], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(made.stderr ?? "psql is missing; install it with: sudo apt-get install postgresql-client");
    return `${base}/${name}`;
  };
  const key = `${folder}/sqlite/parks.jwt.pem`;
  const rate = await bench("PostgreSQL", database("bench"), { JWT_PRIVATE_KEY_FILE: key }, 18_232);
  const own = copy(database("bench_copy"));
  if (own) console.log(`  COPY of the same rows, one a reading: ${Math.round(own)} rows/s; the load is ${(rate / own).toFixed(1)} times as fast`);
}
