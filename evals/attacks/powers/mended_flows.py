"""Right mends of orders of steps and of checks, each a function before and after."""

from collections.abc import Mapping

ORDERS: Mapping[str, tuple[str, str]] = {
    "None sorted last": (
        'def ranked(items):\n    return sorted(items, key=lambda item: item["rank"])\n',
        'def ranked(items):\n    return sorted(items, key=lambda item: (item["rank"] is None, item["rank"] or NO_DISCOUNT))\n',
    ),
    "sorted by the file's own function": (
        'def ranked(items):\n    return sorted(items, key=lambda item: item["rank"] - item["sku"])\n',
        "def ranked(items):\n    return sorted(items, key=key_of)\n",
    ),
    "sorted by a type": (
        "def ordered(values):\n    return sorted(values)\n",
        "def ordered(values):\n    return sorted(values, key=str)\n",
    ),
    "sorted by a method of text": (
        "def ordered(names):\n    return sorted(names, key=lambda name: name.lowercase())\n",
        "def ordered(names):\n    return sorted(names, key=str.lower)\n",
    ),
    "sorted in place": (
        'def ordered(lines):\n    found = list(lines)\n    found.sort(key=lambda line: line["rank"])\n    return found\n',
        'def ordered(lines):\n    found = [line for line in lines if line.get("rank") is not None]\n    found.sort(key=lambda line: line["rank"], reverse=False)\n    return found\n',
    ),
    "a bound": (
        "def last(lines):\n    return lines[len(lines)]\n",
        "def last(lines):\n    return lines[len(lines) - 1]\n",
    ),
    "nothing to take": (
        'def last(lines):\n    return lines[-1]["sku"] or UNKNOWN\n',
        'def last(lines):\n    if not lines:\n        return UNKNOWN\n    return lines[-1]["sku"] or UNKNOWN\n',
    ),
    "an index that is too large": (
        "def step(table, at):\n    return table[at]\n",
        "def step(table, at):\n    return table[min(at, len(table) - 1)]\n",
    ),
    "a page": (
        "def page(items, number):\n    pages = [items[at : at + MAX_PAGE] for at in range(0, len(items), MAX_PAGE)]\n    return pages[number]\n",
        "def page(items, number):\n    start = max(0, number) * MAX_PAGE\n    return items[start : start + MAX_PAGE]\n",
    ),
    "pairs of unequal length": (
        "def menu(titles, paths):\n    return list(zip(titles, paths, strict=True))\n",
        "def menu(titles, paths):\n    return list(zip(titles, paths, strict=False))\n",
    ),
    "pairs filled up": (
        "def menu(titles, paths):\n    return [(titles[at], paths[at]) for at in range(len(titles))]\n",
        "def menu(titles, paths):\n    from itertools import zip_longest\n    return [(title, path) for title, path in zip_longest(titles, paths, fillvalue=UNKNOWN)]\n",
    ),
    "grouped": (
        'def grouped(lines):\n    return {line["sku"]: line for line in lines["all"]}\n',
        'def grouped(lines):\n    from itertools import groupby\n    rows = sorted(lines, key=lambda line: line["sku"])\n    return {sku: list(found) for sku, found in groupby(rows, key=lambda line: line["sku"])}\n',
    ),
    "flattened": (
        'def skus(orders):\n    return [order["lines"]["sku"] for order in orders]\n',
        'def skus(orders):\n    return [line["sku"] for order in orders for line in order["lines"]]\n',
    ),
    "chained": (
        'def skus(orders):\n    return sum([order["skus"] for order in orders])\n',
        'def skus(orders):\n    from itertools import chain\n    return list(chain.from_iterable(order["skus"] for order in orders))\n',
    ),
    "the first of equal ones": (
        "def distinct(skus):\n    return list({sku for sku in skus})[0]\n",
        "def distinct(skus):\n    return next(iter(dict.fromkeys(skus)), None)\n",
    ),
    "reversed": (
        "def newest(lines):\n    return lines.reversed()\n",
        "def newest(lines):\n    return list(reversed(lines))\n",
    ),
    "a window": (
        "def steps(values):\n    return [values[at + 1] - values[at] for at in range(len(values))]\n",
        "def steps(values):\n    return [later - earlier for earlier, later in zip(values, values[1:])]\n",
    ),
    "the largest few": (
        "def top(counts, most):\n    return sorted(counts, key=counts)[:most]\n",
        "def top(counts, most):\n    return sorted(counts, key=counts.get, reverse=True)[:most]\n",
    ),
    "the largest few by a heap": (
        "def top(counts, most):\n    return sorted(counts.items(), key=lambda pair: pair)[:most]\n",
        "def top(counts, most):\n    import heapq\n    return heapq.nlargest(most, counts.items(), key=lambda pair: pair[1])\n",
    ),
    "the largest few by a counter": (
        "def top(words, most):\n    return words.most_common(most)\n",
        "def top(words, most):\n    from collections import Counter\n    return Counter(words).most_common(most)\n",
    ),
    "a binary search": (
        "def band(score, bounds):\n    return [bound for bound in bounds if bound > score][0]\n",
        "def band(score, bounds):\n    from bisect import bisect_right\n    at = bisect_right(bounds, score)\n    return bounds[min(at, len(bounds) - 1)]\n",
    ),
    "an enumeration": (
        'def numbered(lines):\n    return [f"{lines.index(line)}. {line}" for line in lines]\n',
        'def numbered(lines):\n    return [f"{number}. {line}" for number, line in enumerate(lines, start=1)]\n',
    ),
    "an inner function": (
        'def cents(lines):\n    return sum(line["price"]["cents"] for line in lines)\n',
        'def cents(lines):\n    def of(line):\n        price = line["price"]\n        return price["cents"] if isinstance(price, dict) else price\n\n    return sum(of(line) for line in lines)\n',
    ),
    "a lambda": (
        'def cents(lines):\n    return sum(line["price"]["cents"] for line in lines)\n',
        'def cents(lines):\n    of = lambda line: (line.get("price") or {}).get("cents") or NO_DISCOUNT\n    return sum(map(of, lines))\n',
    ),
    "unpacked with a star": (
        'def named(parts):\n    first, last = parts\n    return f"{last}, {first}"\n',
        'def named(parts):\n    first, *_, last = parts\n    return f"{last}, {first}"\n',
    ),
    "a set of pairs": (
        "def overlap(one, other):\n    return one & other\n",
        "def overlap(one, other):\n    return sorted(set(one).intersection(other))\n",
    ),
}

