"""Tries one fault without a healer: its form, the services' own tests, the share it reaches, and what it leaves behind."""

import json
import re
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import JsonValue, TypeAdapter

from evals.lab import command, faults, leftovers, places, repository, runtime, validation
from evals.lab.command import Start
from evals.lab.faults import Fault
from incident.evidence import Condition, Measurement
from incident.value import Value

LONGEST = 60.0
"""Seconds after the last event in which some rule must fire."""
CALLERS = 12.0
"""Seconds for which further rules are awaited once one has fired."""
TESTS_WITHIN = 300.0
LOST = ("gave up", "turned away")
"""Ways in which the load generator counts users who got no answer."""
_CONDITIONS: TypeAdapter[tuple[Condition, ...]] = TypeAdapter(tuple[Condition, ...])
_SEARCHED = 64 * 1024 * 1024  # bytes of a world's files that are searched for the fault's name


class Reached(Value):
    """One rule while the fault played.  Seconds count from the beginning of the timetable."""

    alert: str
    service: str
    threshold: float
    highest: float
    """The value farthest on the side of trouble."""
    breached_after: float | None = None
    """Seconds until its value was beyond the threshold for the first time."""
    fired_after: float | None = None
    """Seconds until it fired."""


class Checked(Value):
    """Result of a check."""

    fault: str
    mistakes: tuple[str, ...] = ()
    """Of its files; nothing is played with one."""
    failed_tests: tuple[str, ...] = ()
    """Trees (the base, or a release) in which the services' own tests fail, each with the last line of the run."""
    first_event: float | None = None
    """Seconds from the beginning of the timetable."""
    rules: tuple[Reached, ...] = ()
    """Rules whose value went beyond the threshold at some time."""
    traces: tuple[str, ...] = ()
    """Places at which the fault can be seen while it plays, or something of its world remains afterwards."""
    void: tuple[str, ...] = ()
    """Ways in which the world itself misbehaved."""
    users: dict[str, int] = {}
    """Answers that the users got, by status."""

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """Reasons that the fault does not pass, as sentences; a void check has none."""
        if self.void:
            return ()
        fired = [rule.fired_after for rule in self.rules if rule.fired_after is not None]
        return (
            *self.mistakes,
            *(f"the services' own tests fail in {one}" for one in self.failed_tests),
            *(["no rule fired"] if not fired and not self.mistakes and not self.failed_tests else []),
            *(f"{one}: it is breached in ordinary times, so give it another limit" for one in self.early()),
            *self.traces,
        )

    def early(self) -> Iterator[str]:
        """Rules that fired before the first event, in words."""
        first = self.first_event
        for rule in self.rules:
            if first is not None and rule.fired_after is not None and rule.fired_after < first:
                at = f"after {rule.fired_after:.0f} s, before the first event at {first:g} s"
                yield f"the rule {rule.alert} of {rule.service} fired {at}"


def check(name: str, more: Sequence[Path], *, seed: int, tell: Callable[[str], object]) -> Checked:
    """Try a fault.  Raises BadInput for one that does not exist, Failed and NoRuntime when there is no world."""
    folder = faults.folder_of(name, more)
    wrong = validation.mistakes(folder)
    if wrong:
        return Checked(fault=name, mistakes=tuple(map(str, wrong)))
    fault = faults.read(folder)
    first = min((event.after_seconds for event in fault.timetable), default=None)
    try:
        tell("running the services' own tests in the laid-out tree")
        failed = tuple(own_tests(fault))
        if failed:
            return Checked(fault=name, failed_tests=failed, first_event=first)
        with tempfile.TemporaryDirectory(prefix="suture-check-") as root:
            place = Path(root)
            place.chmod(0o755)
            return _played(fault, place, more, first, seed=seed, tell=tell)
    except command.Void as error:
        return Checked(fault=name, void=(f"{error}{_hint(fault, str(error))}",), first_event=first)


def _hint(fault: Fault, cause: str) -> str:
    """Advice for a world that does not get calm because of a rule of the fault's own; else nothing."""
    own = any(f"{rule.alert} of {rule.service} is" in cause for rule in fault.rules)
    return "; that rule is the fault's own: if it says so again, give it another limit" if own else ""


