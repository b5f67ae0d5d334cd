"""The form of an address."""

import re

_FORM = re.compile(r"(([a-z0-9]+)[._]?)+@([a-z0-9-]+\.)+[a-z]+")


def known(text: str) -> bool:
    """True for words and digits with dots between, an at sign, and a host."""
    return _FORM.fullmatch(text) is not None
