"""Bugs in the job runner.

Each is told again from a public project: `study` is its address, and `right` does what the real fix does (where only a
thread is known, what it asks for, marked "inferred").
"""

from pydantic import JsonValue

from evals.bench.repair.planted import Bug, Request, Traffic, post

BIP = "https://github.com/soarsmu/BugsInPy/tree/master/projects"
PYTER = "https://github.com/kupl/PyTER/tree/main/benchmark_info"
GH = "https://github.com"


def _log(offset: JsonValue, lines: list[JsonValue], **known: JsonValue) -> Request:
    return post("/logs", offset=offset, lines=[{"offset": at} for at in lines], known=known)


def _move(old: str, new: str, *files: str) -> Request:
    return post("/moves", files=dict.fromkeys(files, 1), old=old, new=new)


def _order(machine: str, hours: str) -> Request:
    return post("/orders", order={"machine": machine, "hours": hours})


MANIFEST: JsonValue = {"manifest": {"version": "1.2.0", "files": ["a", "b"]}}

TRAFFIC = Traffic(
    service="jobs",
    healthy=(
        _move("in/a", "in/b", "in/a", "out/c"),
        _move("in/a", "out/a", "in/a", "out/c"),
        _move("in/a", "out/c", "in/a", "out/c"),
        post("/places", paths=["/srv/a", "b"]),
        post("/places", paths=[]),
        post("/copies", table="t", columns=[["a", "int"], ["b", "text"]], source="s3://x"),
        post("/copies", table="t", columns=[], source="s3://y"),
        post("/metrics", counts={}),
        post("/parameters", text="[[1, 2], [3, 4]]"),
        post("/parameters", text="((5, 6), (7,))"),
        post("/meters", done=3, total=10, rate=2, scale=None),
        post("/meters", done=3, total=10, rate=2, scale=1024),
        post("/meters", done=3, total=None, rate=None, scale=1),
        post("/retries", result={"comment": "It failed."}, delay=3, left=2),
        post("/retries", result={"comment": None}, delay=3, left=1),
        post("/retries", result={"comment": ""}, delay=30, left=4),
        post("/states", result=[{"state": "web"}, {"state": "db"}, {"state": "web"}]),
        post("/states", result="no top file"),
        post("/collections", names=["x.y"], installed={"x.y": MANIFEST}),
        post("/collections", names=["x.z"], installed={"x.y": MANIFEST}),
        post("/tables", columns=["a", "b"], prefix="in."),
        post("/tables", columns=[0, 1], prefix=None),
        _log(3, [7, 9]),
        _log(3, [7, 9], max_offset=9),
        _log(9, [], max_offset=9),
        _log(9, [], max_offset=12),
        post("/forms", given="2|abc", expected="abc"),
        post("/forms", given="1|abd", expected="abc"),
        post("/forms", given="", expected="abc"),
        _order("small", "2"),
        _order("large", "0.5"),
        _order("huge", "2"),
    ),
)


