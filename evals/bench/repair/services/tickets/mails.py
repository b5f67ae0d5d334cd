"""Mails that become tickets."""

import re

REFERENCE = re.compile(r"\b[A-Z]{2,5}-\d+\b")
REPLY = re.compile(r"^((re|aw|fwd?):\s*)+", re.IGNORECASE)


def header(line):
    """Name and value of a header line; names do not care about case."""
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def topic(subject):
    """The subject without what mail programs put before it."""
    return REPLY.sub("", subject)


def fresh(text):
    """The lines that the sender wrote, without those quoted."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()


def references(text):
    """The tickets that are mentioned, each once, in order."""
    return list(dict.fromkeys(REFERENCE.findall(text)))
