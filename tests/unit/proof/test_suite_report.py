"""What a run of a service's tests reports, and when that is not believed."""

from pathlib import Path

import pytest

from tools.reproduction import suite

CASE = '<testcase classname="tests.test_a" name="test_it">{}</testcase>'


def junit(folder: Path, *bodies: str) -> str:
    file = folder / "report.xml"
    file.write_text(f"<testsuites><testsuite>{''.join(CASE.format(body) for body in bodies)}</testsuite></testsuites>")
    return str(file)


@pytest.mark.parametrize(
    ("bodies", "outcome"),
    [
        (("",), "passed"),
        (('<failure message="no"/>',), "failed"),
        (('<error message="no"/>',), "error"),
        (('<skipped message="no"/>',), "skipped"),
        (('<failure message="no"/>', ""), "failed"),
        (("", '<error message="no"/>'), "error"),
        (('<failure message="no"/>', '<error message="torn"/>'), "failed"),
    ],
)
def test_of_a_test_that_stands_there_twice_the_worse_counts(
    tmp_path: Path, bodies: tuple[str, ...], outcome: str
) -> None:
    assert suite.outcomes(junit(tmp_path, *bodies))["tests.test_a.test_it"][0] == outcome


@pytest.mark.parametrize("text", ["", "<testsuites>", "no xml"])
def test_a_report_that_cannot_be_read_names_no_test(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.xml").write_text(text)
    assert suite.outcomes(str(tmp_path / "report.xml")) == {}
    assert suite.outcomes(str(tmp_path / "nowhere.xml")) == {}


def test_a_test_that_must_fail_is_laid_into_every_folder_of_tests(tmp_path: Path) -> None:
    given = (
        "test_a.py",
        "deep/test_b.py",
        "deep/test_c-d.py",
        "deep/test_new.py",
        "data/other.py",
        "more/deep/test_e.py",
    )
    for path in given:
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).touch()
    names = suite.plant([str(tmp_path), str(tmp_path / "nowhere")], [str(tmp_path / "deep/test_new.py")])
    laid = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("test_*.py")} - set(given)
    assert laid == {f"{names[0]}.py", f"deep/{names[1]}.py", f"more/deep/{names[2]}.py"}
    with pytest.raises(AssertionError):
        exec((tmp_path / f"{names[0]}.py").read_text() + f"{names[0]}()", {})


def test_a_test_that_must_fail_is_named_like_the_one_that_it_runs_behind(tmp_path: Path) -> None:
    """And never twice alike: who knows the name knows what to leave alone."""
    for name in ("test_a.py", "test_b.py", "test_new.py"):
        (tmp_path / name).touch()
    first, second = (suite.plant([str(tmp_path)], [str(tmp_path / "test_new.py")])[0] for _ in range(2))
    assert first != second
    assert first.startswith("test_b_")
    assert sorted([f"{first}.py", "test_a.py", "test_b.py", "test_new.py"])[2] == f"{first}.py"


@pytest.mark.parametrize(
    ("seen", "exit_code", "said"),
    [
        ({"a": "failed", "b": "failed"}, 1, ""),
        ({"a": "failed"}, 1, ""),
        ({"a": "error"}, 1, ""),
        ({"a": "failed", "b": "failed"}, 0, "no test failed"),
        ({"a": "passed", "b": "failed"}, 1, "is reported as one that did not"),
        ({"a": "failed", "b": "skipped"}, 1, "is reported as one that did not"),
        ({"b": "failed"}, 1, "did not run"),
        ({}, 2, "did not run"),
    ],
)
def test_a_report_is_believed_only_when_what_must_fail_failed(seen: dict[str, str], exit_code: int, said: str) -> None:
    found = suite.doubt(["a", "b"], seen, exit_code)
    assert said in found
    assert bool(found) == bool(said)