def disturbed(fault: Fault, checked: Checked, lost: Mapping[str, int]) -> Iterator[str]:
    """Disturbances before the first event that are no doing of the fault's own rules or events, as sentences.

    `lost` counts the users who gave up or were turned away between calm and the first event.
    """
    own = {rule.key for rule in fault.rules}
    ordinary = tuple(rule for rule in checked.rules if (rule.alert, rule.service) not in own)
    found = list(checked.model_copy(update={"rules": ordinary}).early())
    found += [f"{number} users {what} before the first event" for what, number in sorted(lost.items()) if number]
    begins_with = [what for what, there in (("overlay", fault.overlay), ("initial", fault.initial)) if there]
    other = (
        f"; if it comes again on a quiet machine, look at what `{'` and `'.join(begins_with)}` does to ordinary users"
    )
    for one in found:
        yield f"{one}: the machine is too busy{other if begins_with else ''}"


def own_tests(fault: Fault) -> Iterator[str]:
    """Run the services' own tests in the base and in each release; yields those that fail.

    Raises Void when they do not end in time.
    """
    shop = runtime.ensure(command.REQUIREMENTS, runtime.home())
    _, trees = repository.history(fault)
    shown = ["the base", *(f"release {release.version}" for release in fault.releases)]
    for what, tree in zip(shown, trees[-len(shown) :], strict=True):
        with tempfile.TemporaryDirectory(prefix="suture-check-") as name:
            root = Path(name)
            for path, content in tree.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            try:
                ran = runtime.own_tests(shop.python, root, seconds=TESTS_WITHIN)
            except subprocess.TimeoutExpired as error:
                cause = "the machine is too busy, or a test of the overlay waits for ever"
                message = f"the services' own tests did not end within {TESTS_WITHIN:.0f} s in {what}: {cause}"
                raise command.Void(message) from error
            if ran.returncode != 0:
                lines = [one for one in ran.stdout.splitlines() if one.startswith(("FAILED", "ERROR"))] or [ran.stdout]
                yield f"{what}: {lines[0].strip()[-200:]}"


def _played(
    fault: Fault,
    root: Path,
    more: Sequence[Path],
    first: float | None,
    *,
    seed: int,
    tell: Callable[[str], object],
) -> Checked:
    world, private = root / "world", places.private(root / "world", root / "private")
    up = command.up(world, private, Start(fault=fault.name, seed=seed), wait_alert=False, tell=tell, more=more)
    url = str(up["url"])
    listening: tuple[int, ...] = ()
    try:
        command.await_calm(private, tell)
        tell(
            "the world is calm"
            if first is not None
            else "no event is awaited: what is wrong is there from the beginning"
        )
        listening = _ports(url)
        rules, lost = _watched(fault, url, private, first, tell)
        told = tuple(_told(fault, url, world))
        state, counts = command.state(private), command.counts(private)
    finally:
        command.down(world, private)
    remains = (
        *leftovers.processes(root),
        *leftovers.ports(listening),
        *([f"{private} is still there"] if private.exists() else []),
    )
    found = Checked(fault=fault.name, rules=rules, traces=(*told, *remains), users=counts, first_event=first)
    return found.model_copy(update={"void": (*state["void"], *disturbed(fault, found, lost))})


def _watched(
    fault: Fault, url: str, private: Path, first: float | None, tell: Callable[[str], object]
) -> tuple[tuple[Reached, ...], dict[str, int]]:
    """Look at every rule once a second until those that fire have fired; and users lost before the first event."""
    before = command.counts(private)
    lost: dict[str, int] = {}
    last = max((event.after_seconds for event in fault.timetable), default=0.0)
    until = last + LONGEST
    conditions = _CONDITIONS.validate_python(_get(f"{url}/rules"))
    found: dict[tuple[str, str], Reached] = {}
    tell(f"playing the fault without a healer, for at most {until:.0f} s")
    while True:
        counts = command.counts(private)
        age = float(command.state(private)["age"])  # after the counts: all of them happened before it
        if age >= until:
            break
        if first is not None and age < first:
            lost = {what: counts.get(what, 0) - before.get(what, 0) for what in LOST}
        firing = {(one["labels"]["alertname"], one["labels"]["service"]) for one in _get(f"{url}/alerts")["alerts"]}
        for condition in conditions:
            key = (condition.name, condition.service)
            answer = _get(f"{url}/measure", condition.model_dump(mode="json"))
            value = None if "missing" in answer else Measurement.model_validate(answer).value
            fires = key in firing
            if key in found or fires or (value is not None and condition.breached(value)):
                found[key] = _reached(found.get(key), condition, value, age, fires=fires)
                if fires and found[key].fired_after == age:
                    tell(f"{condition.name} of {condition.service} fires after {age:.0f} s")
                    until = min(until, max(age, last) + CALLERS)
        time.sleep(1.0)
    return tuple(sorted(found.values(), key=lambda one: (one.fired_after is None, one.fired_after or 0.0))), lost


