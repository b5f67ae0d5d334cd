"""The doctor asks a real endpoint one question, and says what an incident would meet."""

import pytest

from graph.config import settings
from graph.setup import health
from incident.errors import SutureError
from tests.integration.endpoint.conftest import Provide


def asked(url: str, **more: str) -> str:
    chosen = settings.load(
        {"SUTURE_HOME": "/nowhere", "OPENAI_MODEL": "m", "OPENAI_BASE_URL": url, "SUTURE_ANSWER_SECONDS": "2", **more}
    )
    return health.model(chosen)


def test_an_endpoint_that_answers_is_in_order(provide: Provide) -> None:
    assert "answered a short question" in asked(provide("prose"))


@pytest.mark.parametrize("move", ["401", "404", "503", "reset", "html"])
def test_an_endpoint_that_would_fail_an_incident_is_not(provide: Provide, move: str) -> None:
    with pytest.raises(SutureError):
        asked(provide(move))


def test_a_fallback_is_asked_for_itself(provide: Provide) -> None:
    good, bad = provide("prose"), provide("401")
    with pytest.raises(SutureError):
        asked(good, SUTURE_FALLBACK_MODEL="n", SUTURE_FALLBACK_URL=bad)
    assert "each answered" in asked(good, SUTURE_FALLBACK_MODEL="n", SUTURE_FALLBACK_URL=provide("prose"))


def test_the_playbook_is_asked_nothing() -> None:
    assert "question" not in health.model(settings.load({"SUTURE_HOME": "/nowhere"}))
