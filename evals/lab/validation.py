"""Every mistake in the folder of a fault: in its form, and in what it says about the shop.  It runs nothing."""

import ast
import contextlib
import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from evals.lab import blueprints, faults, oracles, reading, repository
from evals.lab.faults import BadDeploy, ConfigChange, Cut, Description, Event, Fault, FlagTurn, Freeze, Restart, Shift
from evals.lab.reading import closest, place
from evals.lab.traffic import users
from incident.errors import BadInput

_PLATFORM = re.compile(r"PATH|LANG|PYTHON\w*|SERVICE_NAME|SERVICE_VERSION|PORT|\w+_URL|\w+_FILE")
"""Variables of a process that the platform sets, so that no configuration can."""
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
_READ = re.compile(
    r"""(?:settings\.\w+\(|environ(?:\.get\(|\[))\s*["']([A-Z][A-Z0-9_]*)|process\.env\.([A-Z][A-Z0-9_]*)"""
)
"""A variable that a source reads."""
_READ_OF_PEER = re.compile(r"""f["']\{[^}]*\}(_[A-Z0-9_]+)["']""")
"""The end of a variable that a source reads for each peer, whose name is its beginning."""
_PEER = re.compile(r"""HttpPeer\(\s*["']([a-z][a-z0-9-]*)["']""")
"""A peer that a source asks."""
_SHOP = ("services", "libs")
"""Folders at the top of the shop's repository."""


def mistakes(folder: Path) -> tuple[BadInput, ...]:
    """Everything that is wrong with a fault's folder, one sentence each; empty when nothing is."""
    try:
        body = reading.parse(folder / faults.FILE)
    except BadInput as error:
        return (error, *_oracle(folder, _Shop(repository.shop_files())))
    described, wrong = reading.checked(Description, body, faults.FILE)
    kept: _Kept = {}
    if described is None:
        body, kept = _without(body, wrong)
        described, _ = reading.checked(Description, body, faults.FILE)
    if described is None:
        return (*wrong, *_oracle(folder, _Shop(repository.shop_files())))
    fault = faults.named(folder, described)
    files, in_overlays = _files(fault)
    shop = _Shop(files)
    for release in fault.releases:
        with contextlib.suppress(BadInput):  # told above
            shop.release(fault.files(release.overlay))
    empty = () if kept or wrong else _empty(fault)
    rest = (
        *empty,
        *_named(folder),
        *_users(fault),
        *_initial(fault, shop),
        *_events(fault, shop),
        *_rules(fault, shop),
        *_betrayed(fault),
    )
    return (*wrong, *in_overlays, *(_numbered(one, kept) for one in rest), *_oracle(folder, shop))


def _named(folder: Path) -> Iterator[BadInput]:
    if not _NAME.fullmatch(folder.name):
        yield BadInput("folder", folder.name, "name it with small letters and hyphens, as late-fee")


_Kept = dict[str, list[int]]
"""By field, the numbers in the file of the entries of a list that could be read."""


def _without(body: JsonValue, wrong: tuple[reading.Mistake, ...]) -> tuple[JsonValue, _Kept]:
    """The content without what cannot be read, so that the rest is looked at as well."""
    if not isinstance(body, dict):
        return body, {}
    found = dict(body)
    kept: _Kept = {}
    for field in {str(one.parts[0]) for one in wrong if one.parts}:
        inner = {one.parts[1] for one in wrong if one.parts[:1] == (field,) and len(one.parts) > 1}
        value = found.pop(field, None)
        if field == "summary":
            found[field] = "missing"
        elif isinstance(value, list) and inner:
            kept[field] = [number for number in range(len(value)) if number not in inner]
            found[field] = [value[number] for number in kept[field]]
        elif isinstance(value, dict) and inner and field == "users":
            # The name stays, so that an event that names it is not wrong as well.
            unread = {name: {"method": "GET", "path": "/"} for name in inner}
            found[field] = {**value, **{str(name): dict(user) for name, user in unread.items()}}
    return found, kept


def _numbered(mistake: BadInput, kept: _Kept) -> BadInput:
    """The mistake with the number that its entry has in the file."""
    match = re.fullmatch(r"(.*: )(\w+)\[(\d+)\](.*)", mistake.field)
    if match is None or match[2] not in kept:
        return mistake
    field = f"{match[1]}{match[2]}[{kept[match[2]][int(match[3])]}]{match[4]}"
    return BadInput(field, mistake.value, mistake.remedy)


