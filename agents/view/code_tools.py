"""Tools that read the service's source."""

from langchain_core.tools import StructuredTool

from agents.view import source
from agents.view.incident_view import View
from agents.view.toolbox import arguments, one_of, reader, text
from incident.errors import ToolMistake


def every(view: View) -> tuple[StructuredTool, ...]:
    """All of them; none where the source is not known."""
    return () if view.component is None else (_read_function(view), _read_file(view), _search_code(view))


def _read_function(view: View) -> StructuredTool:
    keys = [place.key for place in view.places]

    def read_function(function: str) -> str:
        place = next((item for item in view.places if item.key == function), None)
        if place is None:
            raise ToolMistake(f"there is no function {function}")
        whole = view.text(place.path)
        return (
            f"function: {place.key}\nlines: {place.first}-{place.last}\n--- source\n{source.cut(whole, place)}"
            f"--- rest of the file, without bodies\n{source.module_level(whole)}"
        )

    schema = arguments("ReadFunction", function=one_of(keys, "the function, as path::name"))
    return reader(
        "read_function",
        "Read the source of one function of the service, and the constants and imports around it.",
        schema,
        read_function,
    )


def _read_file(view: View) -> StructuredTool:
    def read_file(path: str) -> str:
        try:
            return f"path: {path}\n---\n{view.text(path)}"
        except KeyError as error:
            raise ToolMistake(f"{path} cannot be read") from error

    schema = arguments("ReadFile", path=one_of(view.files, "the file"))
    return reader("read_file", "Read one file of the service: code, test or data schema.", schema, read_file)


def _search_code(view: View) -> StructuredTool:
    def search_code(words: str) -> str:
        found = [
            f"{path}:{number}: {line.strip()[:160]}"
            for path in view.files
            for number, line in enumerate(_lines(view, path), start=1)
            if words in line
        ]
        # A bound, as one letter may be found in every line.
        return "\n".join(found[:40]) or "not found"

    schema = arguments("SearchCode", words=text(80, "the exact text to look for"))
    return reader("search_code", "Find lines of the service's files that contain a text.", schema, search_code)


def _lines(view: View, path: str) -> list[str]:
    try:
        return view.text(path).splitlines()
    except KeyError:
        return []
