"""Configuration from the environment, read when it is used so that a test may change it."""

import os


class SettingMissing(RuntimeError):
    """A required variable is not set."""


def peer(name: str) -> str:
    """Base address of another service: PRICING_URL for pricing."""
    key = f"{name.upper()}_URL"
    url = os.environ.get(key)
    if not url:
        raise SettingMissing(key)
    return url.rstrip("/")


def number(key: str, default: int) -> int:
    """A whole number, such as CARD_TIMEOUT_MS."""
    value = os.environ.get(key)
    return default if value is None else int(value)


def text(key: str, default: str) -> str:
    """A string."""
    return os.environ.get(key, default)
