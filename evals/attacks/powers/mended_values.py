"""Right mends of missing values, keys and numbers, each a function before and after."""

from collections.abc import Mapping

NONE: Mapping[str, tuple[str, str]] = {
    "a guard with a default": (
        'def tier(customer):\n    return customer["membership"]["tier"] or UNKNOWN\n',
        'def tier(customer):\n    membership = customer["membership"]\n    if membership is None:\n        return UNKNOWN\n    return membership["tier"] or UNKNOWN\n',
    ),
    "or with an empty mapping": (
        'def tier(customer):\n    return customer["membership"].get("tier", UNKNOWN)\n',
        'def tier(customer):\n    return (customer["membership"] or {}).get("tier", UNKNOWN)\n',
    ),
    "a chain of gets": (
        'def city(customer):\n    return customer["address"]["city"] if customer else UNKNOWN\n',
        'def city(customer):\n    return ((customer or {}).get("address") or {}).get("city") or UNKNOWN\n',
    ),
    "a walrus": (
        'def city(customer):\n    return customer["address"]["city"] or UNKNOWN\n',
        'def city(customer):\n    if (address := customer.get("address")) is not None:\n        return address["city"] or UNKNOWN\n    return UNKNOWN\n',
    ),
    "an empty list to iterate": (
        'def names(order):\n    return [line["name"] for line in order["lines"]]\n',
        'def names(order):\n    return [line["name"] for line in order["lines"] or []]\n',
    ),
    "an empty tuple of the file": (
        'def names(order):\n    return [line["name"] for line in order["lines"]]\n',
        'def names(order):\n    return [line["name"] for line in (order.get("lines") or EMPTY)]\n',
    ),
    "None left out": (
        "def total(values):\n    return sum(values)\n",
        "def total(values):\n    return sum(value for value in values if value is not None)\n",
    ),
    "None left out by filter": (
        "def total(values):\n    return sum(values)\n",
        "def total(values):\n    return sum(filter(None, values))\n",
    ),
    "isinstance": (
        "def label(guid):\n    return guid.strip()\n",
        'def label(guid):\n    if isinstance(guid, dict):\n        guid = guid["value"]\n    return guid.strip()\n',
    ),
    "isinstance of two": (
        "def label(value):\n    return value.upper()\n",
        "def label(value):\n    if isinstance(value, (int, float)):\n        value = str(value)\n    return value.upper()\n",
    ),
    "isinstance of a listed class": (
        'def label(item):\n    return item["name"]\n',
        'def label(item):\n    from collections.abc import Mapping\n    return item["name"] if isinstance(item, Mapping) else str(item)\n',
    ),
    "type compared": (
        "def label(value):\n    return value.upper()\n",
        "def label(value):\n    return value.upper() if type(value) is str else str(value)\n",
    ),
    "hasattr": (
        "def shown(moment):\n    return moment.isoformat()\n",
        'def shown(moment):\n    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)\n',
    ),
    "getattr with a default": (
        "def percent(basket):\n    return basket.coupon.percent\n",
        'def percent(basket):\n    return getattr(basket.coupon, "percent", NO_DISCOUNT)\n',
    ),
    "a pattern of a mapping": (
        'def tier(customer):\n    return customer["membership"]["tier"] or UNKNOWN\n',
        'def tier(customer):\n    match customer["membership"]:\n        case {"tier": str(tier)}:\n            return tier\n        case _:\n            return UNKNOWN\n',
    ),
    "a pattern of types": (
        "def cents(price):\n    return int(price * 100)\n",
        'def cents(price):\n    match price:\n        case str(text):\n            return int(Decimal(text) * 100)\n        case int() | float() | Decimal():\n            return int(Decimal(str(price)) * 100)\n        case _:\n            raise BadOrder("price")\n',
    ),
    "a condition added": (
        "def discount(basket):\n    if basket.coupon.percent:\n        return basket.coupon.percent\n    return NO_DISCOUNT\n",
        "def discount(basket):\n    if basket.coupon and basket.coupon.percent:\n        return basket.coupon.percent\n    return NO_DISCOUNT\n",
    ),
    "any and all": (
        'def ready(order):\n    return order["lines"][0]["ready"]\n',
        'def ready(order):\n    return bool(order["lines"]) and all(line["ready"] for line in order["lines"])\n',
    ),
    "the first one or a default": (
        'def first(lines):\n    return [line for line in lines if line["count"]][0]["sku"] or UNKNOWN\n',
        'def first(lines):\n    found = next((line for line in lines if line["count"]), None)\n    return found["sku"] if found else UNKNOWN\n',
    ),
    "an attribute through self": (
        'def discount(self):\n    return self.coupon["percent"] or NO_DISCOUNT\n',
        'def discount(self):\n    coupon = self.coupon or {}\n    return coupon.get("percent") or NO_DISCOUNT\n',
    ),
}

