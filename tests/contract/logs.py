"""What every log promises.  Subclasses say how one is made over a simulated world."""

from datetime import timedelta

from incident import logs
from incident.evidence import ErrorLog, Missing, Signals
from incident.stacks import Frame
from tests.contract.bench import Bench, Build, Contract
from tools import ports
from tools.frames import templates
from tools.scripted.state import Raised

SECONDS = timedelta(seconds=1)


def errors(bench: Bench[ports.Logs], seconds: float, version: str | None = None) -> tuple[ErrorLog, ...]:
    now = bench.clock.now()
    found = bench.port.errors("orders", now - seconds * SECONDS, now, version)
    assert not isinstance(found, Missing)
    return found


class LogsContract(Contract[ports.Logs]):
    """Each test gets the logs of a simulated world whose service `orders` has a bug that wakes."""

    def test_every_counted_error_is_logged_once_oldest_first(self, build: Build[ports.Logs]) -> None:
        bench = build()
        for _ in range(20):
            bench.clock.advance(1)
            logged = errors(bench, 20)
        counted = bench.simulated.metrics.signals("orders", bench.clock.now() - 20 * SECONDS, bench.clock.now())
        assert isinstance(counted, Signals)
        assert sum(log.at > bench.clock.now() - 20 * SECONDS for log in logged) == counted.errors > 200
        assert [log.at for log in logged] == sorted(log.at for log in logged)
        assert len({log.trace_id for log in logged}) == len(logged)

    def test_an_error_names_the_place_in_the_repository(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.clock.advance(10)
        sick = [log for log in errors(bench, 10) if log.exception == "AttributeError"]
        assert {log.signature for log in sick} == {sick[0].signature}
        place = sick[0].signature
        assert place is not None
        assert (place.path, place.function, place.route) == ("services/orders/pricing.py", "discount", "POST /orders")
        code = bench.simulated.repository.text("main", place.path).split("\n")[place.line - 1]
        assert code.strip() == sick[0].frames[-1].code
        assert sick[0].frames[0].path == "services/orders/app.py"

    def test_an_error_that_only_a_library_raised_has_frames_and_no_signature(self, build: Build[ports.Logs]) -> None:
        bench = build()
        library = Frame(path="/srv/orders/node_modules/express/lib/response.js", line=66, function="writeHead")
        stage = bench.simulated.stage
        story = stage.state.stories["orders"]
        sick = Raised(exception="RangeError", message="Invalid status code", frames=(library,))
        stories = {**stage.state.stories, "orders": story.model_copy(update={"sick": sick})}
        stage.state = stage.state.model_copy(update={"stories": stories})
        bench.clock.advance(5)
        found = [log for log in errors(bench, 5) if log.exception == "RangeError"]
        assert found
        assert {(log.signature, log.frames[-1].function) for log in found} == {(None, "writeHead")}

    def test_only_the_window_and_the_version_that_were_asked_for_are_told(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.canary()
        bench.clock.advance(60)
        now = bench.clock.now()
        part = bench.port.errors("orders", now - 30 * SECONDS, now - 20 * SECONDS)
        assert not isinstance(part, Missing)
        assert part
        assert all(now - 30 * SECONDS <= log.at <= now - 20 * SECONDS for log in part)
        assert {log.version for log in errors(bench, 60, "v1")} == {"v1"}
        assert {(log.version, log.exception) for log in errors(bench, 60, "v2")} == {("v2", "TimeoutError")}

    def test_an_earlier_window_can_be_asked_for_later(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.clock.advance(30)
        late = errors(bench, 5)
        assert set(late) < set(errors(bench, 25))
        assert errors(bench, 5) == late

    def test_a_version_without_errors_is_quiet_and_not_missing(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.canary()
        bench.clock.advance(1)
        assert errors(bench, 1, "v2") == ()

    def test_the_log_of_an_unknown_service_is_missing(self, build: Build[ports.Logs]) -> None:
        bench = build()
        now = bench.clock.now()
        assert isinstance(bench.port.errors("billing-api", now - SECONDS, now), Missing)

    def test_every_error_is_a_line_with_its_level_and_what_was_raised(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.clock.advance(10)
        now = bench.clock.now()
        found = bench.port.lines("orders", now - 10 * SECONDS, now, limit=10_000)
        assert isinstance(found, logs.Lines)
        assert [line.at for line in found.lines] == sorted(line.at for line in found.lines)
        raised = [line.attributes.get("exception.type") for line in found.lines if line.level == "error"]
        assert sorted(map(str, raised)) == sorted(error.exception for error in errors(bench, 10))
        assert found.since == now - 10 * SECONDS

    def test_lines_that_are_no_errors_are_told_too(self, build: Build[ports.Logs]) -> None:
        bench = build(age=30.0, wakes_in=None)
        bench.clock.advance(5)
        now = bench.clock.now()
        found = bench.port.lines("stock", now - 60 * SECONDS, now)
        assert isinstance(found, logs.Lines)
        assert {(line.level, line.message) for line in found.lines} == {("info", "started")}

    def test_of_too_many_lines_the_newest_are_told_and_from_when_on(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.clock.advance(10)
        now = bench.clock.now()
        found = bench.port.lines("orders", now - 10 * SECONDS, now, limit=7)
        assert isinstance(found, logs.Lines)
        assert len(found.lines) == 7
        assert found.since == found.lines[0].at > now - 2 * SECONDS

    def test_lines_make_templates_that_count_them(self, build: Build[ports.Logs]) -> None:
        bench = build()
        bench.clock.advance(10)
        now = bench.clock.now()
        found = bench.port.lines("orders", now - 5 * SECONDS, now, limit=10_000)
        assert isinstance(found, logs.Lines)
        told = templates.of((line.at, line.message) for line in found.lines)
        assert sum(one.count for one in told.templates) + told.others == len(found.lines)

    def test_the_lines_of_an_unknown_service_are_missing(self, build: Build[ports.Logs]) -> None:
        bench = build()
        now = bench.clock.now()
        assert isinstance(bench.port.lines("billing-api", now - SECONDS, now), Missing)