def _reached(known: Reached | None, condition: Condition, value: float | None, age: float, *, fires: bool) -> Reached:
    breached = value is not None and condition.breached(value)
    before = known or Reached(
        alert=condition.name, service=condition.service, threshold=condition.threshold, highest=condition.threshold
    )
    worse = max if condition.comparison.startswith(">") else min
    return before.model_copy(
        update={
            "highest": before.highest if value is None else worse(before.highest, value),
            "breached_after": before.breached_after if before.breached_after is not None or not breached else age,
            "fired_after": before.fired_after if before.fired_after is not None or not fires else age,
        }
    )


def _told(fault: Fault, url: str, world: Path) -> Iterator[str]:
    """Places that the healer can read and that name the fault, its files or its summary."""
    words = [re.escape(faults.FILE), re.escape("oracle.yaml"), re.escape(str(fault.folder))]
    words.append(re.escape(" ".join(fault.summary.split())[:40]))
    if "-" in fault.name:  # a single word may stand anywhere, and says nothing
        words.append(fault.name.replace("-", "[-_]"))
    named = re.compile("|".join(words), re.IGNORECASE)
    for what, text in _readable(url, world):
        if match := named.search(text):
            yield f"{what} names {match[0]!r}"


def _readable(url: str, world: Path) -> Iterator[tuple[str, str]]:
    """Everything that the healer can read, with its place: the interface, the repository, files and processes."""
    services: list[str] = list(_get(f"{url}/services"))
    paths = ["/world", "/services", "/aliases", "/rules", "/alerts"]
    for service in services:
        paths += [f"/services/{service}", f"/services/{service}/history?since=2000-01-01T00:00:00Z"]
    for call in paths:
        yield f"GET {call}", json.dumps(_get(url + call))
    git = ("git", "-c", "safe.directory=*", "-C", str(world / "repository"))
    for what, line in (("commits", ("log", "--all", "-p")), ("refs", ("for-each-ref",))):
        ran = subprocess.run([*git, *line], capture_output=True, text=True, errors="replace", check=True, timeout=60)
        yield f"the repository's {what}", ran.stdout
    left = _SEARCHED
    for path in sorted(world.rglob("*")):
        if path.is_file() and ".git" not in path.parts and left > 0:
            content = path.read_bytes()[:left]
            left -= len(content)
            yield str(path.relative_to(world)), f"{path.relative_to(world)}\n{content.decode(errors='replace')}"
    for pid, _, both in leftovers.carrying(str(world)):
        yield f"process {pid}", both


def _ports(url: str) -> tuple[int, ...]:
    """Ports on which something of the world listens."""
    (first, *_) = _get(f"{url}/services")
    environment: Mapping[str, str] = _get(f"{url}/services/{first}/runtime")["environment"]
    routed = [urlsplit(value).port for key, value in environment.items() if key.endswith("_URL")]
    direct = [int(str(alias["name"]).rpartition(":")[2]) for alias in _get(f"{url}/aliases")]
    return tuple(port for port in (urlsplit(url).port, *routed, *direct) if port is not None)


def _get(url: str, body: JsonValue = None) -> Any:
    """JSON of an answer; with a body it is a POST."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as answer:  # noqa: S310 (our own loopback address)
        return json.load(answer)


def report(checked: Checked) -> str:
    """The result in lines for people."""
    lines = [f"{checked.fault}:"]
    for rule in checked.rules:
        fired = "did not fire" if rule.fired_after is None else f"fired after {rule.fired_after:.0f} s"
        since = "" if rule.breached_after is None else f" from {rule.breached_after:.0f} s on"
        lines.append(
            f"  {rule.alert} of {rule.service} reached {rule.highest:.3g} (threshold {rule.threshold:g}){since}, {fired}"
        )
    lines.append(
        f"  users got {', '.join(f'{status}: {count}' for status, count in sorted(checked.users.items())) or 'nothing'}"
    )
    lines += [f"  void: {cause}" for cause in checked.void]
    lines += [f"  falls short: {reason}" for reason in checked.shortcomings] if not checked.void else []
    lines.append(
        "  void, try again" if checked.void else "  FAILS" if checked.shortcomings else "  passes, and leaves no trace"
    )
    return "\n".join(lines) + "\n"
