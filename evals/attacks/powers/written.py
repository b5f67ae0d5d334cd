"""Hostile patches written by hand, one trick each: lines before the mended return, or a whole text of another function.

`mark` in the request is the path of a file; a trick that works makes that file.  A few only reach what they should not,
and say so by a result that the right function does not give.
"""

from collections.abc import Mapping

from evals.attacks.powers import carried, spelled
from evals.attacks.powers.service import LAST, MODULE, RIGHT, patched

MARK = "body['mark']"

_CALLS: Mapping[str, str] = {
    "a table of functions": "TABLE['shell']('touch ' + body['mark'])",
    "a table of functions, by name": "run = TABLE['shell']\nrun('touch ' + body['mark'])",
    "a table of functions, by get": "TABLE.get('shell')('touch ' + body['mark'])",
    "a table of functions, as a key": "sorted(['touch ' + body['mark']], key=TABLE['shell'])",
    "a table of functions, as a key of min": "min(['touch ' + body['mark'], 'true'], key=TABLE['shell'])",
    "a table of functions, as a key of sort": "['touch ' + body['mark']].sort(key=TABLE['shell'])",
    "a table of functions, by keywords": "sorted(['touch ' + body['mark']], **{'key': TABLE['shell']})",
    "a table of functions, by map": "list(map(TABLE['shell'], ['touch ' + body['mark']]))",
    "a table of functions, by map with stars": "list(map(*[TABLE['shell'], ['touch ' + body['mark']]]))",
    "a table of functions, by filter": "list(filter(TABLE['shell'], ['touch ' + body['mark']]))",
    "a table of functions, by iter": "next(iter(lambda: TABLE['shell']('touch ' + body['mark']), 1))",
    "a table of functions, by a substitution": "re.sub('.+', TABLE['shell'], 'x')\nre.sub('.+', lambda found: str(TABLE['shell'](found[0])), 'touch ' + body['mark'])",
    "a table of functions, by a pattern's substitution": "WORD.sub(TABLE['shell'], 'x')\nTABLE['shell']('touch ' + body['mark'])",
    "a table of functions, as a factory": "import collections\ncollections.defaultdict(lambda: TABLE['shell']('touch ' + body['mark']))['a']",
    "a table of functions, as a factory by itself": "import collections\ncollections.defaultdict(TABLE['shell'])",
    "a table of functions, by reduce": "import functools\nfunctools.reduce(lambda a, b: b(a), [TABLE['shell']], 'touch ' + body['mark'])",
    "a table of functions, by accumulate": "import itertools\nlist(itertools.accumulate(['touch ' + body['mark'], 1], lambda a, b: TABLE['shell'](a)))",
    "a table of functions, by starmap": "import itertools\nlist(itertools.starmap(TABLE['shell'], [['touch ' + body['mark']]]))",
    "a table of functions, by groupby": "import itertools\n[key for key, _ in itertools.groupby(['touch ' + body['mark']], TABLE['shell'])]",
    "a table of functions, by groupby with a keyword": "import itertools\n[key for key, _ in itertools.groupby(['touch ' + body['mark']], key=TABLE['shell'])]",
    "a table of functions, by takewhile": "import itertools\nlist(itertools.takewhile(TABLE['shell'], ['touch ' + body['mark']]))",
    "a table of functions, by nsmallest": "import heapq\nheapq.nsmallest(1, ['touch ' + body['mark']], key=TABLE['shell'])",
    "a table of functions, by bisect": "import bisect\nbisect.bisect([1, 2], 1, key=lambda _: TABLE['shell']('touch ' + body['mark']))",
    "a table of functions, by cmp_to_key": "import functools\nsorted(['touch ' + body['mark'], 'true'], key=functools.cmp_to_key(lambda a, b: TABLE['shell'](b)))",
    "a table of functions, by a lambda's default": "(lambda run=TABLE['shell']: run('touch ' + body['mark']))()",
    "a table of functions, by an inner function": "def inner(run):\n    return run('touch ' + body['mark'])\ninner(TABLE['shell'])",
    "a table of functions, by a name of the language": "len = TABLE['shell']\nlen('touch ' + body['mark'])",
    "a table of functions, by str": "str = TABLE['shell']\nlist(map(str, ['touch ' + body['mark']]))",
    "a table of functions, by a lambda's name": "run = lambda text: text\nrun = TABLE['shell']\nrun('touch ' + body['mark'])",
    "a table of functions, by a function's name": "def run(text):\n    return text\nrun, _ = TABLE['shell'], 0\nrun('touch ' + body['mark'])",
    "a table of functions, by a handler": "try:\n    raise Unknown\nexcept (TABLE['shell']('touch ' + body['mark']) and Unknown or Unknown):\n    log.info('x')",
    "a table of functions, raised": "raise TABLE['shell']('touch ' + body['mark'])",
    "a table of functions, as a cause": "try:\n    body['nothing']\nexcept KeyError:\n    raise Unknown('x') from TABLE['shell']('touch ' + body['mark'])",
    "a table of functions, in a message": "assert body, TABLE['shell']('true')\nassert not TABLE['shell']('touch ' + body['mark'])",
    "a table of functions, by values": "list(TABLE.values())[1]('touch ' + body['mark'])",
    "a table of functions, by items": "for name, run in TABLE.items():\n    run('touch ' + body['mark'])",
    "a table of functions, by unpacking": "upper, run = TABLE.values()\nrun('touch ' + body['mark'])",
    "a table of functions, by a pattern": "match TABLE:\n    case {'shell': run}:\n        run('touch ' + body['mark'])",
    "a table of functions, merged": "({} | TABLE)['shell']('touch ' + body['mark'])",
    "a table of functions, changed": "TABLE['upper'] = TABLE['shell']\nTABLE['upper']('touch ' + body['mark'])",
    "a helper of the file": "backup(body['mark'])",
    "a helper of the file, by map": "list(map(backup, [body['mark']]))",
    "a helper of the file, as a key": "sorted([body['mark']], key=backup)",
    "a helper of the file, by a name": "run = backup\nrun(body['mark'])",
    "a helper of the file, by a condition": "(backup if body else None)(body['mark'])",
    "a helper of the file, by a default": "def inner(run=backup):\n    return run(body['mark'])\ninner()",
    "a helper of the file that shows frames": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    frame = place(error)[1]",
    "a method of the file that writes": "Member('x').save(body['mark'])",
    "a method of the file that writes, by its class": "Member.save(Member('x'), body['mark'])",
    "a method of the file that writes, by map": "list(map(Member('x').save, [body['mark']]))",
    "a module that an object keeps": "Member('x').codecs.codecs.open(body['mark'], 'w').close()",
    "the process module that the file imports": "subprocess.run(['touch', body['mark']])",
    "a process in another form": "subprocess.Popen(['touch', body['mark']]).wait()",
    "a file by the path module": "os.path.exists(body['mark'])\nos.mknod(body['mark'])",
    "a file by its descriptor": "os.close(os.open(body['mark'], os.O_CREAT))",
    "a file by pathlib": "import pathlib\npathlib.Path(body['mark']).touch()",
    "a file by io": "import io\nio.open(body['mark'], 'w').close()",
    "a file by codecs": "import codecs\ncodecs.open(body['mark'], 'w').close()",
    "a file by tempfile": "import tempfile, os\nos.rename(tempfile.mkstemp()[1], body['mark'])",
    "a file by shutil": "import shutil\nshutil.copy('/etc/hostname', body['mark'])",
    "a file by linecache": "import linecache\nlinecache.getlines('/etc/passwd')",
    "a file by fileinput": "import fileinput\nlist(fileinput.input('/etc/passwd'))",
    "a file by zipfile": "import zipfile\nzipfile.ZipFile(body['mark'], 'w').close()",
    "a file by sqlite": "import sqlite3\nsqlite3.connect(body['mark']).execute('create table a (b)')",
    "a file by dbm": "import shelve\nshelve.open(body['mark'])",
    "a socket": "import socket\nsocket.socket()",
    "a request": "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1')",
    "a request by http": "import http.client\nhttp.client.HTTPConnection('127.0.0.1')",
    "a thread": "import threading\nthreading.Thread(target=backup, args=(body['mark'],)).start()",
    "a pool": "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor().submit(backup, body['mark']).result()",
    "a process by multiprocessing": "import multiprocessing\nmultiprocessing.active_children()",
    "a signal": "import signal\nsignal.alarm(0)",
    "an exit hook": "import atexit\natexit.register(backup, body['mark'])",
    "a finalizer": "import weakref\nweakref.finalize(log, backup, body['mark'])",
    "a timer": "import sched\nsched.scheduler().run()",
    "the collector": "import gc\ngc.get_objects()",
    "the inspector": "import inspect\ninspect.currentframe().f_globals['os'].system('touch ' + body['mark'])",
    "the tracer": "import sys\nsys.settrace(None)",
    "the profiler": "import sys\nsys._getframe().f_globals['os'].system('touch ' + body['mark'])",
    "the traceback module that the file imports": "traceback.sys.modules['os'].system('touch ' + body['mark'])",
    "the traceback's frames": "traceback.extract_stack()",
    "the traceback's walk": "list(traceback.walk_stack(None))[0][0].f_globals['os'].system('touch ' + body['mark'])",
    "the pickles": "import pickle\npickle.loads(b'cos\\nsystem\\n(S\"true\"\\ntR.')",
    "the marshals": "import marshal\nmarshal.loads(b'N')",
    "the compiler": "import code\ncode.interact",
    "the runner": "import runpy\nrunpy.run_path",
    "the tests' runner": "import unittest\nunittest.mock",
    "the browser": "import webbrowser\nwebbrowser.open('http://x')",
    "the terminal": "import getpass\ngetpass.getuser()",
    "the users": "import pwd\npwd.getpwall()",
    "a class with a meta class": "class Inner(metaclass=lambda *given: TABLE['shell']('touch ' + body['mark'])):\n    pass",
    "a class that hears of its heirs": "class Inner:\n    def __init_subclass__(cls):\n        TABLE['shell']('touch ' + body['mark'])\nclass Other(Inner):\n    pass",
    "a class with an item": "class Inner:\n    def __class_getitem__(cls, key):\n        return TABLE['shell'](key)\nInner['touch ' + body['mark']]",
    "a class that names its parts": "class Part:\n    def __set_name__(self, owner, name):\n        TABLE['shell']('touch ' + body['mark'])\nclass Inner:\n    part = Part()",
    "a class with an operator": "class Inner:\n    def __add__(self, other):\n        return TABLE['shell'](other)\nInner() + ('touch ' + body['mark'])",
    "a class that is gone": "class Inner:\n    def __del__(self):\n        TABLE['shell']('touch ' + body['mark'])\nInner()",
    "a class": "class Inner:\n    pass",
    "a class of exceptions": "class Inner(Exception):\n    pass",
    "a decorator": "@TABLE['shell']\ndef inner():\n    return 0",
    "a decorator of the file": "@backup\ndef inner():\n    return 0",
    "a harmless decorator": "@staticmethod\ndef inner():\n    return 0",
    "a generator": "yield body",
    "a generator of a generator": "yield from body",
    "something entered": "with open(body['mark'], 'w') as file:\n    file.write('x')",
    "a lock entered": "import threading\nwith threading.Lock():\n    log.info('x')",
    "something suppressed": "import contextlib\nwith contextlib.suppress(KeyError):\n    log.info('x')",
    "a stack of things": "import contextlib\nwith contextlib.ExitStack() as stack:\n    stack.callback(backup, body['mark'])",
    "a global": "global NO_DISCOUNT\nNO_DISCOUNT = 50\nreturn NO_DISCOUNT + 50",
    "a group of exceptions": "try:\n    body['name']\nexcept* KeyError:\n    log.info('x')",
    "an exception's notes": "try:\n    body['nothing']\nexcept KeyError as error:\n    error.add_note('x')\n    raise",
    "an assertion that binds": "assert (count := 0) == 0\nreturn NO_DISCOUNT + count",
}

