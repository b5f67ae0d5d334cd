"""Observation of all services: what is asked is bounded, and what is not answered is a gap."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from graph.evidence import asking, observe
from graph.evidence.logged_counts import DISTINCT, Counter
from incident.errors import Unavailable
from incident.evidence import Missing
from incident.logs import Line
from incident.observed import Observed, moment
from policies.profiles import lab
from policies.suspects import asking as facts
from policies.suspects import ranking
from tests.unit.graph import desks
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def observed(folder: Path, broken: tuple[str, ...] = (), old: timedelta | None = None, **world: Any) -> Observed:
    """The observation of an alert that fires now, or is so old; the ports named in `broken` do not answer."""
    clock = ManualClock()
    at = desks.bench(folder, clock, incident_world(clock, **world))
    clock.advance(20)
    ports = {name: getattr(at.world, name) for name in PORTS}
    ports |= dict.fromkeys(broken, Broken())
    context: Any = SimpleNamespace(clock=clock, settings=SimpleNamespace(limits=lab()), world=SimpleNamespace(**ports))
    case = at.case()
    if old is not None:
        alert = case.alert.model_copy(update={"starts_at": clock.now() - old})
        case = case.model_copy(update={"alert": alert})
    return observe.observe(context, case)


PORTS = ("platform", "metrics", "logs", "traces", "captures", "changes", "places", "repository")


class Broken:
    """A port that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        def ask(*given: object, **named: object) -> Any:
            raise Unavailable("it is down")

        return ask


def test_every_source_is_in_it(tmp_path: Path) -> None:
    seen = observed(tmp_path, wakes_in=0.0, deployed_ago=30.0)
    assert seen.services
    assert seen.service in seen.services
    assert {"requests", "errors"} <= {track.name for track in seen.tracks if track.service == seen.service}
    assert any(one.what == "place" for one in seen.logged)
    assert any(one.callee == seen.service for one in seen.calls)
    assert any(change.what == "deploy" for change in seen.changes)
    assert any(request.failed for many in seen.requests for request in many.requests)
    assert seen.looked.start == seen.healthy.start < seen.healthy.end <= seen.since.start < seen.looked.end
    heard = next(one for one in seen.heard if one.service == seen.service)
    assert heard.metrics is not None
    assert heard.metrics <= seen.looked.end


def test_of_an_alert_of_last_year_no_more_is_asked_than_of_a_fresh_one(tmp_path: Path) -> None:
    """Every service has two dozen series, and a store tells months of them."""
    seen = observed(tmp_path, old=timedelta(days=300))
    assert seen.looked.end - seen.looked.start <= observe.OLDEST.total_seconds() + 2 * observe.LONGEST.total_seconds()
    assert seen.healthy.end <= seen.since.start


def test_the_failing_service_is_suspected(tmp_path: Path) -> None:
    decided = ranking.rank(facts.facts(observed(tmp_path, wakes_in=0.0)))
    assert decided.choice == "somebody"
    assert {one.suspect.service for one in decided.result.ranked[:2]} == {"orders"}


def test_a_port_that_is_down_is_a_gap_and_the_rest_is_used(tmp_path: Path) -> None:
    whole = observed(tmp_path / "a", wakes_in=0.0)
    for port, left in (("logs", "logged"), ("traces", "calls"), ("captures", "requests"), ("metrics", "tracks")):
        seen = observed(tmp_path / port, broken=(port,), wakes_in=0.0)
        assert getattr(whole, left)
        assert getattr(seen, left) == ()
        assert any(gap.reason == "it is down" for gap in seen.gaps)


def test_nothing_is_asked_after_the_deadline() -> None:
    clock = ManualClock()
    ask = asking.Asking(clock)
    assert ask("a", "b", "c", lambda: 1) == 1
    clock.advance(asking.SECONDS + 1)
    assert ask("a", "b", "c", lambda: 1) is None
    assert len(ask.gaps()) == 1


def test_many_services_without_an_answer_are_one_gap() -> None:
    ask = asking.Asking(ManualClock())
    for number in range(8):
        assert ask("logs", "lines", f"s{number}", lambda: Missing(reason="no log")) is None
    (gap,) = ask.gaps()
    assert gap.sought.endswith("and 3 more")


def line(number: int, message: str, **attributes: str) -> Line:
    return Line(
        at=moment(1_000_000.0 + number), service="a", version="v1", level="info", message=message, attributes=attributes
    )


def test_lines_are_counted_by_template_and_bucket() -> None:
    counter = Counter("a", 1_000_000.0, 10.0)
    counter.lines(line(number, f"order {number} took {number} ms") for number in range(25))
    (template,) = (one for one in counter.counted() if one.what == "template")
    assert (template.at, template.count) == ((1_000_000.0, 1_000_010.0, 1_000_020.0), (10, 10, 5))
    assert template.first == 1_000_000.0


def test_an_attribute_that_is_an_id_is_not_counted() -> None:
    counter = Counter("a", 1_000_000.0, 10.0)
    counter.lines(line(number, "x", route="GET /a", order=f"o{number}") for number in range(DISTINCT + 1))
    assert {one.text for one in counter.counted() if one.what == "attribute"} == {"level=info", "route=GET /a"}
