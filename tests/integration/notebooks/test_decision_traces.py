"""The notebook of decision traces: executed against a recorded incident, stored without outputs, defining nothing."""

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.unit.recorded import ran

ROOT = Path(__file__).parents[3]
NOTEBOOK = ROOT / "notebooks" / "decision_traces.ipynb"

pytestmark = pytest.mark.timeout(500)


def test_it_runs_from_top_to_bottom_on_a_recorded_incident(tmp_path: Path) -> None:
    """Every cell that shows something shows it; a cell that raises fails the test with its own traceback."""
    incident = ran(tmp_path)
    folder = next(iter(incident.home.incidents.iterdir()))
    book = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    # The kernel imports our packages from the folder that it starts in, and finds the record by its variable.
    surroundings = {**os.environ, "SUTURE_INCIDENT": str(folder), "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    client = NotebookClient(book, timeout=300, resources={"metadata": {"path": str(ROOT)}})
    client.execute(env=surroundings)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    kinds = {kind for cell in cells for output in cell.outputs for kind in output.get("data", {})}
    assert {"image/png", "text/html", "text/markdown"} <= kinds
    silent = [cell.source for cell in cells if not cell.outputs]
    assert all(source.lstrip().startswith("import") for source in silent), silent


def test_it_is_stored_without_outputs_and_defines_nothing() -> None:
    """Figures of another run would lie beside the code, and a function here could not be tested."""
    book = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        assert cell.outputs == []
        assert cell.execution_count is None
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
