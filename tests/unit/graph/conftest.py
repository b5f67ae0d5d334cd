"""After each test of the graph: no incident that it played told people anything that its record does not support."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.graph import truths


@pytest.fixture(autouse=True)
def nothing_unsupported_is_told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check endings, notices and reports of the whole incidents that ran below the test's own folder."""
    place: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    # A control breaks what it is about, and some tests write endings or records of their own.
    apart = request.node.name.startswith("test_control_") or request.node.get_closest_marker("invented")
    if place is not None and not apart:
        found = truths.doubts(place)
        assert not found, "\n".join(f"{one.place}: {one.sentence}" for one in found)
