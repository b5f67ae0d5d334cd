"""How models are asked is read from the environment, and a wrong value names its variable."""

import pytest

from agents.models.price import Price
from graph.config import model_settings, settings
from incident.errors import BadInput


def test_nothing_set_is_the_documented_default() -> None:
    found, budget = model_settings.load({}), model_settings.budget({})
    assert (found.temperature, found.streamed, found.fallback, found.price) == (0.0, False, "", None)
    assert (budget.context_tokens, budget.steps, budget.seconds) == (28_672, 16, 120.0)
    assert found.templates


def test_everything_can_be_set() -> None:
    said = {
        "SUTURE_TEMPERATURE": "none",
        "SUTURE_STREAM": "on",
        "SUTURE_TEMPLATES": "off",
        "SUTURE_ANSWER_TOKENS": "1024",
        "SUTURE_CONTEXT_TOKENS": "8192",
        "SUTURE_ANSWER_SECONDS": "200",
        "SUTURE_PATIENCE_SECONDS": "20.5",
        "SUTURE_RUN_SECONDS": "600",
        "SUTURE_RUN_STEPS": "6",
        "SUTURE_PRICE": "0.15/0.60",
        "SUTURE_FALLBACK_MODEL": "playbook",
        "SUTURE_INCIDENT_TOKENS": "50000",
        "SUTURE_INCIDENT_COST": "0.25",
        "OPENAI_MODEL": "m",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "SUTURE_HOME": "/tmp/nowhere",
    }
    found = settings.load(said)
    thinking, budget = found.thinking, found.budget
    assert (thinking.temperature, thinking.streamed, thinking.answer_tokens) == (None, True, 1024)
    assert (thinking.price, thinking.incident_cost_micros) == (Price(input=0.15, output=0.60), 250_000)
    assert (budget.context_tokens, budget.answer_seconds, budget.patience_seconds) == (7_168, 200.0, 20.5)
    assert (budget.seconds, budget.steps, thinking.incident_tokens) == (600.0, 6, 50_000)
    assert not thinking.templates


WRONG = {
    "SUTURE_TEMPERATURE": ("hot", "-1", "2.1", "nan", "1e0"),
    "SUTURE_STREAM": ("yes", "1"),
    "SUTURE_TEMPLATES": ("no", ""),
    "SUTURE_ANSWER_TOKENS": ("0", "-5", "many", "20000"),
    "SUTURE_CONTEXT_TOKENS": ("100", "1.5", "9" * 12),
    "SUTURE_RUN_SECONDS": ("0", "inf", "nan", "-1", "100000"),
    "SUTURE_PRICE": ("3", "1/2/3", "a/b", "-1/2", "/"),
    "SUTURE_INCIDENT_COST": ("free", "-1", "1e3"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=name):
        settings.load({name: value, "SUTURE_HOME": "/tmp/nowhere"})


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"OPENAI_MODEL": "m"}, "SUTURE_PRICE"),
        ({"OPENAI_MODEL": "m", "SUTURE_PRICE": "1/2", "SUTURE_FALLBACK_MODEL": "n"}, "SUTURE_FALLBACK_PRICE"),
    ],
)
def test_a_limit_on_money_needs_every_price(said: dict[str, str], missing: str) -> None:
    with pytest.raises(BadInput, match=f"^{missing}"):
        model_settings.load({**said, "SUTURE_INCIDENT_COST": "1"})


def test_the_playbook_needs_no_price() -> None:
    found = model_settings.load({"SUTURE_INCIDENT_COST": "1", "SUTURE_FALLBACK_MODEL": "playbook"})
    assert found.incident_cost_micros == 1_000_000
