// The HTTP interface of ratings: "GET /ratings/{sku}" and "GET /reviews/{sku}?most=".

import { readFileSync } from "node:fs";
import { Refusal, serve } from "../../libs/nodekit/serve.mjs";
import { rating, shown } from "./stars.mjs";

const kept = JSON.parse(readFileSync(new URL("./reviews.json", import.meta.url), "utf8"));

function reviewsOf(sku) {
  const found = kept[sku];
  if (found === undefined) throw new Refusal(404, `no product ${sku}`);
  return found;
}

function number(text) {
  if (!/^[1-9]\d?$/.test(text)) throw new Refusal(422, "most must be a number from 1 to 99");
  return Number(text);
}

serve({
  "GET /ratings/{sku}": ({ sku }) => ({ sku, ...rating(reviewsOf(sku)) }),
  "GET /reviews/{sku}": ({ sku }, query) => ({ sku, reviews: shown(reviewsOf(sku), number(query.get("most") ?? "5")) }),
});
