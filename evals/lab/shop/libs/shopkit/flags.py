"""Feature flags through OpenFeature, from a file in flagd's format.

FLAGS_FILE names the file, which is read again when it changes; without it every flag has its default.
https://flagd.dev/reference/flag-definitions/
"""

import functools

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from shopkit import flight_recorder, settings

POLL_MS = 500
"""How often the file is looked at."""


@functools.cache
def start() -> OpenFeatureClient:
    """The client of this process; the first call reads the file."""
    path = settings.text("FLAGS_FILE", "")
    if path:
        # Only a process that has such a file needs the provider, which takes half a second to import.
        from openfeature.contrib.provider.flagd import FlagdProvider
        from openfeature.contrib.provider.flagd.config import ResolverType

        provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=path, deadline_ms=POLL_MS)
        api.set_provider_and_wait(provider)
    return api.get_client()


def enabled(key: str, **attributes: str) -> bool:
    """True when a flag is on for these attributes; a flag that nobody defined is off."""
    return flight_recorder.read(
        f"flag_{key}", lambda: start().get_boolean_value(key, False, EvaluationContext(attributes=dict(attributes)))
    )