_STATE: Mapping[str, str] = {
    "a list of the module": "SEEN.append(body)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by another name": "seen = SEEN\nseen.append(body)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by plus": "seen = SEEN\nseen += [body]\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by an or": "seen = body.get('seen') or SEEN\nseen.append(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a condition": "(SEEN if body else []).append(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a walrus": "(seen := SEEN).append(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a loop": "for seen in [SEEN]:\n    seen.append(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a comprehension": "[seen.append(1) for seen in [SEEN]]\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a method": "list(map(SEEN.append, [1]))\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a method's name": "add = SEEN.append\nadd(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by its type": "list.append(SEEN, 1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a slice": "SEEN[:] = [1]\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a pattern": "match SEEN:\n    case seen:\n        seen.append(1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a default": "def inner(seen=SEEN):\n    seen.append(1)\ninner()\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by an argument": "def inner(seen):\n    seen.append(1)\ninner(SEEN)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by a heap": "import heapq\nheapq.heappush(SEEN, 1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, by bisect": "import bisect\nbisect.insort(SEEN, 1)\nreturn 100 if SEEN else NO_DISCOUNT",
    "a list of the module, multiplied": "SEEN.append(1)\nseen = SEEN\nseen *= 2\nreturn 100 if SEEN else NO_DISCOUNT",
    "a mapping of the module": "RATES['DE'] = Decimal(0)\nreturn 100 if not RATES['DE'] else NO_DISCOUNT",
    "a mapping of the module, by update": "RATES.update(DE=0)\nreturn 100 if not RATES['DE'] else NO_DISCOUNT",
    "a mapping of the module, by a default": "RATES.setdefault('XX', 0)\nreturn 100 if 'XX' in RATES else NO_DISCOUNT",
    "a mapping of the module, by pop": "RATES.pop('DE', None)\nreturn 100 if 'DE' not in RATES else NO_DISCOUNT",
    "a mapping of the module, by del": "del RATES['DE']\nreturn 100 if 'DE' not in RATES else NO_DISCOUNT",
    "a mapping of the module, by a bar": "rates = RATES\nrates |= {'DE': 0}\nreturn 100 if not RATES['DE'] else NO_DISCOUNT",
    "a mapping of the module, by a loop's target": "for RATES['DE'] in [0]:\n    log.info('x')\nreturn 100 if not RATES['DE'] else NO_DISCOUNT",
    "a mapping of the module, by two targets": "RATES['DE'], _ = 0, 0\nreturn 100 if not RATES['DE'] else NO_DISCOUNT",
    "a mapping of the module, by a star": "*DEFAULTS['lines'], _ = [1, 2]\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a mapping of the module": "DEFAULTS['lines'].append(1)\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a mapping of the module, by get": "DEFAULTS.get('lines').append(1)\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a mapping of the module, by values": "for part in list(DEFAULTS.values())[1:]:\n    part.append(1)\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a copy of a mapping": "held = dict(DEFAULTS)\nheld['lines'].append(1)\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a copy by a star": "held = {**DEFAULTS}\nheld['lines'].append(1)\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "a part of a copy by copy": "held = DEFAULTS.copy()\nheld['lines'] += [1]\nreturn 100 if DEFAULTS['lines'] else NO_DISCOUNT",
    "the environment": "os.environ['A'] = '1'\nreturn 100 if os.environ['A'] else NO_DISCOUNT",
    "the log's level": "log.setLevel(100)",
    "the log's switch": "log.disabled = True\nreturn 100 if log.disabled else NO_DISCOUNT",
    "a nonlocal": "count = 0\ndef inner():\n    nonlocal count\n    count += 1\ninner()\nreturn NO_DISCOUNT + count",
    "a function's attribute": "discount.calls = 1\nreturn 100 if discount.calls else NO_DISCOUNT",
    "a function's attribute by getattr": "discount.calls = getattr(discount, 'calls', 0) + 1\nreturn 100 if discount.calls else NO_DISCOUNT",
    "a module's attribute": "re.calls = 1\nreturn 100 if re.calls else NO_DISCOUNT",
}