class _Shop:
    """Names that a fault may use, from the shop's files with the fault's overlay."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        listed = tomllib.loads(files["suture.toml"].decode())["services"]
        self.services = tuple(sorted(listed))
        self._suffixes = {name: ".mjs" if entry["app"].endswith(".mjs") else ".py" for name, entry in listed.items()}
        self._files = {path: content for path, content in files.items() if "/tests/" not in path}
        flags = json.loads(files.get("flags.json", b"{}")).get("flags", {})
        self.flags: dict[str, tuple[str, ...]] = {key: tuple(flag["variants"]) for key, flag in flags.items()}
        steps = reading.parse(repository.HISTORY)
        self.last: dict[str, tuple[int, ...]] = {}
        """The newest version of each service, as its three numbers."""
        for service, version in re.findall(r"([a-z-]+)/(v[\w.]+)", json.dumps(steps)):
            if match := _VERSION.fullmatch(version):
                numbers = tuple(map(int, match.groups()))
                self.last[service] = max(numbers, self.last.get(service, numbers))

    def release(self, files: Mapping[str, bytes]) -> None:
        """Add the sources of a release, which may read and ask more than those before."""
        added = {f"{path}#{len(self._files)}": content for path, content in files.items() if "/tests/" not in path}
        self._files |= added

    def asks(self, service: str) -> tuple[str, ...]:
        """Services and third parties that a service's sources ask."""
        return tuple(sorted(set(_PEER.findall(self._sources(f"services/{service}/", self._suffixes[service])))))

    def keys(self, service: str) -> tuple[str, ...]:
        """Configuration that a service's sources read, or its library's."""
        text = self._sources(f"services/{service}/", self._suffixes[service])
        text += self._sources("libs/", self._suffixes[service])
        found = {one or other for one, other in _READ.findall(text)}
        peers = [name.upper() for name in self.asks(service)]
        found |= {f"{peer}{end}" for peer in peers for end in _READ_OF_PEER.findall(text)}
        return tuple(sorted(key for key in found if not _PLATFORM.fullmatch(key)))

    def reads(self, service: str, key: str) -> bool:
        """True when a source that the service runs reads the key, or at least has it as a word."""
        suffix = self._suffixes[service]
        text = self._sources(f"services/{service}/", suffix) + self._sources("libs/", suffix)
        return key in self.keys(service) or re.search(rf"\b{re.escape(key)}\b", text) is not None

    def _sources(self, below: str, suffix: str) -> str:
        found = (path for path in self._files if path.startswith(below) and path.partition("#")[0].endswith(suffix))
        return "\n".join(self._files[path].decode(errors="replace") for path in found)

    def unknown(self, service: str, *at: str | int) -> Iterator[BadInput]:
        """The mistake of naming a service that does not exist."""
        if service not in self.services:
            yield BadInput(place(faults.FILE, *at), service, closest(service, self.services))


def _files(fault: Fault) -> tuple[dict[str, bytes], tuple[BadInput, ...]]:
    """The shop's files with the overlay, and what is wrong with the overlays."""
    wrong: list[BadInput] = []
    files = repository.shop_files()
    named: dict[tuple[str | int, ...], str] = {("overlay",): fault.overlay} if fault.overlay is not None else {}
    named |= {(*_at(fault, event), "overlay"): event.overlay for event in fault.releases}
    for at, overlay in named.items():
        try:
            found = fault.files(overlay)
        except BadInput as error:
            near = difflib.get_close_matches(overlay, [one.name for one in fault.folder.iterdir() if one.is_dir()], n=1)
            remedy = f"{f'did you mean {near[0]}? Or ' if near else ''}{error.remedy}"
            wrong.append(BadInput(place(faults.FILE, *at), error.value, remedy))
            continue
        if at == ("overlay",):
            files |= found
        wrong += _texts(overlay, found)
    known = {str(overlay) for overlay in named.values()}
    for path in sorted(fault.folder.iterdir()):
        if path.is_dir() and path.name not in known and any((path / top).is_dir() for top in _SHOP):
            wrong.append(BadInput("folder", path.name, "name it as an overlay in fault.yaml, or take it away"))
    if not wrong:
        try:
            repository.history(fault)
        except BadInput as error:
            remedy = f"{error.remedy}; the shop's history changes that file, and the overlay must keep the text"
            wrong.append(BadInput(f"{fault.overlay}: {error.field}", error.value, remedy))
    return files, tuple(wrong)