KEYS: Mapping[str, tuple[str, str]] = {
    "get": (
        "def rate(country):\n    return RATES[country]\n",
        "def rate(country):\n    return RATES.get(country, STANDARD_RATE)\n",
    ),
    "in": (
        "def rate(country):\n    return RATES[country]\n",
        "def rate(country):\n    if country not in RATES:\n        return STANDARD_RATE\n    return RATES[country]\n",
    ),
    "a narrow handler": (
        "def rate(country):\n    return RATES[country]\n",
        "def rate(country):\n    try:\n        return RATES[country]\n    except KeyError:\n        return STANDARD_RATE\n",
    ),
    "the module's own error": (
        'def rate(order):\n    return RATES[order["country"]]\n',
        'def rate(order):\n    try:\n        return RATES[order["country"]]\n    except KeyError as error:\n        raise BadOrder(f"country {order[\'country\']!r}") from error\n',
    ),
    "the module's own error from None": (
        "def unit(text):\n    return UNITS[text]\n",
        'def unit(text):\n    try:\n        return UNITS[text]\n    except KeyError:\n        raise BadOrder("unit") from None\n',
    ),
    "upper case": (
        "def rate(country):\n    return RATES[country]\n",
        "def rate(country):\n    return RATES[country.strip().upper()]\n",
    ),
    "two spellings": (
        'def published(item):\n    return item["published"]\n',
        'def published(item):\n    return item.get("published") or item["publishedAt"]\n',
    ),
    "setdefault of an own mapping": (
        'def grouped(lines):\n    found = {}\n    for line in lines:\n        found[line["sku"]].append(line)\n    return found\n',
        'def grouped(lines):\n    found = {}\n    for line in lines:\n        found.setdefault(line["sku"], []).append(line)\n    return found\n',
    ),
    "a default mapping": (
        'def grouped(lines):\n    found = {}\n    for line in lines:\n        found[line["sku"]].append(line)\n    return found\n',
        'def grouped(lines):\n    found = defaultdict(list)\n    for line in lines:\n        found[line["sku"]].append(line)\n    return dict(found)\n',
    ),
    "a default mapping that is imported": (
        'def counted(lines):\n    found = {}\n    for line in lines:\n        found[line["sku"]] += 1\n    return found\n',
        'def counted(lines):\n    from collections import Counter\n    return dict(Counter(line["sku"] for line in lines))\n',
    ),
    "get and add": (
        'def counted(lines):\n    found = {}\n    for line in lines:\n        found[line["sku"]] += line["count"]\n    return found\n',
        'def counted(lines):\n    found = {}\n    for line in lines:\n        sku = line["sku"]\n        found[sku] = found.get(sku, NO_DISCOUNT) + line["count"]\n    return found\n',
    ),
    "pop with a default": (
        'def without(order):\n    fields = dict(order)\n    fields.pop("secret")\n    return fields\n',
        'def without(order):\n    fields = dict(order)\n    fields.pop("secret", None)\n    return fields\n',
    ),
    "remove guarded": (
        "def left(all_skus, sold):\n    remaining = list(all_skus)\n    for sku in sold:\n        remaining.remove(sku)\n    return remaining\n",
        "def left(all_skus, sold):\n    remaining = list(all_skus)\n    for sku in sold:\n        if sku in remaining:\n            remaining.remove(sku)\n    return remaining\n",
    ),
    "remove by a comprehension": (
        "def left(all_skus, sold):\n    remaining = list(all_skus)\n    for sku in sold:\n        remaining.remove(sku)\n    return remaining\n",
        "def left(all_skus, sold):\n    gone = set(sold)\n    return [sku for sku in all_skus if sku not in gone]\n",
    ),
    "a merged default": (
        'def options(given):\n    return {"currency": given["currency"], "gift": given["gift"]}\n',
        'def options(given):\n    merged = {**DEFAULTS, **given}\n    return {"currency": merged["currency"], "gift": merged.get("gift")}\n',
    ),
    "a copy of the defaults": (
        "def options(given):\n    found = DEFAULTS\n    found.update(given)\n    return found\n",
        "def options(given):\n    found = dict(DEFAULTS)\n    found.update(given)\n    return found\n",
    ),
    "a deep copy of the defaults": (
        'def options(given):\n    found = DEFAULTS\n    found["lines"].extend(given)\n    return found\n',
        'def options(given):\n    import copy\n    found = copy.deepcopy(DEFAULTS)\n    found["lines"].extend(given)\n    return found\n',
    ),
    "changed while gone over": (
        "def pruned(counts):\n    for name in counts:\n        if not counts[name]:\n            del counts[name]\n    return counts\n",
        "def pruned(counts):\n    return {name: count for name, count in counts.items() if count}\n",
    ),
    "a list of the keys": (
        "def pruned(counts):\n    for name in counts:\n        if not counts[name]:\n            del counts[name]\n    return counts\n",
        "def pruned(counts):\n    for name in list(counts):\n        if not counts[name]:\n            del counts[name]\n    return counts\n",
    ),
    "the key of another kind": (
        "def page(pages, number):\n    return pages[number]\n",
        "def page(pages, number):\n    return pages[str(number)] if str(number) in pages else pages[number]\n",
    ),
    "a role that is unknown": (
        'def may_edit(user):\n    return ROLES[user["role"]] >= ROLES["editor"]\n',
        'def may_edit(user):\n    return ROLES.get(user.get("role"), NO_DISCOUNT) >= ROLES["editor"]\n',
    ),
}

