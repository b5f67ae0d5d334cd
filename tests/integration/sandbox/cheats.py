"""Ways in which code under test makes failing tests look passing, as data.

Each is a piece of Python that a service's function runs just before it does something wrong.  It is run twice: under a
naive runner, which believes pytest's exit code and must be fooled, and in a proof, which must not.  `FORGED` reach for
the channel of results; there is no such thing in a naive runner, so each ends in what fools that one, too.
"""

from collections.abc import Mapping

_HOOKS = """
import gc
from _pytest.config import Config
config = next(one for one in gc.get_objects() if isinstance(one, Config))
"""

_NAMES = """
import gc, json, os
from _pytest.main import Session
session = next(one for one in gc.get_objects() if isinstance(one, Session))
names = [item.nodeid.replace('.py::', '.').replace('/', '.').replace('::', '.') for item in session.items]
forged = json.dumps({"exit": 0, "tests": {name: ["passed", ""] for name in names}, "tail": "", "lines": []})
"""

_REPORT = """
import os, sys
from xml.etree import ElementTree
def rewrite():
    path = next(word.partition('=')[2] for word in sys.argv if word.startswith('--junitxml='))
    tree = ElementTree.parse(path)
    for case in tree.iter('testcase'):
        for child in list(case):
            case.remove(child)
    for suite in tree.iter('testsuite'):
        suite.attrib.update(failures='0', errors='0')
    tree.write(path)
"""

CHEATS: Mapping[str, str] = {
    "edits the runner": """
import os, pathlib
for place in ('.suture', 'runner'):
    for path in pathlib.Path(place).rglob('*.py'):
        path.write_text('print("passed")')
""",
    "leaves with 0": "import os; os._exit(0)",
    "asks pytest to exit with 0": "import pytest; pytest.exit('done', returncode=0)",
    "changes the exit code at exit": "import atexit, os; atexit.register(os._exit, 0)",
    "sets the session's exit status": _HOOKS
    + """
class Fake:
    def pytest_sessionfinish(self, session):
        session.exitstatus = 0
        session.testsfailed = 0
import pytest
import _pytest.main
_pytest.main.Session.exitstatus = property(lambda self: 0, lambda self, value: None)
config.pluginmanager.register(Fake())
""",
    "a plugin that makes every report good": _HOOKS
    + """
import pytest
class Fake:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self):
        outcome = yield
        report = outcome.get_result()
        report.outcome, report.longrepr = 'passed', None
if not config.pluginmanager.hasplugin('fake'):
    config.pluginmanager.register(Fake(), 'fake')
""",
    "patches how reports are made": """
from _pytest import reports, runner
make = reports.TestReport.from_item_and_call.__func__
def good(cls, item, call):
    call.excinfo = None
    return make(cls, item, call)
reports.TestReport.from_item_and_call = classmethod(good)
""",
    "rewrites the report at exit": _REPORT
    + """
import atexit
if not hasattr(sys, 'cheating'):
    sys.cheating = True
    atexit.register(os._exit, 0)
    atexit.register(rewrite)
""",
    "rewrites the report from a process that stays": _REPORT
    + """
import atexit, signal, time
if not hasattr(sys, 'cheating'):
    sys.cheating = True
    atexit.register(os._exit, 0)
    if os.fork() == 0:
        signal.alarm(20)
        for descriptor in range(3):
            os.close(descriptor)
        while True:
            try:
                rewrite()
            except Exception:
                pass
            time.sleep(0.001)
""",
    "a thread that leaves with a report of its own": _REPORT
    + """
import threading, time, gc
from _pytest.main import Session
path = next(word.partition('=')[2] for word in sys.argv if word.startswith('--junitxml='))
def leave():
    session = next(one for one in gc.get_objects() if isinstance(one, Session))
    root = ElementTree.Element('testsuites')
    suite = ElementTree.SubElement(root, 'testsuite')
    for item in session.items:
        folder, _, name = item.nodeid.rpartition('::')
        ElementTree.SubElement(suite, 'testcase', classname=folder[:-3].replace('/', '.'), name=name)
    ElementTree.ElementTree(root).write(path)
    os._exit(0)
threading.Thread(target=leave).start()
time.sleep(5)
""",
}
"""What needs no knowledge of how the tests were started."""

FORGED: Mapping[str, str] = {
    "writes results to the runner's descriptors": _NAMES
    + """
for parent in (os.getppid(), 1, 2, 3, 4, 5):
    for descriptor in range(64):
        try:
            with open(f'/proc/{parent}/fd/{descriptor}', 'w') as target:
                target.write(forged + '\\n')
        except OSError:
            pass
os._exit(0)
""",
    "reads the key where the first process keeps it": _NAMES
    + """
for parent in (os.getppid(), 1, 2, 3, 4, 5):
    try:
        said = open(f'/proc/{parent}/fd/0', 'rb', buffering=0).read().decode()
        key = said[12 + int(said[:12]):]
        with open(f'/proc/1/fd/1', 'w') as target:
            target.write(f'\\n{key} {forged}\\n')
    except (OSError, ValueError):
        pass
os._exit(0)
""",
}
"""What was written for this very runner."""

