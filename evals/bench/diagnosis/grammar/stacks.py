"""Places and exceptions as four stacks tell them."""

from evals.bench.diagnosis.grammar.system import Stack

EXCEPTIONS: dict[Stack, tuple[str, ...]] = {
    "python": ("KeyError", "TypeError", "ValueError", "AttributeError", "IndexError"),
    "java": (
        "java.lang.NullPointerException",
        "java.lang.IllegalArgumentException",
        "java.lang.ClassCastException",
        "java.time.format.DateTimeParseException",
        "java.lang.ArithmeticException",
    ),
    "go": (
        "runtime.boundsError",
        "*json.UnmarshalTypeError",
        "*strconv.NumError",
        "runtime.Error",
        "*errors.errorString",
    ),
    "node": ("TypeError", "RangeError", "SyntaxError", "ReferenceError", "AssertionError"),
}


def place(stack: Stack, verb: str, noun: str) -> str:
    """``path:function`` of the innermost frame in the service's own source."""
    big = noun.capitalize()
    match stack:
        case "python":
            return f"src/{noun}s/{verb}.py:{verb}_{noun}"
        case "java":
            return f"src/main/java/{noun}/{big}Handler.java:{verb}{big}"
        case "go":
            return f"internal/{noun}/{verb}.go:{verb.capitalize()}{big}"
        case "node":
            return f"lib/{noun}/{verb}.js:{verb}{big}"


def difference(stack: Stack, verb: str, noun: str, field: str) -> str:
    """Difference of a function of a place: what a commit brought, cut as a repository tells it."""
    path, _, function = place(stack, verb, noun).rpartition(":")
    match stack:
        case "python":
            old, new = f"    {field} = {noun}.get('{field}')", f"    {field} = {noun}['{field}'].strip()"
        case "java":
            old, new = (
                f"    var {field} = {noun}.find{field.capitalize()}();",
                f"    var {field} = {noun}.{field}().trim();",
            )
        case "go":
            old, new = f'\t{field}, ok := {noun}["{field}"]', f"\t{field} := {noun}.{field.capitalize()}[0]"
        case "node":
            old, new = f"  const {field} = {noun}?.{field};", f"  const {field} = {noun}.{field}.trim();"
    return f"--- a/{path}\n+++ b/{path}\n@@ {function} @@\n-{old}\n+{new}\n"
