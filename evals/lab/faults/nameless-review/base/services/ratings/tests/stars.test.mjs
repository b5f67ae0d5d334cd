// Ratings and reviews, without a server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { initials, rating, shown } from "../stars.mjs";

const review = (stars, on, author = "Ada Lovelace") => ({ stars, on, author, text: "fine" });

test("the average has one place", () => {
  assert.deepEqual(rating([review(5), review(4), review(4)]), { stars: 4.3, reviews: 3 });
});

test("too few reviews have no average", () => {
  assert.deepEqual(rating([review(5), review(4)]), { stars: null, reviews: 2 });
  assert.deepEqual(rating([]), { stars: null, reviews: 0 });
});

test("the newest reviews come first, up to a number", () => {
  const found = shown([review(1, "2024-01-01"), review(2, "2025-01-01"), review(3, "2024-06-01")], 2);
  assert.deepEqual(
    found.map((one) => one.stars),
    [2, 3],
  );
});

test("nobody's name is shown in full", () => {
  assert.equal(initials("Ada Lovelace"), "A. L.");
});
