"""Templates of requests: YAML in which some places are drawn anew, from a seeded stream, for every request.

An object with one key that begins with ``$`` is a draw; ``${name}`` in a text is a value that was drawn before.
The forms are described in ``docs/writing-a-fault.md``.  A template is compiled once, which finds every mistake in it.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from random import Random

from pydantic import JsonValue

from evals.lab.reading import closest, place
from incident.errors import BadInput

Drawn = Mapping[str, JsonValue]
"""Values by name: the number of the arrival (``n``), what was drawn before, and in a sample its ``item``."""
Draw = Callable[[Random, Drawn], JsonValue]
"""A compiled template."""

NUMBER, ITEM = "n", "item"
_REFERENCE = re.compile(r"\$\{([a-z_][a-z0-9_]*)(?::0(\d{1,2}))?\}")
_LONGEST = 1000
"""Elements of a list or letters of a text that a draw may make at most."""


def text(value: JsonValue) -> str:
    """A value inside a longer text: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class Compiler:
    """Compiles templates of one file; the mistakes that it finds stand in `wrong`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.wrong: list[BadInput] = []
        self._forms: dict[str, Callable[[JsonValue, tuple[str | int, ...], frozenset[str]], Draw]] = {
            "$choice": self._choice,
            "$weighted": self._weighted,
            "$integer": self._integer,
            "$decimal": self._decimal,
            "$text": self._text,
            "$date": self._date,
            "$list": self._list,
            "$sample": self._sample,
            "$match": self._match,
        }

    def compile(self, value: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        """The template at this place; `known` are the names that may be referred to."""
        match value:
            case str():
                return self._string(value, at, known)
            case list():
                inner = [self.compile(one, (*at, number), known) for number, one in enumerate(value)]
                return lambda rng, drawn: [one(rng, drawn) for one in inner]
            case dict() if any(key.startswith("$") for key in value):
                return self._drawn(value, at, known)
            case dict():
                parts = {key: self.compile(one, (*at, key), known) for key, one in value.items()}
                return lambda rng, drawn: {key: one(rng, drawn) for key, one in parts.items()}
            case _:
                return lambda _rng, _drawn: value

    def _mistake(self, at: tuple[str | int, ...], value: object, remedy: str) -> Draw:
        self.wrong.append(BadInput(place(self._file, *at), value, remedy))
        return lambda _rng, _drawn: None

    def _string(self, value: str, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        if "${" in _REFERENCE.sub("", value):
            return self._mistake(at, value, "write a reference as ${name}, or ${name:08} to fill it up with zeros")
        for name, _ in _REFERENCE.findall(value):
            if name not in known:
                self._mistake(at, value, f"{name} is not drawn before this place; {closest(name, sorted(known))}")
        whole = _REFERENCE.fullmatch(value)
        if whole is not None and not whole[2]:
            name = whole[1]
            return lambda _rng, drawn: drawn[name]  # a whole reference keeps its type
        if not _REFERENCE.search(value):
            return lambda _rng, _drawn: value
        return lambda _rng, drawn: _REFERENCE.sub(lambda found: text(drawn[found[1]]).zfill(int(found[2] or 0)), value)

    def _drawn(self, value: dict[str, JsonValue], at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        ((form, given), *more) = value.items()
        if more or form not in self._forms:
            remedy = f"write one draw alone in its object; {closest(form, sorted(self._forms))}"
            return self._mistake(at, sorted(value), remedy)
        return self._forms[form](given, (*at, form), known)

    def _choice(self, given: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        if not isinstance(given, list) or not given:
            return self._mistake(at, given, "list the values, of which one is drawn")
        inner = [self.compile(one, (*at, number), known) for number, one in enumerate(given)]
        return lambda rng, drawn: rng.choice(inner)(rng, drawn)

    def _weighted(self, given: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        entries = given if isinstance(given, list) and given else [None]
        inner: list[Draw] = []
        weights: list[float] = []
        for number, one in enumerate(entries):
            weight = one.get("weight") if isinstance(one, dict) else None
            if not isinstance(one, dict) or one.keys() != {"weight", "value"} or not _positive(weight):
                return self._mistake((*at, number), one, "list objects {weight: a number above 0, value: anything}")
            weights.append(float(str(weight)))
            inner.append(self.compile(one["value"], (*at, number, "value"), known))
        return lambda rng, drawn: rng.choices(inner, weights=weights)[0](rng, drawn)

    def _integer(self, given: JsonValue, at: tuple[str | int, ...], _known: frozenset[str]) -> Draw:
        bounds = _span(given)
        if bounds is None:
            return self._mistake(at, given, "write [smallest, largest], two whole numbers")
        low, high = bounds
        return lambda rng, _drawn: rng.randint(low, high)

    def _decimal(self, given: JsonValue, at: tuple[str | int, ...], _known: frozenset[str]) -> Draw:
        numbers = [one for one in given if _number(one)] if isinstance(given, list) else []
        if len(numbers) != 3 or not isinstance(numbers[2], int) or not 0 <= numbers[2] <= 12:
            return self._mistake(at, given, "write [smallest, largest, places after the point], places from 0 to 12")
        low, high, places = float(str(numbers[0])), float(str(numbers[1])), numbers[2]
        if low > high:
            return self._mistake(at, given, "write the smallest first")
        return lambda rng, _drawn: round(rng.uniform(low, high), places)

    def _text(self, given: JsonValue, at: tuple[str | int, ...], _known: frozenset[str]) -> Draw:
        letters = given.get("letters") if isinstance(given, dict) else None
        length = _length(given.get("length")) if isinstance(given, dict) and len(given) == 2 else None
        if not isinstance(letters, str) or not letters or length is None:
            return self._mistake(
                at, given, f'write {{letters: "abc", length: 8 or [4, 8]}}, at most {_LONGEST} letters'
            )
        low, high = length
        return lambda rng, _drawn: "".join(rng.choices(letters, k=_between(rng, low, high)))

    def _date(self, given: JsonValue, at: tuple[str | int, ...], _known: frozenset[str]) -> Draw:
        days = [_day(one) for one in given] if isinstance(given, list) and len(given) == 2 else [None]
        first, last = days[0], days[-1]
        if len(days) != 2 or first is None or last is None or first > last:
            return self._mistake(at, given, "write [first, last], two dates like 2021-03-04")
        low, high = first, last
        return lambda rng, _drawn: date.fromordinal(rng.randint(low, high)).isoformat()

    def _list(self, given: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        length = _length(given.get("length")) if isinstance(given, dict) else None
        if not isinstance(given, dict) or given.keys() != {"of", "length"} or length is None:
            return self._mistake(
                at, given, f"write {{of: a template, length: 3 or [1, 3]}}, at most {_LONGEST} elements"
            )
        inner, (low, high) = self.compile(given["of"], (*at, "of"), known), length
        return lambda rng, drawn: [inner(rng, drawn) for _ in range(_between(rng, low, high))]

    def _sample(self, given: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        if not isinstance(given, dict) or not {"from", "count"} <= given.keys() <= {"from", "count", "each"}:
            return self._mistake(at, given, 'write {from: [values], count: 2, each: a template with "${item}"}')
        values = given["from"]
        if not isinstance(values, list) or not values:
            return self._mistake((*at, "from"), values, "list the values, of which some are drawn without repetition")
        count = self.compile(given["count"], (*at, "count"), known)
        each = self.compile(given.get("each", "${item}"), (*at, "each"), known | {ITEM})

        def sample(rng: Random, drawn: Drawn) -> JsonValue:
            wanted = count(rng, drawn)
            chosen = rng.sample(values, min(len(values), wanted if isinstance(wanted, int) else 1))
            return [each(rng, {**drawn, ITEM: one}) for one in chosen]

        return sample

    def _match(self, given: JsonValue, at: tuple[str | int, ...], known: frozenset[str]) -> Draw:
        wanted = {"of", "cases", "otherwise"}
        cases = given.get("cases") if isinstance(given, dict) else None
        if not isinstance(given, dict) or given.keys() != wanted or not isinstance(cases, dict):
            return self._mistake(at, given, 'write {of: "${name}", cases: {value: result}, otherwise: result}')
        of = self.compile(given["of"], (*at, "of"), known)
        results = {key: self.compile(one, (*at, "cases", key), known) for key, one in cases.items()}
        otherwise = self.compile(given["otherwise"], (*at, "otherwise"), known)
        return lambda rng, drawn: results.get(text(of(rng, drawn)), otherwise)(rng, drawn)


def _number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _positive(value: JsonValue) -> bool:
    return _number(value) and float(str(value)) > 0


def _span(value: JsonValue) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = value
    if not isinstance(low, int) or not isinstance(high, int) or isinstance(low, bool) or low > high:
        return None
    return low, high


def _length(value: JsonValue) -> tuple[int, int] | None:
    """Bounds of a length, given as one number or two."""
    found = _span([value, value] if isinstance(value, int) else value)
    return found if found is not None and found[0] >= 0 and found[1] <= _LONGEST else None


def _between(rng: Random, low: int, high: int) -> int:
    return low if low == high else rng.randint(low, high)


def _day(value: JsonValue) -> int | None:
    try:
        return date.fromisoformat(value).toordinal() if isinstance(value, str) else None
    except ValueError:
        return None