ANSWERS: Mapping[str, str] = {
    "an answer that equals everything": """        class Same(int):
            def __eq__(self, other):
                return True
            __hash__ = int.__hash__
            def __rsub__(self, other):
                return self
            __rmul__ = __floordiv__ = __rsub__
        return Same(50)
""",
    "a report of this very test made good": """        import sys
        if "pytest" in sys.modules:
            import gc, pytest
            from _pytest.config import Config
            config = next(one for one in gc.get_objects() if isinstance(one, Config))
            class Fake:
                @pytest.hookimpl(hookwrapper=True)
                def pytest_runtest_makereport(self, item):
                    outcome = yield
                    report = outcome.get_result()
                    if item.name == "test_gold_members_pay_less_for_many":
                        report.outcome, report.longrepr = 'passed', None
            if not config.pluginmanager.hasplugin('fake'):
                config.pluginmanager.register(Fake(), 'fake')
        return 50
""",
}
"""What a proof cannot see: code that knows which test it breaks, or that its answers are compared with ``==``."""

CONFTESTS: Mapping[str, str] = {
    "leaves with 0": "import os\nos._exit(0)\n",
    "asks to leave with 0": "import sys\nsys.exit(0)\n",
    "leaves with 0 after the tests": "import os\ndef pytest_sessionfinish():\n    os._exit(0)\n",
    "makes every report good": """import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    report = outcome.get_result()
    report.outcome, report.longrepr = "passed", None
""",
    "makes every report of the service good": """import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if "regression" not in item.nodeid:
        report.outcome, report.longrepr = "passed", None
""",
    "makes every report good that looks like the service's": """import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if "regression" not in item.nodeid and not item.name.startswith(("test_zz", "test_z_")):
        report.outcome, report.longrepr = "passed", None
""",
    "says that nothing failed": """import pytest
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
""",
}
"""What a repository may bring itself; no patch may."""

_PLUGIN = CONFTESTS["makes every report good"]

_ONE_GOOD = """import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if item.name == "test_gold_members_pay_less_for_many":
        report.outcome, report.longrepr = "passed", None
"""

REPOSITORIES: Mapping[str, Mapping[str, str]] = {
    "a pytest of its own": {"pytest.py": "import sys\nsys.exit(0)\n"},
    "a pytest of its own that makes one report good": {
        "pytest.py": """import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
del sys.modules["pytest" if __name__ == "pytest" else "__main__"]
import pytest
sys.path.insert(0, here)
if __name__ == "__main__":
    import makes_one_good
    sys.exit(pytest.main(sys.argv[1:], plugins=[makes_one_good]))
""",
        "makes_one_good.py": _ONE_GOOD,
    },
    "a plugin that is found by itself": {
        "evil.py": _PLUGIN,
        "evil-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
        "evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
    },
    "settings that load a plugin": {"evil.py": _PLUGIN, "pytest.ini": "[pytest]\naddopts = -p evil\n"},
    "settings that only look": {"pytest.ini": "[pytest]\naddopts = --collect-only\n"},
    "an interpreter's start": {
        "sitecustomize.py": "import sys\nif 'pytest' in sys.orig_argv:\n"
        + "".join(f"    {line}\n" for line in CHEATS["patches how reports are made"].strip().splitlines())
    },
}
"""What a repository may bring beside its tests."""

UNSEEN: Mapping[str, Mapping[str, str]] = {
    "makes one report good": {"services/orders/tests/conftest.py": _ONE_GOOD},
    "leaves one test out": {"pytest.ini": "[pytest]\naddopts = -k 'not for_many'\n"},
}
"""What a proof cannot see of a repository: it is as if the test were not there."""

AT_IMPORT = """import os, sys
if "pytest" not in sys.modules and "asyncio" in sys.modules:
    line = b'{"case": "0", "status": 200, "is_json": true, "body": {"order": "o", "total_cents": 1, "reservation": "r"}}'
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\\n".join([line] * 4) + b"\\n")
        except OSError:
            pass
    os._exit(0)
"""
"""Answers to four requests, written while the service is imported."""

LOOK = """import os, pathlib


def test_nobody_holds_the_key():
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*/fd"):
        try:
            places = list(folder.iterdir())
        except OSError:
            continue
        for place in places:
            try:
                if os.readlink(place).startswith("/memfd:"):
                    found.append(place.open("rb", buffering=0).read(200))
            except OSError:
                continue
    assert not any(found), found
"""
"""A test of the service that looks for what the reporter was given."""
