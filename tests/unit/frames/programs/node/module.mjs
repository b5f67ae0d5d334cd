import prices from './prices.js';

export default async function start() {
  await null;
  prices.total([{}]);
}

await start();
