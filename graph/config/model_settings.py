"""Settings of the models, and the budget of a run, read from the environment.

==========================  =========================================================================
``OPENAI_MODEL``            name of the model; empty: the playbook.  ``SUTURE_MODEL`` wins over it
``OPENAI_BASE_URL``         an OpenAI-compatible endpoint (also ``OPENAI_API_BASE``)
``OPENAI_API_KEY``          its key; never journaled
``SUTURE_FALLBACK_MODEL``   asked when that one is gone or refuses us: a name, or ``playbook``
``SUTURE_FALLBACK_URL``     its endpoint, if it is another one
``SUTURE_FALLBACK_KEY``     the key of that other endpoint
``SUTURE_TEMPERATURE``      0 to 2, or ``none`` for models that take none
``SUTURE_STREAM``           ``on`` takes answers piece by piece
``SUTURE_CONTEXT_TOKENS``   the model's context window, question and answer together
``SUTURE_ANSWER_TOKENS``    the longest answer
``SUTURE_ANSWER_SECONDS``   for one answer, from question to last byte
``SUTURE_PATIENCE_SECONDS`` for how long a busy or missing endpoint is waited for
``SUTURE_RUN_STEPS``        questions of one run of one agent
``SUTURE_RUN_SECONDS``      length of one run of one agent
``SUTURE_PATCH_TRIES``      how often a small question for a patch is asked side by side
``SUTURE_TEMPLATES``        ``off`` asks the model for a patch at once, and not the repair templates before it
``SUTURE_INCIDENT_TOKENS``  tokens of one whole incident
``SUTURE_INCIDENT_COST``    money for one whole incident, in the currency of the prices; needs prices
``SUTURE_PRICE``            ``INPUT/OUTPUT`` per million tokens, as in 0.15/0.60
``SUTURE_FALLBACK_PRICE``   the same of the fallback
==========================  =========================================================================
"""

import re
from collections.abc import Callable, Mapping

from pydantic import Field

from agents.budget import Budget
from agents.models.price import Price, free
from incident.errors import BadInput
from incident.value import Value

MICROS = 1_000_000

_PLAIN = re.compile(r"(?=.{1,12}\Z)\s*\d+(?:\.\d*)?\s*", re.DOTALL)
"""A plain decimal, not negative, without exponent, NaN or infinity."""
_WHOLE = re.compile(r"\d{1,9}")


class ModelSettings(Value):
    """Settings of the models."""

    temperature: float | None = 0.0
    """None: not sent.  Zero, because the same incident should get the same answer."""
    streamed: bool = False
    """Off: nothing here shows half an answer.  On helps behind a proxy that cuts silent connections."""
    templates: bool = True
    """Repair templates come before the model's own patches: they cost nothing and name their source."""
    answer_tokens: int = Field(default=4096, ge=16)
    """A function of 300 lines fits; a model that loops is stopped here."""
    price: Price | None = None
    """None: not known, so that costs are not known either."""
    fallback: str = ""
    """Empty: none; then an endpoint that stays gone ends in a person being asked."""
    fallback_url: str = ""
    """Empty: the same endpoint."""
    fallback_key: str = ""
    fallback_price: Price | None = None
    incident_tokens: int = Field(default=1_000_000, ge=1)
    """Of all runs of one incident together."""
    incident_cost_micros: int | None = None
    """Millionths; None: no limit."""


def load(environment: Mapping[str, str]) -> ModelSettings:
    """Read the settings of the models.  Raises BadInput naming the variable."""
    found = ModelSettings(
        temperature=_temperature(environment),
        streamed=_switch(environment, "SUTURE_STREAM", usual="off"),
        templates=_switch(environment, "SUTURE_TEMPLATES", usual="on"),
        answer_tokens=_whole(environment, "SUTURE_ANSWER_TOKENS", 4096, least=16),
        price=_price(environment, "SUTURE_PRICE"),
        fallback=environment.get("SUTURE_FALLBACK_MODEL", ""),
        fallback_url=environment.get("SUTURE_FALLBACK_URL", ""),
        fallback_key=environment.get("SUTURE_FALLBACK_KEY", ""),
        fallback_price=_price(environment, "SUTURE_FALLBACK_PRICE"),
        incident_tokens=_whole(environment, "SUTURE_INCIDENT_TOKENS", 1_000_000, least=1),
        incident_cost_micros=_money(environment, "SUTURE_INCIDENT_COST"),
    )
    if found.incident_cost_micros is not None:
        _priced(environment, found)
    return found


