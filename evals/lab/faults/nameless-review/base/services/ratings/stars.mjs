// What customers think of a product.

/** Fewer stars than this many reviews say nothing. */
export const ENOUGH = 3;

/** The average of the stars, to one place, and how many reviews there are; the average is null below ENOUGH. */
export function rating(reviews) {
  const sum = reviews.reduce((total, review) => total + review.stars, 0);
  const average = reviews.length < ENOUGH ? null : Math.round((10 * sum) / reviews.length) / 10;
  return { stars: average, reviews: reviews.length };
}

/** The newest reviews first, with the author's initials only. */
export function shown(reviews, most) {
  const newest = [...reviews].sort((one, other) => other.on.localeCompare(one.on));
  return newest.slice(0, most).map((review) => ({ ...review, author: initials(review.author) }));
}

/** "Ada Lovelace" as "A. L."; a review without a name is anonymous. */
export function initials(author) {
  return author
    .split(" ")
    .map((part) => `${part[0]}.`)
    .join(" ");
}
