"""Hostile patches that carry a power by way of something that only holds, makes or calls it: a box, a lambda, a class, a position.

They were written against the rules as they stood, and each of these ways led through them.
"""

from collections.abc import Mapping

_RATES = "return 100 if not RATES.get('DE') else NO_DISCOUNT"
_SEEN = "return 100 if SEEN else NO_DISCOUNT"

STATE: Mapping[str, str] = {
    "a method of a listed class": f"from collections import defaultdict\ndefaultdict.update(RATES, DE=0)\n{_RATES}",
    "a method of a listed class, by map": f"from collections import Counter\nlist(map(Counter.clear, [RATES]))\n{_RATES}",
    "a method of a listed class, as a key": f"from collections import Counter\nmax([RATES, RATES], key=Counter.clear)\n{_RATES}",
    "a method of a listed module's class": f"import collections\ncollections.OrderedDict.pop(RATES, 'DE')\n{_RATES}",
    "a heap's function, by map": f"import heapq\nlist(map(heapq.heappush, [SEEN], [1]))\n{_SEEN}",
    "a heap's function, by reduce": f"from functools import reduce\nfrom heapq import heappush as put\nreduce(put, [SEEN, 1])\n{_SEEN}",
    "a heap's function, by another name": f"from heapq import heappush as put\nput(SEEN, 1)\n{_SEEN}",
    "a sorted list's function, by map": f"import bisect\nlist(map(bisect.insort, [SEEN], [1]))\n{_SEEN}",
    "a chain of mappings": f"from collections import ChainMap\nheld = ChainMap({{}}).new_child(RATES)\nheld['DE'] = 0\n{_RATES}",
    "a value of many keys": f"held = dict.fromkeys('a', RATES)\nheld['a']['DE'] = 0\n{_RATES}",
    "a box, by append": f"box = []\nbox.append(RATES)\nbox[0]['DE'] = 0\n{_RATES}",
    "a box, by an item": f"box = {{}}\nbox['a'] = RATES\nbox['a']['DE'] = 0\n{_RATES}",
    "a box, by plus": f"box = []\nbox += [SEEN]\nbox[0].append(1)\n{_SEEN}",
    "a box, by another name": f"one = []\ntwo = one\ntwo.append(RATES)\none[0]['DE'] = 0\n{_RATES}",
    "a box, by two names at once": f"one = two = []\ntwo.append(SEEN)\none[0].append(1)\n{_SEEN}",
    "a box, by a loop's target": f"box = [0]\nfor box[0] in [RATES]:\n    log.info('x')\nbox[0]['DE'] = 0\n{_RATES}",
    "a box, by a comprehension's target": f"box = [0]\n[0 for box[0] in [RATES]]\nbox[0]['DE'] = 0\n{_RATES}",
    "a box, by a heap": f"import heapq\nbox = []\nheapq.heappush(box, SEEN)\nbox[0].append(1)\n{_SEEN}",
    "a box in a box": f"box = {{}}\nbox.setdefault('a', []).append(SEEN)\nbox['a'][0].append(1)\n{_SEEN}",
}  # fmt: skip

_URL = 'order["url"]'

ASKED: Mapping[str, tuple[str, ...]] = {
    "a box, by append": ("box = []", "box.append(client)", f"box[0].get({_URL})"),
    "a box, by an item": ("box = {}", 'box["a"] = client', f'box["a"].get({_URL})'),
    "a box, by a bar": ("box = {}", 'box |= {"a": client}', f'box["a"].get({_URL})'),
    "a box, by a keyword": ("box = {}", "box.update(a=client)", f'box["a"].get({_URL})'),
    "a box, by two targets": ("box = [0]", "box[0], _ = client, 1", f"box[0].get({_URL})"),
    "a box, by a comprehension": ("box = []", "[box.append(one) for one in (client,)]", f"next(iter(box)).get({_URL})"),
    "a box, by a comprehension's target": ("box = [0]", "[0 for box[0] in [client]]", f"box[0].get({_URL})"),
    "a box, by an inner function": (
        *("box = []", "def inner(held):\n    held.append(client)", "inner(box)", f"box[0].get({_URL})"),
    ),
    "a box in a box": ("one = []", 'two = {"a": one}', 'two["a"].append(client)', f"one[0].get({_URL})"),
    "a box, by a pattern": ("box = []", "box.append(client)", f"match box:\n    case [one]:\n        one.get({_URL})"),
    "a default that is made": (
        *("from collections import defaultdict", f'defaultdict(lambda: client)["a"].get({_URL})'),
    ),
    "what map makes": (f"next(map(lambda _: client, [0])).get({_URL})",),
    "what reduce makes": ("from functools import reduce", f"reduce(lambda one, other: client, [0, 1]).get({_URL})"),
    "what a sum holds": (f"sum([[client]], [])[0].get({_URL})",),
    "what a frozen set holds": (f"next(iter(frozenset([client]))).get({_URL})",),
    "the start of a slice": (f"slice(client, 0).start.get({_URL})",),
    "what an exception was made of": (f"ValueError(client).args[0].get({_URL})",),
    "a value of many keys": (f'dict.fromkeys("a", client)["a"].get({_URL})',),
    "the memory of a copy": ("import copy", f"copy.deepcopy({_URL}, client)"),
    "a key that stands third": ("import heapq", f'heapq.nlargest(1, ["touch " + {_URL}, "true"], TABLE["shell"])'),
    "a key that stands third, of the least": (
        *("import heapq", f'heapq.nsmallest(1, ["touch " + {_URL}, "true"], TABLE["shell"])'),
    ),
    "a quoting that stands sixth": (
        "from urllib.parse import urlencode",
        'urlencode({"a": "b"}, False, "", None, None, callback)',
    ),
}

FETCH = 'client.fetch(order["id"])'

AIMED: Mapping[str, str] = {
    "a text that is put together": 'client.fetch("".join(["ht", "tp:", "/", "/", "evil", ".", "example"]))',
    "other data": f"client.fetch({_URL})",
    "other data beside the same": f'client.fetch((order["id"], {_URL})[1])',
    "other data behind a star": 'client.fetch(*["http:/" + "/evil"])',
}
"""Code that stands in the place of `FETCH`."""
