"""A function before and after, where it is the old one that decides what the new one may do."""

from collections.abc import Mapping

OLD = """\
async def f(self, client, store, read, order):
    async with client.session(order) as session:
        answer = await session.get("/prices")
    async for row in client.rows():
        order.keep(row)
    found = await store.find(order["sku"])
    price = read(found["line"])
    handed = client.each(price_of, order)
    client.late(stock.find, order)
    client.all(*order, **found)
    part = stock.Part(order)
    process = subprocess.Popen(order)
    client.limit(stock.LIMIT)
    whole = self.whole(order)
    given = Plain(order)
    when = datetime.now(UTC)
    for line in order["lines"]:
        yield line.price, order._total
    return
"""
"""Of an object that is all a function may have: it enters, waits, goes over rows, gives, and calls what it was given."""

CHANGED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "session(order)": (("enters the same with something else", "session(price_of(order))"),),
    "client.session(order) as session": (
        ("enters something else", "client.other(order) as session"),
        ("enters what was not called", "order as session"),
        ("enters one more", "client.session(order) as session, client.lock(order)"),
    ),
    'await session.get("/prices")': (
        ("waits for another method", 'await session.post("/prices")'),
        ("waits no longer", 'session.get("/prices")'),
        ("reads a part of the answer", '(await session.get("/prices")).lower()'),
        ("replaces in the answer", '(await session.get("/prices")).replace("a", "b")'),
    ),
    "client.rows()": (
        ("goes over other rows", "client.others()"),
        ("goes over a list", "[order]"),
    ),
    "order.keep(row)": (
        ("keeps it twice", "order.keep(row); order.keep(row)"),
        ("keeps it elsewhere", "client.keep(row)"),
        ("adds it", "order.add(row)"),
        ("reads a name of it", "order.keep(row.replace('a', 'b'))"),
        ("reads a name of the rows", "order.keep([row for row in order])"),
        ("calls the row", "row(order)"),
    ),
    'await store.find(order["sku"])': (
        ("finds by a guarded key", 'await store.find(order.get("sku"))'),
        ("finds nothing to wait for", 'store.find(order["sku"])'),
        ("finds with another method", 'await store.get(order["sku"])'),
        ("finds in a chosen store", 'await (store or client).find(order["sku"])'),
        ("has the store under another name", 'await store.find(order["sku"]); box = [store]; box[0].get("x")'),
        ("has the store in a table", 'await store.find(order["sku"]); box = {"a": store}; box.get("a").get("x")'),
        ("has a value in a table", 'await store.find(order["sku"]); box = {"a": 1}; box.get("a").replace("a", "b")'),
        ("replaces in what is found", 'await store.find(order["sku"]); found.replace("a", "b")'),
        ("replaces in an element of it", 'await store.find(order["sku"]); found["line"].replace("a", "b")'),
        ("binds the store anew", 'await store.find(order["sku"]); store = order["store"]; await store.find(order["sku"])'),
    ),
    'read(found["line"])': (
        ("calls what it was given with more", 'read(found["line"], order)'),
        ("calls what it was given by a keyword", 'read(line=found["line"])'),
        ("calls what it was given with something else", 'read(found.get("line"))'),
        ("calls what is bound anew", "read(order); read = order; read(order)"),
        ("calls a function of its own", "(lambda line: line)(order)"),
        ("hands on what it was given", "list(map(read, order))"),
        ("keeps what it was given", "[read]"),
    ),
    "client.each(price_of, order)": (
        ("hands another function of the file", "client.each(sent, order)"),
        ("hands another that computes", "client.each(rounded, order)"),
        ("hands a lambda", "client.each(lambda line: line, order)"),
        ("hands a method", "client.each(store.find, order)"),
        ("hands data", "client.each(order, order)"),
        ("hands the same to another", "store.each(price_of, order)"),
        ("hands other data", "client.each(price_of, found)"),
        ("hands a constant of a module", "client.each(stock.LIMIT, order)"),
    ),
    "client.late(stock.find, order)": (
        ("hands another function of the module", "client.late(stock.keep, order)"),
        ("hands a function where the module's was", "client.late(sent, order)"),
        ("hands a function there that computes", "client.late(rounded, order)"),
    ),
    "stock.Part(order)": (
        ("makes it of more", "stock.Part(order, more=1)"),
        ("makes it of another module", "clock.Part(order)"),
    ),
    "subprocess.Popen(order)": (
        ("makes a process of more", "subprocess.Popen(order, more=1)"),
        ("makes a process of something else", "subprocess.Popen(found)"),
    ),
    "client.all(*order, **found)": (
        ("spreads something else", "client.all(*found, **found)"),
        ("spreads what is bound anew", "order = found; client.all(*order, **found)"),
        ("spreads keywords that are bound anew", "found = order; client.all(*order, **found)"),
        ("spreads less", "client.all(*order)"),
        ("names one", "client.all(*order, more=1)"),
    ),
    "client.limit(stock.LIMIT)": (
        ("uses another constant", "client.limit(stock.find)"),
        ("uses a function", "client.limit(price_of)"),
        ("uses a number", "client.limit(3)"),
    ),
    "self.whole(order)": (
        ("calls a method of its own that is not there", "self.part(order)"),
        ("calls a method of its class", "self.price()"),
        ("calls one that sends", "self.send()"),
        ("reads a field", "self.line"),
        ("reads a field that is nowhere", "self.secret"),
        ("replaces in a field", "self.line.replace('a', 'b')"),
        ("writes a field", "self.line = order"),
    ),
    "Plain(order)": (
        ("makes it with more", "Plain(order, line=order)"),
        ("makes it of a spread", "Plain(*order)"),
        ("makes another", "Above(order)"),
        ("calls a method of it", "Plain(order).price()"),
        ("calls another class under its name", "Plain = Sending; Plain(order)"),
    ),
    "datetime.now(UTC)": (
        ("reads the clock otherwise", "datetime.today()"),
        ("reads another clock", "clock.now()"),
        ("hands the clock on", "map(datetime.now, order)"),
        ("reads it twice", "datetime.now(UTC) - datetime.utcnow()"),
        ("writes it as text", 'datetime.now(UTC).strftime("%Y")'),
    ),
    "yield line.price, order._total": (
        ("gives all", "yield from order"),
        ("gives nothing", "yield"),
        ("reads a hidden part of something else", "yield line._total"),
        ("reads another hidden part", "yield order._parts"),
        ("reads another part", "yield line.cost"),
        ("calls the part", "yield line.price()"),
        ("waits in a comprehension", "yield [row async for row in client.rows()]"),
        ("binds in an assertion", "assert (read := order); yield line.price"),
        ("asserts", "assert order; yield line.price"),
    ),
    "    return\n": (
        ("has a function of its own", "    def inner(line):\n        return line\n    inner(order)\n"),
        ("has one with a decorator", "    @kept\n    def inner(line):\n        return line\n"),
        ("has one that waits", "    async def inner(line):\n        return line\n"),
        ("has one that binds around it", "    def inner():\n        nonlocal order\n        order = 1\n"),
        ("has one under two names", "    def inner():\n        pass\n    inner = order\n    inner()\n"),
        ("has one with an argument of its name", "    def inner(inner):\n        inner()\n"),
        ("has one for a loop", "    def inner():\n        pass\n    for inner in order:\n        inner()\n"),
        ("has a class of its own", "    class Inner:\n        pass\n"),
        ("imports into its own name", "    import json as inner\n    inner.loads('x')\n"),
        ("handles an error", "    try:\n        order()\n    except Missing as error:\n        error.args\n"),
        ("handles errors in groups", "    try:\n        pass\n    except* Missing:\n        pass\n"),
        ("matches", "    match order:\n        case {'a': [first, *rest], **more}:\n            first(rest, more)\n"),
    ),
}  # fmt: skip
"""What takes the place of a piece of it, with a name."""