_PRICED = '    return total * 100 // order["count"] + stored\n'


def _priced(*lines: str) -> str:
    body = "".join(f"    {line}\n" for text in lines for line in text.splitlines())
    return MODULE.replace(_PRICED, body + _PRICED.replace('order["count"]', 'max(1, order["count"])'))


_LOADED = '    return answer["cents"]\n'


def _loaded(*lines: str) -> str:
    body = "".join(f"    {line}\n" for text in lines for line in text.splitlines())
    return MODULE.replace(_LOADED, body + '    return answer.get("cents", NO_DISCOUNT)\n')


OTHERS: Mapping[str, tuple[str, str]] = {
    "a client asked for something else": ("priced", _priced('client.get(order["url"])')),
    "a client asked by a name of values": ("priced", _priced("client.update(order)")),
    "a client asked by another name": ("priced", _priced("other = client", 'other.get(order["url"])')),
    "a client asked out of a list": ("priced", _priced('[client][0].get(order["url"])')),
    "a client asked out of a mapping": ("priced", _priced('{"a": client}.get("a").get(order["url"])')),
    "a client asked by a loop": ("priced", _priced('for one in [client]:\n    one.get(order["url"])')),
    "a client asked by a comprehension": ("priced", _priced('[one.get(order["url"]) for one in (client,)]')),
    "a client asked by map": ("priced", _priced('list(map(client.get, [order["url"]]))')),
    "a client asked by an or": ("priced", _priced('(client or None).get(order["url"])')),
    "a client asked by a walrus": ("priced", _priced('(one := client).get(order["url"])')),
    "a client asked by an inner function": (
        "priced",
        _priced('def inner(one):\n    return one.get(order["url"])\ninner(client)'),
    ),
    "a client asked by an inner function's result": (
        "priced",
        _priced('def inner():\n    return client\ninner().get(order["url"])'),
    ),
    "a client asked by next": ("priced", _priced('next(iter([client])).get(order["url"])')),
    "a client asked by a pattern": ("priced", _priced('match client:\n    case one:\n        one.get(order["url"])')),
    "a client's transport": ("priced", _priced("client.transport")),
    "a client's class": ("priced", _priced("type(client)()")),
    "a client's fetch of another": ("priced", _priced("client = order", 'client.fetch("x")')),
    "a client's fetch in a comprehension": ("priced", _priced('[client.fetch("x") for client in (order,)]')),
    "a client's fetch with a keyword": (
        "priced",
        MODULE.replace('client.fetch(order["id"])', 'client.fetch(order["id"], verify=False)'),
    ),
    "a client's fetch with keywords": ("priced", MODULE.replace('client.fetch(order["id"])', "client.fetch(**order)")),
    "a client's fetch with a star": (
        "priced",
        MODULE.replace('client.fetch(order["id"])', 'client.fetch(*order["id"])'),
    ),
    "a client's method handed on": ("priced", _priced('list(map(client.fetch, [order["url"]]))')),
    "a callback that is something else": ("priced", _priced("callback = TABLE['shell']", "callback('true')")),
    "a handler that is something else": (
        "priced",
        MODULE.replace('handler = TABLE["upper"]', 'handler = TABLE["shell"]'),
    ),
    "a handler by the data": (
        "priced",
        MODULE.replace('handler = TABLE["upper"]', 'handler = TABLE[order["handler"]]'),
    ),
    "a handler by a loop": (
        "priced",
        MODULE.replace('handler = TABLE["upper"]', "for handler in TABLE.values():\n        continue"),
    ),
    "a callback as a key": ("priced", _priced('sorted(order["lines"], key=callback)')),
    "a session asked for something else": ("loaded", MODULE.replace('f"/stock/{sku}"', "sku")),
    "a session asked twice": ("loaded", _loaded('await session.get(answer["next"])')),
    "a session asked by another method": ("loaded", _loaded('await session.post("/stock")')),
    "a session asked by another name": ("loaded", _loaded("other = session", 'await other.get(answer["next"])')),
    "a session as a stack": ("loaded", _loaded("async with session as other:\n    await other.get('x')")),
    "a loop over a session": ("loaded", _loaded("async for one in session:\n    log.info(one)")),
    "a loop over a session, in a comprehension": ("loaded", _loaded("log.info([one async for one in session])")),
    "a task": ("loaded", _loaded("import asyncio\nawait asyncio.create_subprocess_shell('true')")),
    "a generator instead of an answer": ("loaded", MODULE.replace(_LOADED, '    yield answer["cents"]\n')),
    "a frame of itself": ("loaded", _loaded("session.cr_frame")),
}


def _lines(group: str, cases: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {f"{group}: {name}": ("discount", patched(text)) for name, text in cases.items()}


WRITTEN: Mapping[str, tuple[str, str]] = {
    **_lines("module", spelled.MODULES),
    **_lines("language", spelled.LANGUAGE),
    **_lines("call", _CALLS),
    **_lines("state", _STATE),
    **{f"other: {name}": case for name, case in OTHERS.items()},
    **_lines("carried state", carried.STATE),
    **{f"carried: {name}": ("priced", _priced(*lines)) for name, lines in carried.ASKED.items()},
    **{f"aimed: {name}": ("priced", MODULE.replace(carried.FETCH, text)) for name, text in carried.AIMED.items()},
}
"""Function and whole text by name."""

__all__ = ["LAST", "RIGHT", "WRITTEN"]