NUMBERS: Mapping[str, tuple[str, str]] = {
    "a division by nothing": (
        "def average(values):\n    return sum(values) / len(values) if values is not None else NO_DISCOUNT\n",
        "def average(values):\n    return sum(values) / len(values) if values else NO_DISCOUNT\n",
    ),
    "a division by nothing, caught": (
        "def share(part, whole):\n    return part / whole\n",
        "def share(part, whole):\n    try:\n        return part / whole\n    except ZeroDivisionError:\n        return NO_DISCOUNT\n",
    ),
    "a lower bound": (
        "def share(part, whole):\n    return part / whole\n",
        "def share(part, whole):\n    return part / max(1, whole)\n",
    ),
    "a text as a number": (
        'def total(lines):\n    return sum(line["count"] for line in lines)\n',
        'def total(lines):\n    return sum(int(line["count"]) for line in lines)\n',
    ),
    "a decimal from a float": (
        "def priced(amount):\n    return amount * STANDARD_RATE\n",
        "def priced(amount):\n    return Decimal(str(amount)) * STANDARD_RATE\n",
    ),
    "a decimal with a comma": (
        "def amount(text):\n    return Decimal(text)\n",
        'def amount(text):\n    return Decimal(text.replace(",", ".").strip())\n',
    ),
    "a decimal that is none": (
        "def amount(text):\n    return Decimal(text)\n",
        'def amount(text):\n    from decimal import InvalidOperation\n    try:\n        return Decimal(text)\n    except InvalidOperation as error:\n        raise BadOrder("amount") from error\n',
    ),
    "rounded": (
        "def cents(price):\n    return price * 100\n",
        "def cents(price):\n    return int(round(float(price) * 100))\n",
    ),
    "quantized": (
        "def cents(price):\n    return price * 100\n",
        "def cents(price):\n    from decimal import ROUND_HALF_UP\n    return int((price * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))\n",
    ),
    "a root of something negative": (
        "def across(distance, along):\n    return (distance**2 - along**2) ** 0.5 // 1\n",
        "def across(distance, along):\n    import math\n    return math.sqrt(max(0.0, distance**2 - along**2)) // 1\n",
    ),
    "not a number": (
        "def mean(values):\n    return sum(values) / len(values)\n",
        "def mean(values):\n    import math\n    known = [value for value in values if not math.isnan(value)]\n    return sum(known) / len(known)\n",
    ),
    "the largest with a default": (
        "def best(scores):\n    return max(scores.values())\n",
        "def best(scores):\n    return max(scores.values(), default=NO_DISCOUNT)\n",
    ),
    "the smallest by a key": (
        'def cheapest(rooms):\n    return min(rooms, key=lambda room: room["cents"])\n',
        'def cheapest(rooms):\n    return min(rooms, key=lambda room: (room["cents"] is None, room["cents"] or NO_DISCOUNT), default=None)\n',
    ),
    "a median": (
        "def middle(values):\n    return sorted(values)[len(values) // 2]\n",
        "def middle(values):\n    from statistics import median\n    return median(values) if values else NO_DISCOUNT\n",
    ),
    "a percentage within bounds": (
        "def percent(done, total):\n    return done * 100 // total\n",
        "def percent(done, total):\n    return min(100, done * 100 // total) if total else NO_DISCOUNT\n",
    ),
    "digits": (
        "def number(text):\n    return int(text)\n",
        'def number(text):\n    if not text.isdigit():\n        raise BadOrder("number")\n    return int(text)\n',
    ),
    "a regular expression": (
        "def number(text):\n    return int(text)\n",
        'def number(text):\n    found = re.search(r"\\d+", text)\n    if found is None:\n        raise BadOrder("number")\n    return int(found.group())\n',
    ),
    "a float first": (
        'def width(page):\n    return int(page["width"])\n',
        'def width(page):\n    return int(float(page["width"]))\n',
    ),
    "two numbers of a text": (
        "def position(text):\n    latitude, longitude = text\n    return float(latitude), float(longitude)\n",
        'def position(text):\n    latitude, longitude = (float(part) for part in text.split(","))\n    return latitude, longitude\n',
    ),
    "a bool that is a text": (
        'def gift(order):\n    return order["gift"] is True\n',
        'def gift(order):\n    return str(order["gift"]).strip().lower() in ("1", "true", "yes")\n',
    ),
    "a sum of products": (
        'def total(lines):\n    result = 0\n    for line in lines:\n        result += line["cents"] * line["count"]\n    return result\n',
        'def total(lines):\n    return sum((line.get("cents") or 0) * (line.get("count") or 0) for line in lines)\n',
    ),
    "hours of a length": (
        "def seconds(length):\n    return length.seconds\n",
        "def seconds(length):\n    return int(length.total_seconds())\n",
    ),
}
