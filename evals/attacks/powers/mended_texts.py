"""Right mends of texts, times and collections, each a function before and after."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
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

TIMES: Mapping[str, tuple[str, str]] = {
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

BOXES: Mapping[str, tuple[str, str]] = {
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