def _texts(overlay: str, files: Mapping[str, bytes]) -> Iterator[BadInput]:
    for path, content in files.items():
        if "/" in path and not path.startswith(tuple(f"{top}/" for top in _SHOP)):
            yield BadInput(f"{overlay}/{path}", path, f"put it below {' or '.join(_SHOP)}, as the shop's repository is")
        if path.endswith(".py"):
            try:
                ast.parse(content)
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                yield BadInput(
                    f"{overlay}/{path}, line {line}", str(error).split(" (")[0], "write Python that compiles"
                )


def _empty(fault: Fault) -> Iterator[BadInput]:
    if not fault.timetable and fault.overlay is None:
        yield BadInput(place(faults.FILE, "events"), reading.MISSING, "add what happens, or an overlay with a bug")


def _users(fault: Fault) -> Iterator[BadInput]:
    for name in sorted(fault.users.keys() & blueprints.traffic().kinds.keys()):
        yield BadInput(place(faults.FILE, "users", name), name, "give it another name: an ordinary kind has this one")
    _, wrong = users.compiled(fault.users, {**users.described(), **fault.users}, faults.FILE, ("users",))
    yield from wrong


def _initial(fault: Fault, shop: _Shop) -> Iterator[BadInput]:
    for service, values in fault.initial.items():
        yield from shop.unknown(service, "initial", service)
        for key in values:
            yield from _own_key(service, key, shop, "initial", service, key)


def _own_key(service: str, key: str, shop: _Shop, *at: str | int) -> Iterator[BadInput]:
    if service in shop.services and not _PLATFORM.fullmatch(key) and not shop.reads(service, key):
        remedy = f"no source of {service} reads it; {closest(key, shop.keys(service))}"
        yield BadInput(place(faults.FILE, *at), key, remedy)
    if _PLATFORM.fullmatch(key):
        yield BadInput(place(faults.FILE, *at), key, "name a value that the service reads; the platform sets this one")


def _events(fault: Fault, shop: _Shop) -> Iterator[BadInput]:
    for number, service in enumerate(fault.may_die):
        yield from shop.unknown(service, "may_die", number)
    last = dict(shop.last)
    for event in fault.timetable:
        at = _at(fault, event)
        if isinstance(event, BadDeploy | ConfigChange | Restart | Freeze):
            yield from shop.unknown(event.service, *at, "service")
        match event:
            case Shift():
                yield from _shift(fault, event, at)
            case BadDeploy():
                yield from _version(event, last, at)
            case ConfigChange():
                yield from _own_key(event.service, event.key, shop, *at, "key")
            case FlagTurn():
                yield from _flag(event, shop, at)
            case Cut():
                yield from _cut(event, shop, at)
            case _:
                pass


def _version(event: BadDeploy, last: dict[str, tuple[int, ...]], at: tuple[str | int, ...]) -> Iterator[BadInput]:
    """The mistake of a version that is not above the last one, which is moved on."""
    match = _VERSION.fullmatch(event.version)
    numbers = tuple(map(int, match.groups())) if match else ()
    before = last.get(event.service, (0, 0, 0))
    if numbers > before:
        last[event.service] = numbers
        return
    shown, example = f"v{before[0]}.{before[1]}.{before[2]}", f"v{before[0]}.{before[1] + 1}.0"
    yield BadInput(place(faults.FILE, *at, "version"), event.version, f"name one above {shown}, for example {example}")


def _shift(fault: Fault, event: Shift, at: tuple[str | int, ...]) -> Iterator[BadInput]:
    kinds = sorted({*users.described(), *fault.users})
    for kind in event.kinds:
        if kind not in kinds:
            yield BadInput(place(faults.FILE, *at, "kinds"), kind, closest(kind, kinds))
    if sum(event.kinds.values()) > 1:
        yield BadInput(place(faults.FILE, *at, "kinds"), event.kinds, "let the shares add up to at most 1")