def budget(environment: Mapping[str, str]) -> Budget:
    """Read the budget of one run of one agent.  Raises BadInput naming the variable."""
    usual = Budget()
    window = _whole(environment, "SUTURE_CONTEXT_TOKENS", 32_768, least=2_048)
    answer = _whole(environment, "SUTURE_ANSWER_TOKENS", 4096, least=16)
    if answer * 2 > window:
        raise BadInput("SUTURE_ANSWER_TOKENS", answer, f"leave at least half of the {window} tokens to the question")
    return Budget(
        steps=_whole(environment, "SUTURE_RUN_STEPS", usual.steps, least=1),
        seconds=_positive(environment, "SUTURE_RUN_SECONDS", usual.seconds),
        context_tokens=window - answer,
        tries=_whole(environment, "SUTURE_PATCH_TRIES", usual.tries, least=1),
        answer_seconds=_positive(environment, "SUTURE_ANSWER_SECONDS", usual.answer_seconds),
        patience_seconds=_positive(environment, "SUTURE_PATIENCE_SECONDS", usual.patience_seconds),
    )


def _priced(environment: Mapping[str, str], found: ModelSettings) -> None:
    """Raise BadInput when a model that may be asked has no price."""
    # A limit on money cannot bind where a price is not known.
    name = environment.get("SUTURE_MODEL") or environment.get("OPENAI_MODEL", "")
    for variable, model, price in (
        ("SUTURE_PRICE", name, found.price),
        ("SUTURE_FALLBACK_PRICE", found.fallback, found.fallback_price),
    ):
        if price is None and not free(model):
            raise BadInput(
                variable, "", "SUTURE_INCIDENT_COST needs it: INPUT/OUTPUT per million tokens, as in 0.15/0.60"
            )


def _temperature(environment: Mapping[str, str]) -> float | None:
    name = "SUTURE_TEMPERATURE"
    if environment.get(name) == "none":
        return None
    return _number(environment, name, "0", lambda value: value <= 2, "use a number from 0 to 2, or none")


def _switch(environment: Mapping[str, str], name: str, *, usual: str) -> bool:
    said = environment.get(name, usual)
    if said not in ("on", "off"):
        raise BadInput(name, said, "use on or off")
    return said == "on"


def _whole(environment: Mapping[str, str], name: str, usual: int, *, least: int) -> int:
    hint = f"use a whole number from {least} to 999999999"
    return int(_number(environment, name, str(usual), lambda value: value >= least, hint, form=_WHOLE))


def _positive(environment: Mapping[str, str], name: str, usual: float) -> float:
    hint = "use a number of seconds above 0, at most a day"
    return _number(environment, name, str(usual), lambda value: 0 < value <= 86_400, hint)


def _money(environment: Mapping[str, str], name: str) -> int | None:
    if not environment.get(name):
        return None
    return int(_number(environment, name, "", lambda _: True, "use an amount, as in 0.50") * MICROS)


def _price(environment: Mapping[str, str], name: str) -> Price | None:
    said = environment.get(name, "")
    if not said:
        return None
    both = [float(part) for part in said.split("/") if _PLAIN.fullmatch(part)]
    if len(both) != 2 or said.count("/") != 1:
        raise BadInput(name, said, "use INPUT/OUTPUT per million tokens, as in 0.15/0.60")
    return Price(input=both[0], output=both[1])


def _number(
    environment: Mapping[str, str],
    name: str,
    usual: str,
    fits: Callable[[float], bool],
    hint: str,
    form: re.Pattern[str] = _PLAIN,
) -> float:
    said = environment.get(name, usual)
    if not form.fullmatch(said) or not fits(float(said)):
        raise BadInput(name, said, hint)
    return float(said)