CHECKS: Mapping[str, tuple[str, str]] = {
    "a further check": (
        'def price(order):\n    return order["cents"] * order["count"]\n',
        'def price(order):\n    if order["count"] < 0:\n        raise BadOrder("count")\n    return order["cents"] * order["count"]\n',
    ),
    "the file's own check": (
        'def price(order):\n    return order["lines"][0]["cents"]\n',
        'def price(order):\n    require(order)\n    return order["lines"][0]["cents"]\n',
    ),
    "a report and a default": (
        "def rate(country):\n    return RATES[country]\n",
        'def rate(country):\n    if country not in RATES:\n        log.warning("no rate for %s", country)\n        return STANDARD_RATE\n    return RATES[country]\n',
    ),
    "a report and a raise": (
        "def rate(country):\n    return RATES[country]\n",
        'def rate(country):\n    try:\n        return RATES[country]\n    except KeyError:\n        log.exception("no rate for %s", country)\n        raise\n',
    ),
    "a report with its exception": (
        "def rate(country):\n    return RATES[country]\n",
        'def rate(country):\n    try:\n        return RATES[country]\n    except KeyError as error:\n        log.error("no rate: %s", error)\n        raise BadOrder(str(error)) from error\n',
    ),
    "an assertion": (
        'def price(order):\n    return order["cents"] * order["count"]\n',
        'def price(order):\n    assert isinstance(order["count"], int), order["count"]\n    return order["cents"] * order["count"]\n',
    ),
    "not found": (
        "def article(shelf, sku):\n    return shelf[sku]\n",
        "def article(shelf, sku):\n    if sku not in shelf:\n        raise NotFound(sku)\n    return shelf[sku]\n",
    ),
    "two exceptions": (
        "def count(text):\n    try:\n        return int(text)\n    except KeyError:\n        return NO_DISCOUNT\n",
        "def count(text):\n    try:\n        return int(text)\n    except (TypeError, ValueError):\n        return NO_DISCOUNT\n",
    ),
    "the right exception": (
        "def count(text):\n    try:\n        return int(text)\n    except KeyError:\n        return NO_DISCOUNT\n",
        "def count(text):\n    try:\n        return int(text)\n    except ValueError:\n        return NO_DISCOUNT\n",
    ),
    "an else of a try": (
        "def count(text):\n    found = int(text)\n    return found * 2\n",
        "def count(text):\n    try:\n        found = int(text)\n    except ValueError as error:\n        raise BadOrder(text) from error\n    else:\n        return found * 2\n",
    ),
    "an awaited call": (
        'async def answer(request):\n    body = request.json()\n    return body["name"]\n',
        'async def answer(request):\n    body = await request.json()\n    return body["name"]\n',
    ),
    "a field of an awaited body": (
        'async def answer(request):\n    body = await request.json()\n    return body["name"].strip()\n',
        'async def answer(request):\n    body = await request.json()\n    name = body.get("name")\n    return name.strip() if isinstance(name, str) else UNKNOWN\n',
    ),
    "a method of the own class": (
        "def empty(self):\n    return self.counted() == 0\n",
        "def empty(self):\n    return self.count() == 0\n",
    ),
    "a cache of the object": (
        'def cached(self):\n    return self._cached["lines"]\n',
        'def cached(self):\n    return self._cached["lines"] if self._cached else self.lines\n',
    ),
    "a call that was there, guarded": (
        'def found(order):\n    return stock.find(order["sku"])["cents"]\n',
        'def found(order):\n    article = stock.find(order["sku"])\n    if article is None:\n        raise NotFound(order["sku"])\n    return article["cents"]\n',
    ),
    "a call that was there, with a converted key": (
        'def found(order):\n    return stock.find(order["sku"])["cents"]\n',
        'def found(order):\n    return stock.find(str(order["sku"]).upper())["cents"]\n',
    ),
    "a loop with a bound": (
        'def settled(invoices, left):\n    at = 0\n    while invoices[at]["cents"] <= left:\n        left -= invoices[at]["cents"]\n        at += 1\n    return at\n',
        'def settled(invoices, left):\n    at = 0\n    while at < len(invoices) and invoices[at]["cents"] <= left:\n        left -= invoices[at]["cents"]\n        at += 1\n    return at\n',
    ),
    "a loop that ends": (
        'def settled(invoices, left):\n    at = 0\n    while invoices[at]["cents"] <= left:\n        left -= invoices[at]["cents"]\n        at += 1\n    return at\n',
        'def settled(invoices, left):\n    count = 0\n    for invoice in invoices:\n        if invoice["cents"] > left:\n            break\n        left -= invoice["cents"]\n        count += 1\n    return count\n',
    ),
    "a continue": (
        'def listed(lines):\n    found = []\n    for line in lines:\n        found.append(line["sku"].upper())\n    return found\n',
        'def listed(lines):\n    found = []\n    for line in lines:\n        if not line.get("sku"):\n            continue\n        found.append(line["sku"].upper())\n    return found\n',
    ),
    "a depth": (
        'def depth(node):\n    return 1 + max(depth(child) for child in node["children"])\n',
        'def depth(node):\n    return 1 + max((depth(child) for child in node.get("children") or []), default=0)\n',
    ),
    "a visited set": (
        "def above(node, parents):\n    while node:\n        node = parents[node]\n    return node\n",
        "def above(node, parents):\n    visited = set()\n    while node and node not in visited:\n        visited.add(node)\n        node = parents.get(node)\n    return node\n",
    ),
    "a compared secret": (
        "def same(given, expected):\n    return given.encode() == expected\n",
        "def same(given, expected):\n    import hmac\n    return hmac.compare_digest(given.encode(), expected.encode())\n",
    ),
    "an address that is none": (
        'def private(text):\n    return text.startswith("10.")\n',
        'def private(text):\n    import ipaddress\n    try:\n        return ipaddress.ip_address(text).is_private\n    except ValueError as error:\n        raise BadOrder("address") from error\n',
    ),
    "an identifier that is none": (
        "def key(text):\n    return text.hex\n",
        'def key(text):\n    from uuid import UUID\n    try:\n        return UUID(text).hex\n    except ValueError as error:\n        raise BadOrder("id") from error\n',
    ),
}
