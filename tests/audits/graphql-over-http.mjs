// The server audits of graphql-http, the reference implementation of GraphQL over HTTP. Each must pass, SHOULDs too.
import { serverAudits } from "graphql-http";
import { GRAPHQL_URL } from "../server.mjs";

const EXPECTED = 61;
const audits = serverAudits({ url: GRAPHQL_URL });
let passed = 0;
let failed = audits.length === EXPECTED ? 0 : 1;
if (failed > 0) {
  console.error(`there are ${audits.length} audits, not ${EXPECTED}: read the new ones and change the number`);
}
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") {
    passed += 1;
  } else {
    failed += 1;
    console.error(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
  }
}
console.log(`audits: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
