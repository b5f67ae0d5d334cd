"""Traces that real runtimes wrote are read as the programs that wrote them say."""

from pathlib import Path

import pytest

from tests.unit.frames import expected, record, telling

FILES = sorted(record.RECORDINGS.glob("*/*.txt"))


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_recording_is_read(path: Path) -> None:
    language = path.parent.name.partition("-")[0]
    assert telling.told(path.read_text(encoding="utf-8")) == expected.EXPECTED[language][path.stem]


def test_every_case_of_every_language_is_recorded() -> None:
    for language, cases in record.CASES.items():
        folders = [path for path in record.RECORDINGS.iterdir() if path.name.startswith(f"{language}-")]
        assert folders
        for folder in folders:
            assert sorted(path.stem for path in folder.iterdir()) == sorted(cases.split())
        assert sorted(expected.EXPECTED[language]) == sorted(cases.split())
