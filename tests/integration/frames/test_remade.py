"""The runtimes of this machine write what the recordings of their language say: the parsers read it alike."""

import pytest

from tests.unit.frames import expected, record, telling

FOUND = [(language, version, starter) for language, version, starter in record.runtimes()]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("language", "version", "starter"), FOUND, ids=[f"{one[0]}-{one[1]}" for one in FOUND])
def test_what_a_runtime_writes_is_read_as_recorded(language: str, version: str, starter: list[str]) -> None:
    if not (record.RECORDINGS / f"{language}-{version}").exists():
        pytest.skip(f"{language} {version} is not among the recordings")
    told = {case: telling.told(text) for case, text in record.recordings(language, starter)}
    assert told == expected.EXPECTED[language]
