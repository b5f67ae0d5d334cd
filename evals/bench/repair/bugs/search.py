"""Bugs in the search service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, PYTER, SSTUBS, TBAR, TSSB, Bug, Request, Traffic, get, post


def _search(query: str, **more: JsonValue) -> Request:
    return post("/search", query=query, **more)


def _analyse(title: str, text: str, least: int = 1, query: str = "apple") -> Request:
    return post("/analyses", title=title, text=text, least=least, query=query)


def _mark(text: str, word: str) -> Request:
    return post("/highlights", text=text, word=word)


TRAFFIC = Traffic(
    service="search",
    healthy=(
        _search("apple"),
        _search("roses", filters={"from": 2020}),
        _search("prune the roses", sort="title", page=1),
        _search("winter", sort="newest", filters={"until": 2022}),
        _search("apple", filters={"from": 2019, "until": 2030}),
        get("/articles/a1/neighbours"),
        get("/articles/a4/neighbours"),
        _analyse("Apple cake", "apple apple"),
        _analyse("roses", "roses roses", 2, "roses"),
        _mark("Apple trees", "apple"),
        _mark("nothing here", "apple"),
    ),
)

BUGS = (
    Bug(
        name="search-sort-in-capitals",
        kind="key not normalised",
        study=f"{TSSB}: add a method call",
        service="search",
        path="index.py",
        function="sort_field",
        right="return SORTS[name.lower()]",
        wrong="return SORTS[name]",
        failing=_search("roses", sort="Title"),
        hidden=(_search("apple", sort="NEWEST"), _search("winter", sort="TITLE")),
    ),
    Bug(
        name="search-empty-article",
        kind="division by zero",
        study=f"{TBAR} FP2; PAR (Kim et al., ICSE 2013)",
        service="search",
        path="index.py",
        function="score",
        right="    if not total:\n        return NO_SCORE\n",
        wrong="",
        failing=_analyse("the", "of"),
        hidden=(_analyse("and", "to the"), _analyse("!", "?", 1, "the"), _analyse("Apple", "of")),
    ),
    Bug(
        name="search-no-hit",
        kind="first or best of nothing",
        study=f"{BUGSINPY}; {TBAR} FP3",
        service="search",
        path="index.py",
        function="best",
        right="return max(scores.values(), default=NO_SCORE)",
        wrong="return max(scores.values())",
        failing=_search("pears"),
        hidden=(_search("the"), _search("apple", filters={"from": 2050}), _search("")),
    ),
    Bug(
        name="search-word-is-no-pattern",
        kind="missing call around an expression",
        study=f"{TSSB}: function around an expression",
        service="search",
        path="words.py",
        function="highlight",
        right="re.sub(re.escape(word), lambda",
        wrong="re.sub(word, lambda",
        failing=_mark("old (apple) wood", "(apple"),
        hidden=(_mark("C++ and c", "c++"), _mark("a* b", "*"), _mark("what? Apple[s]", "e[s"), _mark("a.b axb", "a.b")),
    ),
    Bug(
        name="search-rare-words",
        kind="collection changed while iterated",
        study=f"{BUGSINPY}; {TSSB}: function around an expression",
        service="search",
        path="words.py",
        function="frequent",
        right="for word in list(found):",
        wrong="for word in found:",
        failing=_analyse("Apple", "apple apple pear", 2),
        hidden=(_analyse("x", "a b c d b", 2), _analyse("x", "one two three", 5), _analyse("x", "k k l m l", 2)),
    ),
    Bug(
        name="search-null-filters",
        kind="null iterated",
        study=f"{PYTER}: iteration over NoneType",
        service="search",
        path="index.py",
        function="allowed",
        right="for name, year in (filters or {}).items():",
        wrong="for name, year in filters.items():",
        failing=_search("apple", filters=None),
        hidden=(_search("roses", filters=None, sort="title"), _search("winter"), _search("roses", filters={})),
    ),
    Bug(
        name="search-empty-title",
        kind="index out of range",
        study=f"{TBAR} FP3: insert a range checker",
        service="search",
        path="words.py",
        function="initial",
        right='return text.strip()[:1].upper() or "#"',
        wrong="return text.strip()[0].upper()",
        failing=_analyse("", "apple"),
        hidden=(_analyse("  ", "apple pie"), _analyse(" pie", "apple")),
    ),
    Bug(
        name="search-last-neighbour",
        kind="wrong comparison operator",
        study=f"{SSTUBS}: change of a binary operator",
        service="search",
        path="index.py",
        function="neighbours",
        right="if at < len(keys) - 1:",
        wrong="if at <= len(keys) - 1:",
        failing=get("/articles/a3/neighbours"),
        hidden=(get("/articles/a2/neighbours"), get("/articles/a3/neighbours")),
    ),
)
