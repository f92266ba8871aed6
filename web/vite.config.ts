import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// One HTML file a page: a page loads only what it needs, and the next one is a line here and a route in the server.
export default defineConfig({
  plugins: [react()],
  build: {
    // The server's Content-Security-Policy admits no inline script and no data: URL but fonts and images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco alone is larger than the limit at which Vite warns.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      // GraphiQL's files carry notes to a compiler that does not run here.
      checks: { moduleLevelDirective: false },
      input: { index: page("index.html"), graphiql: page("graphiql.html") },
    },
  },
  server: {
    // `npm run dev` beside `energy-parks serve`.
    proxy: { "/graphql": "http://127.0.0.1:8000", "/schema.graphql": "http://127.0.0.1:8000" },
  },
});
