import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["SALON_DEV_SERVER"] ?? "http://localhost:8800";

export default defineConfig({
  plugins: [react()],
  build: {
    // Salon serves the build itself, from inside its Python package.
    outDir: "../src/salon/web_dist",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    // The content policy admits no data: URLs for scripts and fonts; nothing is inlined.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
  },
});
