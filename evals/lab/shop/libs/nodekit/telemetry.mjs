// Logs, spans and metrics as the other services write them: JSON lines, and the text format of Prometheus.

import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";

const SERVICE = process.env.SERVICE_NAME ?? "service";
const VERSION = process.env.SERVICE_VERSION ?? "dev";
const SAMPLE = Number(process.env.TRACE_SAMPLE ?? "0.2");
const BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5];

const requests = new Map(); // "route status" to how many
const seconds = new Map(); // route to { counts, sum }

function write(file, line) {
  const text = JSON.stringify(line) + "\n";
  if (file) appendFileSync(file, text);
  else process.stderr.write(text);
}

/** One log line; an error comes with its whole stack, as the runtime prints it. */
export function log(level, logger, message, fields = {}, error = undefined) {
  const line = { ts: new Date().toISOString(), level, service: SERVICE, version: VERSION, logger, message };
  line.trace_id = fields.trace_id ?? "";
  line.span_id = fields.span_id ?? "";
  for (const key of ["route", "status", "root"]) if (fields[key]) line[key] = fields[key];
  if (error) line.exception = { type: error.name, message: error.message, stack: stackOf(error) };
  write(process.env.LOG_FILE, line);
}

/** The stack with those of its causes below it. */
function stackOf(error) {
  const below = error.cause instanceof Error ? `\n[cause]: ${stackOf(error.cause)}` : "";
  return `${error.stack}${below}`;
}

/** A span that goes on with the caller's trace, or begins one. */
export function begin(traceparent) {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "");
  const sampled = found ? (parseInt(found[3], 16) & 1) === 1 : Math.random() < SAMPLE;
  const traceId = found ? found[1] : randomBytes(16).toString("hex");
  return { trace_id: traceId, span_id: randomBytes(8).toString("hex"), parent_id: found ? found[2] : null, sampled, start: new Date() };
}

/** Count an answer, and write its span when its trace is recorded. */
export function answered(span, route, status, took) {
  const key = `${route}\n${status}`;
  requests.set(key, (requests.get(key) ?? 0) + 1);
  const times = seconds.get(route) ?? { counts: BUCKETS.map(() => 0), all: 0, sum: 0 };
  BUCKETS.forEach((bound, index) => (times.counts[index] += took <= bound ? 1 : 0));
  times.all += 1;
  times.sum += took;
  seconds.set(route, times);
  if (!span.sampled || !process.env.SPAN_FILE) return;
  write(process.env.SPAN_FILE, {
    trace_id: span.trace_id,
    span_id: span.span_id,
    parent_id: span.parent_id,
    service: SERVICE,
    version: VERSION,
    name: route,
    kind: "server",
    start: span.start.toISOString(),
    duration_ms: Math.round(took * 1e6) / 1e3,
    error: status >= 500,
    peer: null,
    status,
  });
}

/** Everything in the text format. */
export function exposition() {
  const own = `service="${SERVICE}",version="${VERSION}"`;
  const lines = ["# TYPE http_requests_total counter"];
  for (const [key, count] of requests) {
    const [route, status] = key.split("\n");
    lines.push(`http_requests_total{${own},route="${route}",status="${status}"} ${count}`);
  }
  lines.push("# TYPE http_request_duration_seconds histogram");
  for (const [route, times] of seconds) {
    const labels = `${own},route="${route}"`;
    BUCKETS.forEach((bound, index) =>
      lines.push(`http_request_duration_seconds_bucket{${labels},le="${bound}"} ${times.counts[index]}`),
    );
    lines.push(`http_request_duration_seconds_bucket{${labels},le="+Inf"} ${times.all}`);
    lines.push(`http_request_duration_seconds_count{${labels}} ${times.all}`);
    lines.push(`http_request_duration_seconds_sum{${labels}} ${times.sum}`);
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  lines.push("# TYPE process_cpu_seconds_total counter", `process_cpu_seconds_total{${own}} ${(user + system) / 1e6}`);
  lines.push("# TYPE process_resident_memory_bytes gauge", `process_resident_memory_bytes{${own}} ${rss}`);
  lines.push("# TYPE nodejs_heap_size_used_bytes gauge", `nodejs_heap_size_used_bytes{${own}} ${heapUsed}`);
  return lines.join("\n") + "\n";
}
