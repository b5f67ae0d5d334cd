"""Right mends of small functions, as a careful engineer or a model writes them: none of them may be refused for its powers.

The head of the file is the same for all; each mend is a function before and after.
"""

from collections.abc import Mapping

HEAD = '''\
"""Orders of a shop."""

import json
import logging
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from services.shop import clock, stock
from services.shop.errors import BadOrder, NotFound

log = logging.getLogger(__name__)

NO_DISCOUNT = 0
UNKNOWN = "unknown"
EMPTY = ()
STANDARD_RATE = Decimal("0.19")
RATES = {"DE": Decimal("0.19"), "NL": Decimal("0.21")}
UNITS = {"g": 1, "kg": 1000}
ROLES = {"admin": 3, "editor": 2, "reader": 1}
DEFAULTS = {"currency": "EUR", "lines": []}
MAX_PAGE = 50
SKU = re.compile(r"[A-Z]{2}-\\d+")


class Basket:
    """A basket."""

    def __init__(self, lines, coupon=None):
        self.lines = lines
        self.coupon = coupon
        self._cached = None

    def count(self):
        """Pieces."""
        return sum(line["count"] for line in self.lines)


def key_of(line):
    """What lines are sorted by."""
    return (line["rank"], line["sku"])


def parsed(text):
    """A day as text."""
    return date.fromisoformat(text)


def require(order):
    """Raises BadOrder for an order without lines."""
    if not order["lines"]:
        raise BadOrder("no lines")


def lookup(sku):
    """An article."""
    found = stock.find(sku)
    if found is None:
        raise NotFound(sku)
    return found


'''

