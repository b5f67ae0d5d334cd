"""What every effect ledger must do.  A store passes by subclassing `LedgerContract` with its own `ledger`."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from incident.errors import Conflict
from tools import ports
from tools.secrets import redaction

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = AT + timedelta(seconds=5)
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


class LedgerContract:
    @pytest.fixture
    def ledger(self) -> ports.Ledger:
        raise NotImplementedError

    def test_an_intent_is_found_open_until_it_concludes(self, ledger: ports.Ledger) -> None:
        ledger.intend("k", "inc-1", {"to": 10}, AT)
        entry = ports.Entry(key="k", incident="inc-1", intent={"to": 10}, intended_at=AT)
        assert ledger.look("k") == entry
        assert ledger.open() == (entry,)
        ledger.conclude("k", {"result": "done"}, LATER)
        done = entry.model_copy(update={"outcome": {"result": "done"}, "concluded_at": LATER})
        assert ledger.look("k") == done
        assert ledger.entries("inc-1") == (done,)
        assert ledger.open() == ()

    def test_nothing_is_known_of_a_key_that_was_never_intended(self, ledger: ports.Ledger) -> None:
        assert ledger.look("k") is None
        assert ledger.entries("inc-1") == ()
        with pytest.raises(KeyError, match="'k'"):
            ledger.conclude("k", {}, AT)

    def test_the_same_intent_again_is_harmless_and_keeps_its_first_time(self, ledger: ports.Ledger) -> None:
        ledger.intend("k", "inc-1", {"a": 1, "b": 2}, AT)
        ledger.intend("k", "inc-1", {"b": 2, "a": 1}, LATER)
        assert [entry.intended_at for entry in ledger.entries("inc-1")] == [AT]

    def test_the_same_intent_after_its_outcome_keeps_the_outcome(self, ledger: ports.Ledger) -> None:
        ledger.intend("k", "inc-1", {"a": 1}, AT)
        ledger.conclude("k", {"result": "done"}, AT)
        ledger.intend("k", "inc-1", {"a": 1}, LATER)
        assert ledger.open() == ()

    @pytest.mark.parametrize(
        ("incident", "intent"), [("inc-1", {"a": 2}), ("inc-2", {"a": 1}), ("inc-1", {"a": 1, "b": None})]
    )
    def test_another_intent_under_the_same_key_is_refused(
        self, ledger: ports.Ledger, incident: str, intent: dict[str, int | None]
    ) -> None:
        ledger.intend("k", "inc-1", {"a": 1}, AT)
        with pytest.raises(Conflict, match="effect k "):
            ledger.intend("k", incident, dict(intent), LATER)
        assert [entry.intent for entry in ledger.open()] == [{"a": 1}]

    def test_an_outcome_stands(self, ledger: ports.Ledger) -> None:
        ledger.intend("k", "inc-1", {}, AT)
        ledger.conclude("k", {"result": "done"}, AT)
        ledger.conclude("k", {"result": "done"}, LATER)
        with pytest.raises(Conflict, match="effect k "):
            ledger.conclude("k", {"result": "refused"}, LATER)
        (entry,) = ledger.entries("inc-1")
        assert (entry.outcome, entry.concluded_at) == ({"result": "done"}, AT)

    def test_an_empty_outcome_is_an_outcome(self, ledger: ports.Ledger) -> None:
        ledger.intend("k", "inc-1", {}, AT)
        ledger.conclude("k", {}, AT)
        assert ledger.open() == ()

    def test_entries_come_in_the_order_of_their_intents_and_by_incident(self, ledger: ports.Ledger) -> None:
        for key in ("z", "m", "a"):
            ledger.intend(key, "inc-1", {}, AT)
        ledger.intend("other", "inc-2", {}, AT)
        ledger.conclude("m", {}, AT)
        assert [entry.key for entry in ledger.entries("inc-1")] == ["z", "m", "a"]
        assert [entry.key for entry in ledger.open()] == ["z", "a", "other"]

    def test_what_json_cannot_say_is_refused_before_anything_is_written(self, ledger: ports.Ledger) -> None:
        with pytest.raises(ValueError, match="JSON"):
            ledger.intend("k", "inc-1", {"a": float("nan")}, AT)
        assert ledger.look("k") is None

    @given(intent=st.dictionaries(st.text(), JSON, max_size=4), ending=st.just("") | st.just("\ud800"))
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    def test_what_goes_in_comes_out(self, ledger: ports.Ledger, intent: dict[str, JsonValue], ending: str) -> None:
        key, intent = str(len(ledger.entries("inc-1"))), {**intent, "ending": ending}
        # A name or a value that looks like a secret is never written; other tests hold that.
        assume(redaction.redact_mapping(intent, redaction.SOURCE) == intent)
        ledger.intend(key, "inc-1", intent, AT)
        entry = ledger.look(key)
        assert entry is not None
        assert entry.intent == intent
