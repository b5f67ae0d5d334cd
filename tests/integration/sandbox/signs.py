"""What could tell code that it runs in the sandbox, as Python expressions that are true where it can.

`HIDDEN` are those that the service's process does not show; beside each stands what makes it true, as the control.
`LEFT` are those that it shows still: docs/sandbox.md lists them.  Names: os, sys, gc, random, socket, threading.
"""

from collections.abc import Mapping

_MAIN = "sys.modules['__main__']"

HIDDEN: Mapping[str, tuple[str, str]] = {
    "written bytecode is switched off": ("sys.dont_write_bytecode", "sys.dont_write_bytecode = True"),
    "a variable switches it off": (
        "'PYTHONDONTWRITEBYTECODE' in os.environ",
        "os.environ['PYTHONDONTWRITEBYTECODE'] = '1'",
    ),
    "the user's packages are switched off": ("sys.flags.no_user_site", "import types; sys.flags = types.SimpleNamespace(no_user_site=1)"),
    "the interpreter is isolated": ("sys.flags.isolated or sys.flags.no_site or sys.flags.ignore_environment", "import types; sys.flags = types.SimpleNamespace(isolated=1)"),
    "hashes are fixed": ("not sys.flags.hash_randomization", "import types; sys.flags = types.SimpleNamespace(hash_randomization=0)"),
    "a variable fixes them": ("'PYTHONHASHSEED' in os.environ", "os.environ['PYTHONHASHSEED'] = '1'"),
    "variables of ours": ("any('SUTURE' in name.upper() for name in os.environ)", "os.environ['SUTURE_X'] = '1'"),
    "no module was started": ("sys.orig_argv[1:3] != ['-m', 'uvicorn']", "sys.orig_argv[:] = ['python', '-c', 'x']"),
    "no arguments": ("not sys.argv[0].endswith('/uvicorn/__main__.py') or len(sys.argv) < 4", "sys.argv[:] = ['-c']"),
    "another command line": (
        "open('/proc/self/cmdline').read().split(chr(0))[1:3] != ['-m', 'uvicorn']",
        "pass",
    ),
    "a main module without a file": (f"not getattr({_MAIN}, '__file__', '').endswith('/uvicorn/__main__.py')", f"{_MAIN}.__file__ = '<string>'"),
    "a main module with more in it": (f"any(not name.startswith('__') for name in vars({_MAIN}))", f"{_MAIN}.driver = 1"),
    "modules of ours": (
        "any(name.partition('.')[0] in ('tools', 'suture', 'uvicorn') for name in sys.modules)",
        "sys.modules['tools.reproduction'] = sys",
    ),
    "modules from a temporary folder": (
        "any(str(getattr(module, '__file__', '')).startswith('/tmp/') for module in list(sys.modules.values()))",
        "os.__file__ = '/tmp/os.py'",
    ),
    "our folder on the import path": ("any('.suture' in path or path.startswith('/tmp') for path in (*sys.path, *sys.path_importer_cache))", "sys.path.insert(0, '/tree/.suture')"),
    "a working folder of its own": ("os.getcwd() == '/tree' or os.path.exists('/tree')", "os.getcwd = lambda: '/tree'"),
    "a file of ours beside the service": ("any(name.startswith('.') for name in os.listdir())", "os.listdir = lambda *_: ['.suture']"),
    "a file of ours in the temporary folder": ("bool(os.listdir('/tmp'))", "os.listdir = lambda *_: ['suture-1']"),
    "the first number of processes": ("os.getpid() <= 3", "os.getpid = lambda: 2"),
    "the name of the machine": ("'sandbox' in socket.gethostname()", "socket.gethostname = lambda: 'sandbox'"),
    "threads that serve": (
        "any(not one.name.startswith(('MainThread', 'asyncio')) for one in threading.enumerate())",
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    ),
    "the recorded answers": ("any(type(one) is dict and 'borrowed' in one for one in gc.get_objects())", "kept = {'borrowed': []}"),
    "a trace function": ("sys.gettrace() is not None", "sys.settrace(lambda *_: None)"),
    "a seed that everybody knows": ("random.getstate() == random.Random(0).getstate()", "random.seed(0)"),
    "a process that cannot be looked into": ("not os.access('/proc/self/environ', os.R_OK)", "os.access = lambda *_: False"),
    "input that is a job": ("not os.readlink('/proc/self/fd/0').startswith('/dev/')", "os.readlink = lambda _: '/memfd:sandbox'"),
    "a tool for tests": ("'pytest' in sys.modules", "sys.modules['pytest'] = sys"),
}  # fmt: skip

LEFT: Mapping[str, str] = {
    "the sandbox's first process": "'bwrap' in open('/proc/1/cmdline').read()",
    "file systems in memory": "open('/proc/self/mountinfo').read().count(' - tmpfs ') > 5",
    "no network but the loopback": "[name for _, name in socket.if_nameindex()] == ['lo']",
    "the frames that it is called from": "any('/tools/reproduction/' in one.filename for one in __import__('traceback').extract_stack())",
    "a limit of processor time": "__import__('resource').getrlimit(__import__('resource').RLIMIT_CPU)[0] == 3",
    "variables as they were at the start": "'PYTHONHASHSEED' in open('/proc/self/environ').read()",
    "a server that was never imported": "'uvicorn' not in sys.modules",
    "objects kept from the collector": "gc.get_freeze_count() > 0",
}