BUGS: tuple[Bug, ...] = (
    Bug(
        name="real-bip-luigi-13",
        kind="AttributeError: an attribute that the object never had",
        study=f"{BIP}/luigi/bugs/13",
        service="jobs",
        path="files.py",
        function="Store.move",
        right="self.mkdir(folder)",
        wrong="self.fs.mkdir(folder)",
        failing=_move("in/a", "new/a", "in/a"),
        hidden=(_move("in/a", "x/y/z", "in/a", "in/b"), _move("a", "b/c", "a")),
    ),
    Bug(
        name="real-bip-ansible-1",
        kind="KeyError: to be refused with the module's own error",
        study=f"{BIP}/ansible/bugs/1",
        service="jobs",
        path="showing.py",
        function="verified",
        right="""\
        if "manifest" not in installed[name]:
            raise Problem(name)
        manifest =""",
        wrong="        manifest =",
        failing=post("/collections", names=["x.y"], installed={"x.y": {"source": "git"}}),
        hidden=(
            post("/collections", names=["x.y", "p.q"], installed={"x.y": MANIFEST, "p.q": {}}),
            post("/collections", names=["p.q", "x.y"], installed={"x.y": MANIFEST, "p.q": {}}),
        ),
    ),
    Bug(
        name="real-bip-fastapi-7",
        kind="TypeError: not JSON serializable",
        study=f"{BIP}/fastapi/bugs/7",
        service="jobs",
        path="orders.py",
        function="refused",
        right='{"detail": encoding.plain(found)}',
        wrong='{"detail": found}',
        failing=_order("small", "41"),
        hidden=(_order("huge", "0"), _order("small", "-2.5"), _order("large", "1000")),
    ),
    Bug(
        name="real-bip-tqdm-4",
        kind="TypeError: arithmetic with None",
        study=f"{BIP}/tqdm/bugs/4",
        service="jobs",
        path="showing.py",
        function="meter",
        right="""\
        if total:
            total *= scale
""",
        wrong="        total *= scale\n",
        failing=post("/meters", done=3, total=None, rate=2, scale=1024),
        hidden=(
            post("/meters", done=1, total=None, rate=None, scale=10),
            post("/meters", done=0, total=None, rate=0.5, scale=2.5),
            post("/meters", done=4, total=8, rate=1, scale=3),
        ),
    ),
    Bug(
        name="real-bip-luigi-3",
        kind="TypeError: not iterable, and an exception not caught",
        study=f"{BIP}/luigi/bugs/3",
        service="jobs",
        path="showing.py",
        function="parsed",
        right="""\
    except (ValueError, TypeError):
        return tuple(literal_eval(text))
""",
        wrong="""\
    except ValueError:
        return literal_eval(text)
""",
        failing=post("/parameters", text="[1, 2, 3]"),
        hidden=(
            post("/parameters", text="[]"),
            post("/parameters", text="[1, [2]]"),
            post("/parameters", text="(4, 5)"),
        ),
    ),
    Bug(
        name="real-bip-luigi-1",
        kind="AttributeError: the wrong receiver",
        study=f"{BIP}/luigi/bugs/1",
        service="jobs",
        path="showing.py",
        function="metrics",
        right="collector.configure(headers)",
        wrong="text.configure(headers)",
        failing=post("/metrics", counts={"done": 3}),
        hidden=(post("/metrics", counts={"done": 3, "failed": 1}), post("/metrics", counts={"a": 0})),
    ),
    Bug(
        name="real-bip-luigi-4",
        kind="TypeError: len of None",
        study=f"{BIP}/luigi/bugs/4",
        service="jobs",
        path="files.py",
        function="copying",
        right="if columns and len(columns) > 0:",
        wrong="if len(columns) > 0:",
        failing=post("/copies", table="t", columns=None, source="s3://x"),
        hidden=(
            post("/copies", table="u", columns=None, source="s3://z"),
            post("/copies", table="u", columns=[["a"]], source="z"),
        ),
    ),
    Bug(
        name="real-pyter-pandas-21540",
        kind="TypeError: text plus a number",
        study=f"{PYTER}/pandas/pandas-21540",
        service="jobs",
        path="showing.py",
        function="prefixed",
        right='[f"{prefix}{column}" for column in columns]',
        wrong="[prefix + column for column in columns]",
        failing=post("/tables", columns=[0], prefix="in."),
        hidden=(post("/tables", columns=["a", 1, 2.5], prefix="x"), post("/tables", columns=[7], prefix="")),
    ),
    Bug(
        name="real-pyter-salt-56381",
        kind="TypeError: a list where text is joined",
        study=f"{PYTER}/salt/salt-56381",
        service="jobs",
        path="showing.py",
        function="retried",
        right='str(result["comment"] or "")',
        wrong='result["comment"] or ""',
        failing=post("/retries", result={"comment": ["It failed.", "Twice."]}, delay=3, left=2),
        hidden=(
            post("/retries", result={"comment": ["a"]}, delay=1, left=1),
            post("/retries", result={"comment": {"a": 1}}, delay=1, left=1),
        ),
    ),
    Bug(
        name="real-pyter-airflow-3831",
        kind="TypeError: a list compared with a number",
        study=f"{PYTER}/airflow/airflow-3831",
        service="jobs",
        path="files.py",
        function="placed",
        right="if len(parts) < 2:",
        wrong="if parts < 2:",
        failing=post("/places", paths=["gs://bucket/a/b"]),
        hidden=(post("/places", paths=["gs://bucket"]), post("/places", paths=["x", "gs://b/c"])),
    ),
    Bug(
        name="real-pyter-salt-54785",
        kind="TypeError: a text among mappings, to be given back",
        study=f"{PYTER}/salt/salt-54785",
        service="jobs",
        path="showing.py",
        function="states",
        right="""\
        if not isinstance(item, dict):
            return {"errors": result}
        names""",
        wrong="        names",
        failing=post("/states", result=["the top file is broken"]),
        hidden=(post("/states", result=["a", "b"]), post("/states", result=[{"state": "x"}, "broken"])),
    ),
    Bug(
        name="real-pyter-tornado-1689",
        kind="TypeError: a malformed token, to be denied",
        study=f"{PYTER}/tornado/tornado-1689",
        service="jobs",
        path="access.py",
        function="check",
        right="""\
    if not token:
        raise Denied
    if not hmac""",
        wrong="    if not hmac",
        failing=post("/forms", given="garbage", expected="abc"),
        hidden=(
            post("/forms", given="9|abc", expected="abc"),
            post("/forms", given="x|", expected="abc"),
            post("/forms", given="y", expected=""),
        ),
    ),
    Bug(
        name="real-pyter-airflow-14686",
        kind="TypeError: text compared with a number",
        study=f"{PYTER}/airflow/airflow-14686",
        service="jobs",
        path="logs.py",
        function="page",
        right='int(offset) >= int(state["max_offset"])',
        wrong='offset >= state["max_offset"]',
        failing=_log("9", [], max_offset=9),
        hidden=(_log("10", [], max_offset=9), _log("9", [], max_offset="10"), _log(100, [], max_offset="9")),
    ),
)
