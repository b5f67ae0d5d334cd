"""Builds chat models: the playbook, a script, or any OpenAI-compatible endpoint."""

import httpx2
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agents.models import scripted, wire
from agents.models.endpoint import Endpoint
from agents.models.price import FREE, PLAYBOOK, SCRIPTED, Price
from agents.models.ranked import Ranked
from agents.models.scripted import ScriptedModel
from agents.playbook.model import Playbook
from incident.errors import BadInput
from tools import ports
from tools.clock import SystemClock


def build(
    name: str,
    base_url: str | None = None,
    api_key: str | None = None,
    *,
    script: str | None = None,
    timeout: float = 60.0,
    temperature: float | None = 0.0,
    max_tokens: int = 4096,
    streamed: bool = False,
    price: Price | None = None,
    clock: ports.Clock | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> BaseChatModel:
    """Build the model that the settings name.  Raises BadInput with one sentence.

    No name and no endpoint, or the name ``playbook``: the playbook.  ``scripted:FILE``: the answers in
    `script`, the file's text as wiring read it.  Anything else is a model of an OpenAI-compatible
    endpoint; one at an address of its own needs no key.  `timeout` is in seconds per answer by `clock`
    (default: the system's); a `temperature` of None is not sent; `transport` stands in
    for the network.
    """
    if name.startswith(SCRIPTED):
        return scripted.load(script or "")
    if name == PLAYBOOK or (not name and not base_url):
        return Playbook()
    if not name:
        raise BadInput("OPENAI_MODEL", name, "name the model that the endpoint serves, or unset OPENAI_BASE_URL")
    if base_url and not base_url.startswith(("http://", "https://")):
        raise BadInput("OPENAI_BASE_URL", base_url, "use an address like http://127.0.0.1:8000/v1")
    if base_url and "@" in base_url:
        raise BadInput("OPENAI_BASE_URL", "(not shown)", "leave the credentials out and set OPENAI_API_KEY")
    if not api_key and not base_url:
        raise BadInput("OPENAI_API_KEY", "", "set the key of the endpoint, or OPENAI_BASE_URL of one without keys")
    return Endpoint(
        model=name,
        base_url=base_url or None,
        # The client does not start without a key, and an endpoint of one's own may need none.
        api_key=SecretStr(api_key or "none"),
        timeout=timeout,
        temperature=temperature,
        max_tokens=max_tokens,
        # The client's own retries know neither our deadline nor our budget; see `patience`.
        max_retries=0,
        disable_streaming=True,  # langchain's own; ours is `streamed`
        streamed=streamed,
        price=price,
        http_client=wire.client(clock or SystemClock(), transport),
    )


def warmer(model: BaseChatModel, temperature: float) -> BaseChatModel:
    """The same model at no less than this temperature; one that takes no temperature as it is."""
    match model:
        case Endpoint() if model.temperature is not None:
            return model.model_copy(update={"temperature": max(temperature, model.temperature)})
        case Ranked():
            return Ranked(models=tuple(warmer(item, temperature) for item in model.models))
        case _:
            return model


def price(model: BaseChatModel) -> Price | None:
    """Price of the model's tokens; None when nobody said."""
    return model.price if isinstance(model, Endpoint) else FREE


def asks(model: BaseChatModel) -> bool:
    """True when a language model answers, and not fixed rules or a script."""
    return not isinstance(model, Playbook | ScriptedModel)


def repeats(model: BaseChatModel) -> bool:
    """True for fixed rules: what they are asked again, they answer again."""
    return isinstance(model, Playbook)


def describe(model: BaseChatModel) -> str:
    """The model's name for the record and the first line of the output."""
    match model:
        case Playbook():
            return f"playbook {model.version} (deterministic, no language model)"
        case ScriptedModel():
            return f"script {model.name} (recorded answers, no language model)"
        case Endpoint():
            return f"{model.model_name} at {model.host}"
        case Ranked():
            return ", else ".join(describe(item) for item in model.models)
        case _:
            return type(model).__name__
