// Serves routes over HTTP: health, metrics, a count, a span and, when it goes wrong, a log line for every request.

import { createServer } from "node:http";
import { answered, begin, exposition, log } from "./telemetry.mjs";

/** What a handler throws on purpose: the status of the answer and its message. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Serve handlers by route, such as "GET /ratings/{sku}"; each gets the values of the route's names and the query. */
export function serve(routes) {
  const compiled = Object.entries(routes).map(([route, handler]) => ({ route, handler, pattern: patternOf(route) }));
  const server = createServer((request, response) => answer(compiled, request, response));
  server.keepAliveTimeout = 75_000;
  server.listen(Number(process.env.PORT), "127.0.0.1");
  log("info", "nodekit.serve", "started", { root: process.cwd() });
  process.on("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
  return server;
}

function patternOf(route) {
  const [method, path] = route.split(" ");
  return new RegExp(`^${method} ${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

async function answer(compiled, request, response) {
  const url = new URL(request.url, "http://service");
  if (url.pathname === "/healthz") return send(response, 200, { status: "ok" });
  if (url.pathname === "/metrics") return response.writeHead(200, { "content-type": "text/plain" }).end(exposition());
  const span = begin(request.headers.traceparent);
  const began = process.hrtime.bigint();
  let [route, status, body] = [`${request.method} *`, 404, { error: "not found" }];
  try {
    for (const item of compiled) {
      const found = item.pattern.exec(`${request.method} ${url.pathname}`);
      if (!found) continue;
      route = item.route;
      [status, body] = [200, await item.handler(found.groups ?? {}, url.searchParams)];
    }
  } catch (error) {
    [status, body] = error instanceof Refusal ? [error.status, { error: error.message }] : [500, { error: "internal error" }];
    if (status === 500) log("error", "nodekit.serve", `${route} failed: ${error.message}`, { ...span, route, status }, error);
  }
  send(response, status, body);
  answered(span, route, status, Number(process.hrtime.bigint() - began) / 1e9);
}

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
