"""Pieces of code that a patch may bring: what is changed in place, and what is known of classes and values."""

KNOWN = r"""
Bare()
Lower()
Wrong(order)
Row(order)
Made()
Kept()
Part()
Sending(order)
Below()
Plain(order)
Missing(order)
raise Wrong(order)
raise Wrong
raise Sending
raise Missing(order)
isinstance(order, (Sending, Made))
sorted(order, key=Bare)
sorted(order, key=Bare().doubled)
Bare().doubled(order)
Bare().doubled(client)
made = Bare(); made.doubled(client)
list(map(Bare().doubled, [client]))
made = Bare(); made.doubled(order)
made = Bare() if order else Lower(); made.doubled(order)
made = Lower(); made.doubled(order)
made = Bare(); made.unit
subprocess.TimeoutExpired
isinstance(order, subprocess.TimeoutExpired)
raise subprocess.TimeoutExpired(1, 2)
subprocess.TimeoutExpired(1, 2)
stock.LIMIT
stock.find
match order: case Bare(unit=key): pass
match order: case Bare(line=key): pass
match order: case Bare(strip=key): pass
match order: case Bare(hidden=key): pass
match order: case Bare(__class__=key): pass
match order: case subprocess.TimeoutExpired(): pass
match order: case subprocess.Popen(): pass
from decimal import Decimal
from subprocess import run
import subprocess
import json
import json as stock; stock.dumps(order)
key.append(1)
key.replace("a", "b")
order.replace("a", "b")
answer.replace("a", "b")
client.replace("a", "b")
found.replace("a", "b")
best.append(1)
sent(order).replace("a", "b")
stock.find(order["x"]).replace("a", "b")
key.lower()
client.lower()
answer.lower()
answer.rows.lower()
rates.get("x")
rates.pop("x")
str.replace(order, "a", "b")
str.replace
list.pop
dict.update(order, key)
dict.get
key.pop
WORD.match("x")
WORD.flags
WORD.match
re.compile("x").match("y")
word = re.compile("x"); word.match("y")
word = re.compile("x") if order else WORD; word.match("y")
word = client; word.match("y")
RATES.match("y")
key.match("y")
word.match("y")
"""
"""Classes, imports and kinds of values."""

STATE = r"""
SEEN.append(order)
SEEN += [1]
SEEN[0] = 1
del SEEN[0]
SEEN.x = 1
LIMIT += 1
RATES["NL"] = 21
RATES.get("x").append(1)
RATES.copy()["x"] = 1
dict(RATES)["x"] = 1
sorted(SEEN)[0]["x"] = 1
list(SEEN).append(1)
list(SEEN)[0].append(1)
stock.CACHE["x"] = 1
order["x"] = 1
order.update(x=1)
order.x = 1
del order["x"]
total += 1
rows = []; rows.append(order)
rows = []; rows[0]["x"] = 1
rows = [order]; rows[0]["x"] = 1
rows = [SEEN]; rows[0].append(1)
rows = {"a": [SEEN]}; rows["a"].append(1)
rows = {"a": [SEEN]}; rows["a"][0].append(1)
rows = order.copy(); rows["x"] = 1
rows = order.items(); rows.x = 1
rows = order["x"].split(); rows[0] = 1
rows = order.get("x"); rows.append(1)
rows = Counter(order); rows["x"] = 1
rows = Counter(order); rows.update(order)
rows = reduce(len, order); rows["x"] = 1
rows = order["x"] if order else []; rows.append(1)
rows = [] if order else {}; rows.append(1)
rows = (SEEN if order else []); rows.append(1)
rows = SEEN; rows.append(1)
rows = START; rows += 1
ENDS.append(1)
RATE.append(1)
LIMIT.append(1)
for rows in SEEN: rows.append(1)
for rows in [SEEN]: rows.append(1)
rows = [x for x in SEEN]; rows[0].append(1)
rows = [0]; [0 for rows[0] in [SEEN]]; rows[0].append(1)
rows = [0]; [0 for rows[0] in [1]]; rows[0].append(1)
rows = [0]; [0 for x in order for rows[0] in [SEEN]]; rows[0].append(1)
rows = [0]; [0 for rows[0] in [client]]; rows[0].get("x")
rows = [0]; rows[0] = client; rows[0].get("x")
rows = [0]; rows[0] = 1; rows[0].get("x")
heapq.heappush(SEEN, 1)
heapq.heappush(order, 1)
heapq.heappush([], SEEN)
rows = []; heapq.heappush(rows, SEEN); rows[0].append(1)
rows = []; heapq.heappush(rows, order); rows[0].append(1)
heapq.heappush
heapq.heappop(SEEN)
rows = []; rows.append(SEEN); rows[0].append(1)
rows = []; rows.append(SEEN); rows.append(1)
rows = {}; rows.setdefault("x", SEEN).append(1)
rows = {}; rows["x"] = SEEN; rows["x"].append(1)
rows = {}; rows["x"] = rows; rows["x"].append(1)
a = b = []; a.append(SEEN); b[0].append(1)
read = lambda x: x.append(1); read(SEEN)
read = lambda x=SEEN: x.append(1)
list(map(lambda x: x.append(1), [SEEN]))
with client.open() as rows: rows.append(1)
global SEEN
rows = Plain(SEEN); rows.line.append(1)
rows = stock.find(SEEN); rows.append(1)
rows = Decimal(1); rows.x = 1
rows = str(SEEN); rows.x = 1
rows = len(SEEN); rows.x = 1
rows = max(SEEN); rows.append(1)
rows = "a".join(SEEN); rows.x = 1
rows = -START; rows += 1
rows = f"{SEEN}"; rows += "x"
rows = SEEN or order; rows.append(1)
rows = (yes := SEEN); rows.append(1)
rows = answer.rows; rows.append(1)
match order: case {"a": rows}: rows.append(1)
match order: case [SEEN, *rows]: rows.append(1)
match SEEN: case {**rows}: rows.update(a=1)
def read(x): return x.append(1); read(SEEN)
def read(x): return SEEN; read(1).append(1)
read = lambda *x, **y: x[0].append(1); read(SEEN)
read = lambda x: x.append(1); read(x=SEEN)
read = lambda x: x.append(1); read([])
list(map(read, SEEN)); read = lambda x: x.append(1)
key["a"] += 1
SEEN.append
sorted(order, key=lambda x: SEEN.append(x))
str.join
str.lower
list.append
list.append(SEEN, 1)
map(list.append, order)
"""
"""What is changed in place."""