def _cut(event: Cut, shop: _Shop, at: tuple[str | int, ...]) -> Iterator[BadInput]:
    callers, callees = ("users", *shop.services), (*shop.services, *blueprints.OUTSIDE)
    if event.caller not in callers:
        yield BadInput(place(faults.FILE, *at, "caller"), event.caller, closest(event.caller, callers))
    if event.callee not in callees or event.callee == event.caller:
        yield BadInput(place(faults.FILE, *at, "callee"), event.callee, closest(event.callee, callees))
    if event.how == "delay" and not event.seconds:
        yield BadInput(place(faults.FILE, *at, "seconds"), event.seconds, "say how long a request waits")
    if event.caller in callers and event.callee in callees and event.callee != event.caller:
        asked = (blueprints.ENTRY,) if event.caller == "users" else shop.asks(event.caller)
        if event.callee not in asked:
            other = f"{event.caller} never asks it; {closest(event.callee, asked)}"
            remedy = other if asked else f"{event.caller} asks nobody; name another caller"
            yield BadInput(place(faults.FILE, *at, "callee"), event.callee, remedy)


def _flag(event: FlagTurn, shop: _Shop, at: tuple[str | int, ...]) -> Iterator[BadInput]:
    if event.key not in shop.flags:
        yield BadInput(place(faults.FILE, *at, "key"), event.key, closest(event.key, tuple(shop.flags)))
    elif event.variant not in shop.flags[event.key]:
        remedy = closest(event.variant, shop.flags[event.key])
        yield BadInput(place(faults.FILE, *at, "variant"), event.variant, remedy)


def _rules(fault: Fault, shop: _Shop) -> Iterator[BadInput]:
    seen: set[tuple[str, str]] = set()
    for number, rule in enumerate(fault.rules):
        yield from shop.unknown(rule.service, "rules", number, "service")
        if rule.key in seen:
            yield BadInput(
                place(faults.FILE, "rules", number, "alert"),
                rule.alert,
                "give each rule of a service a name of its own",
            )
        seen.add(rule.key)
        for key, pattern in getattr(rule, "labels", {}).items():
            try:
                re.compile(pattern)
            except re.error as error:
                remedy = f"write a regular expression ({error}), or put \\ before special signs"
                yield BadInput(place(faults.FILE, "rules", number, "labels", key), pattern, remedy)


def _betrayed(fault: Fault) -> Iterator[BadInput]:
    """The fault's name in what the healer can read."""
    if "-" not in fault.name:
        return  # a single word says nothing, and may stand anywhere
    words = re.compile(fault.name.replace("-", "[-_]"), re.IGNORECASE)
    for release in fault.releases:
        for field in ("subject", "version"):
            text = getattr(release, field)
            if words.search(text):
                at = (*_at(fault, release), field)
                yield BadInput(place(faults.FILE, *at), text, "do not name the fault where the healer reads it")
    overlays = {fault.overlay, *(release.overlay for release in fault.releases)} - {None}
    for overlay in sorted(str(one) for one in overlays):
        for path in sorted((fault.folder / overlay).rglob("*")):
            if path.is_file() and words.search(path.read_bytes().decode(errors="replace")):
                shown = path.relative_to(fault.folder).as_posix()
                yield BadInput(shown, fault.name, "do not name the fault where the healer reads it")


def _oracle(folder: Path, shop: _Shop | None) -> tuple[BadInput, ...]:
    path = folder / oracles.FILE
    if not path.exists():
        return ()
    try:
        body = reading.parse(path)
    except BadInput as error:
        return (error,)
    oracle, wrong = reading.checked(oracles.Oracle, body, oracles.FILE)
    if oracle is None or shop is None:
        return wrong
    known = shop.services
    named = [(("service",), oracle.service), *(((("callers", n)), one) for n, one in enumerate(oracle.callers))]
    named += [(("requests", n, "to"), one.to) for n, one in enumerate(oracle.requests)]
    found = [BadInput(place(oracles.FILE, *at), name, closest(name, known)) for at, name in named if name not in known]
    names = [one.name for one in oracle.requests]
    for number, name in enumerate(names):
        if name in names[:number]:
            found.append(
                BadInput(place(oracles.FILE, "requests", number, "name"), name, "give each request a name of its own")
            )
    return tuple(found)


def _at(fault: Fault, event: Event) -> tuple[str | int, ...]:
    """The place of an event in the file."""
    if event is fault.deploy:
        return ("deploy",)
    if event is fault.config:
        return ("config",)
    for field, events in (("events", fault.events), ("traffic", fault.traffic)):
        for number, one in enumerate(events):
            if one is event:
                return (field, number)
    raise LookupError("an event of another fault")
