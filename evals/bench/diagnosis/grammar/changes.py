"""Changes of everybody: the guilty one, if there is one, and innocent ones, told in the same forms."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from evals.bench.diagnosis.grammar import stacks
from evals.bench.diagnosis.grammar.names import Names
from evals.bench.diagnosis.grammar.system import System
from evals.bench.diagnosis.grammar.topology import NOUNS
from incident.evidence import Change
from incident.observed import moment

What = Literal["deploy", "config", "flag", "scale", "restart", "certificate", "node", "migration"]

SETTINGS = {
    "timeout_ms": (("2000", "3000"), ("1500", "4000")),
    "url": (("http://{peer}:8080", "http://{peer}:8000"), ("http://{peer}:8081", "http://{peer}.internal:8080")),
    "pool_size": (("20", "32"), ("24", "40")),
    "batch_size": (("100", "200"), ("150", "300")),
    "cache_ttl_s": (("60", "300"), ("90", "600")),
    "unit": (("minor", "gram"), ("major", "kilogram")),
    "retry_max": (("1", "2"), ("2", "3")),
    "log_level": (("info", "warn"), ("debug", "info")),
}
"""Settings with values that they have and are given by innocent changes."""

VERBS = ("apply", "check", "load", "merge", "plan", "resolve")


@dataclass(frozen=True, slots=True)
class Made:
    """A change that somebody makes, by the grammar's ids."""

    what: What
    node: str
    at: float
    noun: int = 0
    field: int = 1
    verb: str = "apply"
    setting: str = ""
    old: str | None = None
    new: str | None = None
    about: str = ""
    """Callee or machine that it is about."""
    share: float = 1.0
    """Of a deploy: part of the requests that the new version gets at first."""
    stages: tuple[tuple[float, float], ...] = ()
    """Of a deploy: seconds after it, and the part that the new version gets from then on."""


def innocent(dice: Random, system: System, seconds: float, guilty: Made | None) -> list[Made]:
    """Changes all over the time, of which none does any harm."""
    count = dice.randint(3, 6 + len(system.services) // 4)
    found = [one(dice, system, dice.choice(system.services), dice.uniform(0.02, 0.98) * seconds) for _ in range(count)]
    return [made for made in found if not _overtakes(made, guilty)]


def one(dice: Random, system: System, node: str, at: float) -> Made:
    """An innocent change of a service."""
    what: What = dice.choices(
        ("deploy", "config", "flag", "scale", "restart", "certificate", "node"), (8, 6, 4, 2, 1, 1, 1)
    )[0]
    setting = dice.choice(sorted(SETTINGS))
    old, new = (dice.choice(values) for values in SETTINGS[setting])
    callees = sorted({link.callee for operation in system.nodes[node].operations for link in operation.links})
    about = dice.choice(callees) if callees and setting in ("timeout_ms", "url") else ""
    if what == "scale":
        old, new = "2", "3"
    if what == "node":
        about = dice.choice(system.machines)
    return Made(
        what=what,
        node=node,
        at=at,
        noun=dice.randrange(NOUNS),
        field=dice.randrange(NOUNS),
        verb=dice.choice(VERBS),
        setting=setting,
        old=old,
        new=new,
        about=about,
    )


def _overtakes(made: Made, guilty: Made | None) -> bool:
    """True for a deploy that would replace the guilty version."""
    return guilty is not None and made.what == guilty.what == "deploy" and made.node == guilty.node


class Versions:
    """Names of the versions of each service over time."""

    def __init__(self, made: Iterable[Made], guilty: Made | None) -> None:
        self._deploys: dict[str, list[tuple[float, str, bool]]] = {}
        self._of: dict[Made, tuple[str, str]] = {}
        for one in sorted((one for one in made if one.what == "deploy"), key=lambda one: one.at):
            known = self._deploys.setdefault(one.node, [])
            minor = _minor(one.node)
            before, after = f"1.{minor + len(known)}.0", f"1.{minor + len(known) + 1}.0"
            known.append((one.at, after, one == guilty))
            self._of[one] = before, after

    def of(self, made: Made) -> tuple[str, str]:
        """Versions before and after a deploy."""
        return self._of[made]

    def at(self, node: str, at: float, simulated: str) -> str:
        """The version that answered, by its simulated name (`v2` is the guilty one)."""
        found = f"1.{_minor(node)}.0"
        for start, name, is_guilty in self._deploys.get(node, ()):
            if start < at and (not is_guilty or simulated == "v2"):
                found = name
        return found


def told(
    made: Sequence[Made], names: Names, system: System, versions: Versions, start: float
) -> list[tuple[Made, Change]]:
    """Each change as a store of changes tells it, oldest first; a rollout has its shifts of weights beside it."""
    found: list[tuple[Made, Change]] = []
    for one in sorted(made, key=lambda one: (one.at, one.node, one.what)):
        found.append((one, _told(one, names, system, versions, start)))
        if one.what == "deploy":
            for after, share in ((1, one.share), *one.stages):
                shift = Change(
                    service=names[one.node],
                    at=moment(round(start + one.at + after, 3)),
                    what="weights",
                    version=versions.of(one)[1],
                    new=f"{share:.0%}",
                    actor="rollout",
                )
                found.append((one, shift))
    return sorted(found, key=lambda pair: pair[1].at)


def _told(one: Made, names: Names, system: System, versions: Versions, start: float) -> Change:
    at, service = moment(round(start + one.at, 3)), names[one.node]
    noun, field = names.nouns[one.noun], names.nouns[one.field]
    digest = hashlib.sha256(f"{one.node} {one.at}".encode()).hexdigest()
    more: dict[str, str | tuple[str, ...] | None] = {}
    common = {"service": service, "at": at, "what": one.what, "actor": f"user-{digest[40:42]}"}
    match one.what:
        case "deploy":
            before, after = versions.of(one)
            patch = stacks.difference(system.nodes[one.node].stack, one.verb, noun, field)
            more = {
                "version": after,
                "previous": before,
                "commit": digest[:12],
                "commits": (f"{digest[:12]} {one.verb} {field} of each {noun}",),
                "patch": patch,
            }
        case "config":
            about = names[one.about] if one.about else noun
            peer = names[one.about] if one.about else noun
            more = {
                "key": f"{about.replace('-', '_').replace('.', '_')}_{one.setting}",
                "old": one.old.format(peer=peer) if one.old else one.old,
                "new": one.new.format(peer=peer) if one.new else one.new,
            }
        case "flag":
            more = {"key": f"{noun}-{field}", "old": "off", "new": "on"}
        case "scale":
            more = {"key": "replicas", "old": one.old, "new": one.new}
        case "node":
            more = {"service": "", "target": names[one.about], "key": "kernel", "old": "6.1.90", "new": "6.1.94"}
        case "certificate":
            more = {"target": f"{service}.internal"}
        case "migration":
            more = {"target": f"{noun}s"}
        case "restart":
            pass
    return Change.model_validate({**common, **more})


def _minor(node: str) -> int:
    return int(hashlib.sha256(node.encode()).hexdigest()[:2], 16) % 20
