'use strict';
const fs = require('node:fs');
const util = require('node:util');
const vm = require('node:vm');
const prices = require('./prices.js');

class Refused extends Error {
  constructor(message, options) { super(message, options); this.name = 'Refused'; this.code = 'E_REFUSED'; }
}

function cause() {
  try { prices.total([{ price: { cents: 3 } }, {}]); } catch (error) { throw new Refused('no price for "tea"', { cause: error }); }
}

function deep() {
  try { cause(); } catch (error) { throw new Error('order 17', { cause: error }); }
}

async function later() { await null; return prices.total([{}]); }
async function outer() { return (await later()) + 1; }

const cases = {
  cause,
  deep,
  plain() { prices.total([{}]); },
  async async() { await outer(); },
  async all() { await Promise.all([outer(), later()]); },
  async any() { await Promise.any([later(), later()]); },
  evaluated() { eval('prices.total([{}])'); },
  virtual() { vm.runInNewContext('f()', { f: cause }, 'rules/one.js'); },
  method() { new (class Cart { get sum() { return prices.total([{}]); } })().sum; },
  constructed() { new (class Cart { constructor() { prices.total([{}]); } })(); },
  native() { [1].map(function each() { return [{}].map(prices.price); }); },
  json() { JSON.parse('{"a": tea}'); },
  file() { fs.readFileSync('/none/such'); },
  code() { fs.readFileSync(17.5); },
  lines() { throw new TypeError('first line\nsecond: line'); },
  empty() { throw new RangeError(); },
  text() { throw 'only a text'; },
  syntax() { require('./broken.js'); },
  overflow() { (function down(number) { return down(number + 1) + 1; })(0); },
  logged() { try { cause(); } catch (error) { console.error('request failed', error); } },
  stack() { try { deep(); } catch (error) { console.error(error.stack); } },
  json_line() { try { deep(); } catch (error) { console.error(JSON.stringify({ level: 'error', err: { type: error.name, message: error.message, stack: error.stack } })); } },
  inspected() { console.error(util.inspect({ error: new Refused('inside') })); },
  module() { import('./module.mjs'); },
  timer() { setTimeout(function tick() { prices.total([{}]); }, 1); },
};
cases[process.argv[2]]();
