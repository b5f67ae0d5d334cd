"""The runtimes of this machine write what the recordings of their language say: the parsers read it alike."""

import pytest

from tests.unit.frames import expected, record, telling

FOUND = [
    (language, version, starter)
    for language, version, starter in record.runtimes()
    # Another version may write traces of another form, and the Go program's module may have to come from elsewhere.
    if (record.RECORDINGS / f"{language}-{version}").exists() and language != "go"
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("language", "version", "starter"), FOUND, ids=[f"{one[0]}-{one[1]}" for one in FOUND])
def test_what_a_runtime_writes_is_read_as_recorded(language: str, version: str, starter: list[str]) -> None:
    told = {case: telling.told(text) for case, text in record.recordings(language, starter)}
    assert told == expected.EXPECTED[language]