_NONE: Mapping[str, tuple[str, str]] = {
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

_KEYS: Mapping[str, tuple[str, str]] = {
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

_NUMBERS: Mapping[str, tuple[str, str]] = {
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

_TEXTS: Mapping[str, tuple[str, str]] = {
    "a wrong method": (
        "def tidy(name):\n    return name.trim().lower()\n",
        "def tidy(name):\n    return name.strip().lower()\n",
    ),
    "numbers joined": (
        'def tags(item):\n    return ", ".join(item["tags"])\n',
        'def tags(item):\n    return ", ".join(str(tag) for tag in item["tags"])\n',
    ),
    "numbers joined by map": (
        'def tags(item):\n    return ", ".join(item["tags"])\n',
        'def tags(item):\n    return ", ".join(map(str, item["tags"]))\n',
    ),
    "bytes": (
        "def text(raw):\n    return raw.strip()\n",
        'def text(raw):\n    if isinstance(raw, bytes):\n        raw = raw.decode("utf-8", errors="replace")\n    return raw.strip()\n',
    ),
    "a plus with a number": (
        "def label(prefix, number):\n    return prefix + number\n",
        'def label(prefix, number):\n    return f"{prefix}{number}"\n',
    ),
    "an old format": (
        "def label(prefix, number):\n    return prefix + number\n",
        'def label(prefix, number):\n    return "%s%s" % (prefix, number)\n',
    ),
    "a new format": (
        "def label(prefix, number):\n    return prefix + number\n",
        'def label(prefix, number):\n    return "{}{:>3}".format(prefix, number)\n',
    ),
    "an empty text": (
        "def initial(name):\n    return name.strip()[0].upper() or UNKNOWN\n",
        "def initial(name):\n    return name.strip()[:1].upper() or UNKNOWN\n",
    ),
    "a prefix": (
        "def bare(path):\n    return path[5:]\n",
        'def bare(path):\n    return path.removeprefix("s3://") if path.startswith("s3://") else path\n',
    ),
    "letters with marks": (
        'def slug(title):\n    return title.encode("ascii").decode()\n',
        'def slug(title):\n    import unicodedata\n    plain = unicodedata.normalize("NFKD", title)\n    return plain.encode("ascii", "ignore").decode()\n',
    ),
    "an escaped pattern": (
        'def marked(text, word):\n    return re.sub(word, lambda found: f"<b>{found.group()}</b>", text)\n',
        'def marked(text, word):\n    return re.sub(re.escape(word), lambda found: f"<b>{found.group()}</b>", text)\n',
    ),
    "a pattern that does not match": (
        "def number_of(sku):\n    return SKU.match(sku).group()\n",
        'def number_of(sku):\n    found = SKU.fullmatch(sku.strip())\n    if not found:\n        raise BadOrder("sku")\n    return found.group()\n',
    ),
    "a substitution": (
        'def plain(text):\n    return text.replace("  ", " ")\n',
        'def plain(text):\n    return re.sub(r"\\s+", " ", text).strip()\n',
    ),
    "escaped": (
        'def shown(comment):\n    return "<p>" + comment + "</p>"\n',
        'def shown(comment):\n    from html import escape\n    return "<p>" + escape(comment or "", quote=True) + "</p>"\n',
    ),
    "decoded": (
        'def body(item):\n    return item["text"].decode()\n',
        'def body(item):\n    import base64\n    return base64.b64decode(item["text"]).decode()\n',
    ),
    "shortened": (
        'def excerpt(text):\n    return text[:40] + "..."\n',
        'def excerpt(text):\n    return text if len(text) <= 40 else text[:40].rstrip() + "..."\n',
    ),
    "titles": (
        'def title(words):\n    return " ".join(word.capitalise() for word in words)\n',
        'def title(words):\n    return " ".join(word.capitalize() for word in words)\n',
    ),
    "a line that is empty": (
        'def headings(lines):\n    return [line for line in lines if line[0] == "#"]\n',
        'def headings(lines):\n    return [line for line in lines if line.startswith("#")]\n',
    ),
    "a quoted part of a path": (
        'def address(sku):\n    return "/stock/" + sku\n',
        'def address(sku):\n    from urllib.parse import quote\n    return "/stock/" + quote(str(sku), safe="")\n',
    ),
    "a JSON text": (
        'def payload(text):\n    return json.loads(text)["items"]\n',
        'def payload(text):\n    try:\n        return json.loads(text)["items"]\n    except json.JSONDecodeError as error:\n        raise BadOrder("payload") from error\n',
    ),
    "what JSON cannot write": (
        "def dumped(order):\n    return json.dumps(order)\n",
        "def dumped(order):\n    return json.dumps(order, default=str)\n",
    ),
    "what JSON cannot write, by a lambda": (
        "def dumped(order):\n    return json.dumps(order)\n",
        "def dumped(order):\n    return json.dumps(order, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))\n",
    ),
}

_TIMES: Mapping[str, tuple[str, str]] = {
    "a zone that is missing": (
        "def moment(text):\n    return datetime.fromisoformat(text).astimezone(UTC)\n",
        "def moment(text):\n    found = datetime.fromisoformat(text)\n    if found.tzinfo is None:\n        found = found.replace(tzinfo=UTC)\n    return found.astimezone(UTC)\n",
    ),
    "a Z": (
        "def moment(text):\n    return datetime.fromisoformat(text)\n",
        'def moment(text):\n    return datetime.fromisoformat(text.replace("Z", "+00:00"))\n',
    ),
    "a zone of another name": (
        "def moment(text):\n    return datetime.fromisoformat(text)\n",
        "def moment(text):\n    from datetime import timezone\n    found = datetime.fromisoformat(text)\n    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)\n",
    ),
    "now with a zone": (
        "def age(moment):\n    return datetime.now() - moment\n",
        "def age(moment):\n    return datetime.now(UTC) - moment\n",
    ),
    "utcnow": (
        "def age(moment):\n    return datetime.utcnow() - moment\n",
        "def age(moment):\n    return datetime.now(tz=UTC) - moment\n",
    ),
    "the end of a year": (
        "def next_month(day):\n    return date(day.year, day.month + 1, 1)\n",
        "def next_month(day):\n    return date(day.year + day.month // 12, day.month % 12 + 1, 1)\n",
    ),
    "the end of a month": (
        "def last_day(day):\n    return date(day.year, day.month, 31)\n",
        "def last_day(day):\n    import calendar\n    return date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])\n",
    ),
    "the end of a month by a length": (
        "def last_day(day):\n    return date(day.year, day.month, 31)\n",
        "def last_day(day):\n    following = day.replace(day=28) + timedelta(days=4)\n    return following - timedelta(days=following.day)\n",
    ),
    "a day that is a moment": (
        "def nights(start, end):\n    return (end - start).days\n",
        "def nights(start, end):\n    if isinstance(start, datetime):\n        start = start.date()\n    if isinstance(end, datetime):\n        end = end.date()\n    return (end - start).days\n",
    ),
    "swapped": (
        'def day(text):\n    return datetime.strptime("%d.%m.%Y", text).date()\n',
        'def day(text):\n    return datetime.strptime(text, "%d.%m.%Y").date()\n',
    ),
    "two ways to write a day": (
        "def day(text):\n    return date.fromisoformat(text)\n",
        'def day(text):\n    if "." in text:\n        return datetime.strptime(text, "%d.%m.%Y").date()\n    return date.fromisoformat(text)\n',
    ),
    "seconds or milliseconds": (
        "def moment(stamp):\n    return datetime.fromtimestamp(stamp, UTC)\n",
        "def moment(stamp):\n    return datetime.fromtimestamp(stamp / 1000 if stamp > 1e11 else stamp, tz=UTC)\n",
    ),
    "a keyword": (
        "def later(moment, hours):\n    return moment + timedelta(hour=hours)\n",
        "def later(moment, hours):\n    return moment + timedelta(hours=hours)\n",
    ),
    "a day as a text": (
        'def shown(order):\n    return {"due": order["due"].isoformat()}\n',
        'def shown(order):\n    due = order["due"]\n    return {"due": due.isoformat() if isinstance(due, (date, datetime)) else due}\n',
    ),
    "by the file's own function": (
        'def due(order):\n    return order["due"] - timedelta(days=1)\n',
        'def due(order):\n    return parsed(order["due"]) - timedelta(days=1)\n',
    ),
    "a weekend": (
        "def workday(day):\n    return day + timedelta(days=1)\n",
        "def workday(day):\n    following = day + timedelta(days=1)\n    while following.weekday() >= 5:\n        following += timedelta(days=1)\n    return following\n",
    ),
}

_ORDERS: Mapping[str, tuple[str, str]] = {
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

_CHECKS: Mapping[str, tuple[str, str]] = {
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

_BOXES = {
    "lines by their key, in a mapping of lists": (
        'def grouped(order):\n    found = {}\n    for line in order["lines"]:\n        found[line["sku"]].append(line)\n    return found\n',
        'def grouped(order):\n    found = defaultdict(list)\n    for line in order["lines"]:\n        found[line["sku"]].append(line)\n    return found\n',
    ),
    "lines by their key, in a list that is made": (
        'def grouped(order):\n    found = {}\n    for line in order["lines"]:\n        found[line["sku"]] += [line]\n    return found\n',
        'def grouped(order):\n    found = {}\n    for line in order["lines"]:\n        group = found.setdefault(line["sku"], [])\n        group.append(line)\n    return found\n',
    ),
    "each line once": (
        'def single(order):\n    return list(set(order["lines"]))\n',
        'def single(order):\n    seen, found = set(), []\n    for line in order["lines"]:\n        if line["sku"] not in seen:\n            seen.add(line["sku"])\n            found.append(line)\n    return found\n',
    ),
    "a queue": (
        'def ranked(order):\n    return sorted(line["rank"] for line in order["lines"])[0]\n',
        'def ranked(order):\n    import heapq\n    queue = []\n    for line in order["lines"]:\n        heapq.heappush(queue, line["rank"])\n    return heapq.heappop(queue) if queue else NO_DISCOUNT\n',
    ),
    "counts from nothing": (
        'def counted(order):\n    count = {}\n    for tag in order["tags"]:\n        count[tag] += 1\n    return count\n',
        'def counted(order):\n    count = dict.fromkeys(order["tags"], 0)\n    for tag in order["tags"]:\n        count[tag] += 1\n    return count\n',
    ),
    "what is asked for, by a name": (
        'def level(order):\n    return stock.level(order["sku"])\n',
        'def level(order):\n    sku = order["sku"].strip()\n    return stock.level(sku)\n',
    ),
    "what is asked for, when it is there": (
        'def level(order):\n    return stock.level(order["sku"])\n',
        'def level(order):\n    sku = order.get("sku")\n    if sku is None:\n        raise BadOrder("no sku")\n    return stock.level(sku)\n',
    ),
}

MENDS: Mapping[str, tuple[str, str]] = {
    **{f"none: {name}": mend for name, mend in _NONE.items()},
    **{f"keys: {name}": mend for name, mend in _KEYS.items()},
    **{f"numbers: {name}": mend for name, mend in _NUMBERS.items()},
    **{f"texts: {name}": mend for name, mend in _TEXTS.items()},
    **{f"times: {name}": mend for name, mend in _TIMES.items()},
    **{f"orders: {name}": mend for name, mend in _ORDERS.items()},
    **{f"checks: {name}": mend for name, mend in _CHECKS.items()},
    **{f"boxes: {name}": mend for name, mend in _BOXES.items()},
}
"""The function before and after, by name."""
