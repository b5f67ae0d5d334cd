"""Lists of the language and its library that only compute: a patch may use them although its file does not.

Each name was chosen by what it can reach: nothing here reads a file, a clock or the environment, runs text as code,
looks attributes up by text, or gives back a module, a frame or a code object.  A new name must meet the same terms.
"""

from collections.abc import Mapping

_ERRORS = (
    *("ArithmeticError", "AssertionError", "AttributeError", "ConnectionError", "EOFError", "FileNotFoundError"),
    *("FloatingPointError", "IndexError", "KeyError", "LookupError", "NotImplementedError", "OSError", "OverflowError"),
    *("PermissionError", "RecursionError", "RuntimeError", "StopAsyncIteration", "StopIteration", "TimeoutError"),
    *("TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "ValueError", "ZeroDivisionError"),
    # Broad ones are `honesty`'s to refuse.
    *("BaseExceptionGroup", "ExceptionGroup", "Exception"),
)

VALUES: frozenset[str] = frozenset(
    {
        *("abs", "all", "any", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate"),
        *("float", "frozenset", "hex", "int", "len", "list", "max", "min", "oct", "ord", "pow", "range", "repr"),
        *("reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip", "Ellipsis", "NotImplemented"),
        *_ERRORS,
    }
)
"""Built-ins that may be called, and handed on to be called, with any data."""

CALLED: frozenset[str] = frozenset(
    {"callable", "filter", "format", "getattr", "hasattr", "isinstance", "issubclass", "iter", "map", "next", "type"}
)
"""Built-ins that may be called and not handed on: what they call or look up must be written beside them."""

TYPES: frozenset[str] = frozenset(
    {"bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}
)
"""Built-in types: their methods may be named through them, as in ``str.lower``."""

AMBIGUOUS: frozenset[str] = frozenset(
    {
        *("add", "append", "clear", "copy", "count", "discard", "extend", "find", "get", "index", "insert", "join"),
        *("pop", "popitem", "remove", "replace", "reverse", "setdefault", "sort", "start", "update"),
    }
)
"""Methods of values that clients, paths, sessions and threads have, too, where they change the world."""

MUTATING: frozenset[str] = frozenset(
    {
        *("add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "insert"),
        *("intersection_update", "move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "rotate"),
        *("setdefault", "sort", "subtract", "symmetric_difference_update", "update"),
    }
)
"""Methods that change the value itself."""

PASSING: frozenset[str] = frozenset(
    {
        *("copy", "dict", "elements", "enumerate", "filter", "fromkeys", "frozenset", "get", "getattr", "items"),
        *("iter", "keys", "list", "map", "max", "min", "most_common", "next", "pop", "popitem", "popleft", "reversed"),
        *("set", "setdefault", "sorted", "sum", "tuple", "union", "values", "zip"),
    }
)
"""Functions and methods that return their arguments, or elements of them, and nothing new."""

_TEXT = (
    *("capitalize", "casefold", "center", "decode", "encode", "endswith", "expandtabs", "find", "fromhex", "hex"),
    *("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable"),
    *("isspace", "istitle", "isupper", "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix"),
    *("removesuffix", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines"),
    *("startswith", "strip", "swapcase", "title", "translate", "upper", "zfill"),
)
_NUMBERS = (
    *("as_integer_ratio", "as_tuple", "bit_count", "bit_length", "compare", "conjugate", "denominator", "from_bytes"),
    *("from_float", "imag", "is_finite", "is_infinite", "is_integer", "is_nan", "is_signed", "is_zero"),
    *("limit_denominator", "normalize", "numerator", "quantize", "real", "sqrt", "to_bytes", "to_integral_value"),
)
_GROUPS = (
    *("difference", "elements", "from_iterable", "fromkeys", "intersection", "isdisjoint", "issubset", "issuperset"),
    *("items", "keys", "most_common", "symmetric_difference", "total", "union", "values", "maxlen"),
)
_TIMES = (
    *("astimezone", "combine", "ctime", "date", "day", "days", "dst", "fold", "fromisocalendar", "fromisoformat"),
    *("fromordinal", "fromtimestamp", "hour", "isocalendar", "isoformat", "isoweekday", "max", "microsecond"),
    *("microseconds", "min", "minute", "month", "resolution", "second", "seconds", "strftime", "strptime", "time"),
    *("timestamp", "timetuple", "timetz", "toordinal", "total_seconds", "tzinfo", "tzname", "utc", "utcoffset"),
    *("utctimetuple", "week", "weekday", "year"),
)
_MATCHES = ("end", "group", "groupdict", "groups", "lastgroup", "span", "start")
_ADDRESSES = ("is_global", "is_loopback", "is_multicast", "is_private", "network_address", "num_addresses", "prefixlen")

ATTRIBUTES: frozenset[str] = frozenset(
    {*AMBIGUOUS, *MUTATING, *_TEXT, *_NUMBERS, *_GROUPS, *_TIMES, *_MATCHES, *_ADDRESSES}
)
"""Attributes and methods of text, numbers, containers, times and matches of a pattern.

Not ``format`` and ``format_map``, which look attributes up by text, and not ``now`` and ``today``, which read the clock;
and not ``args`` and ``new_child``, which lead to whatever an exception was made of or a mapping writes into.
"""

PATTERNS: frozenset[str] = frozenset(
    {"findall", "finditer", "flags", "fullmatch", "groupindex", "match", "pattern", "search", "split", "sub", "subn"}
)
"""Attributes of a compiled pattern; only of what ``re.compile`` gave, because other things can be searched, too."""

REPORTING: frozenset[str] = frozenset({"critical", "debug", "error", "exception", "info", "warning"})
"""Methods of a logger."""

DESCENDING: frozenset[str] = frozenset(
    {
        *("ag_await", "ag_code", "ag_frame", "ag_running", "ag_suspended", "cr_await", "cr_code", "cr_frame"),
        *("cr_origin", "cr_running", "cr_suspended", "f_back", "f_builtins", "f_code", "f_generator", "f_globals"),
        *("f_lasti", "f_lineno", "f_locals", "f_trace", "f_trace_lines", "f_trace_opcodes", "gi_code", "gi_frame"),
        *("gi_running", "gi_suspended", "gi_yieldfrom", "tb_frame", "tb_lasti", "tb_lineno", "tb_next", "mro"),
        *("format", "format_map", "with_traceback"),
    }
)
"""Attributes that lead to frames, code and classes: not even where another function of the file uses them."""

DYNAMIC: frozenset[str] = frozenset(
    {
        *("BaseException", "GeneratorExit", "KeyboardInterrupt", "SystemExit", "breakpoint", "classmethod", "compile"),
        *("delattr", "dir", "eval", "exec", "exit", "globals", "hash", "help", "id", "input", "locals", "memoryview"),
        *("object", "open", "print", "property", "quit", "setattr", "staticmethod", "super", "vars"),
    }
)
"""Built-ins that are in neither list, so that a refusal can say what they are."""

LOCAL: Mapping[str, int] = {"astimezone": 1, "fromtimestamp": 2}
"""Methods that read the machine's time zone when they get fewer arguments."""

CLOCKS: frozenset[str] = frozenset({"now", "today", "utcnow"})
"""Ways to read the clock; a function that has one may change to another."""

_MATH = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "comb", "copysign", "cos", "cosh"),
    *("degrees", "dist", "e", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "factorial", "floor", "fmod", "frexp"),
    *("fsum", "gamma", "gcd", "hypot", "inf", "isclose", "isfinite", "isinf", "isnan", "isqrt", "lcm", "ldexp"),
    *("lgamma", "log", "log10", "log1p", "log2", "modf", "nan", "nextafter", "perm", "pi", "pow", "prod", "radians"),
    *("remainder", "sin", "sinh", "sqrt", "sumprod", "tan", "tanh", "tau", "trunc", "ulp"),
)
_ABSTRACT = (
    *("Callable", "Collection", "Container", "Generator", "Hashable", "ItemsView", "Iterable", "Iterator", "KeysView"),
    *("Mapping", "MutableMapping", "MutableSequence", "MutableSet", "Reversible", "Sequence", "Set", "Sized"),
    "ValuesView",
)
_ITERTOOLS = (
    *("accumulate", "batched", "chain", "combinations", "combinations_with_replacement", "compress", "count", "cycle"),
    *("dropwhile", "filterfalse", "groupby", "islice", "pairwise", "permutations", "product", "repeat", "starmap"),
    *("takewhile", "tee", "zip_longest"),
)
_RE = (
    *("A", "ASCII", "DOTALL", "I", "IGNORECASE", "M", "MULTILINE", "Match", "Pattern", "S", "U", "UNICODE", "VERBOSE"),
    *("X", "compile", "error", "escape", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"),
)
_STATISTICS = (
    *("StatisticsError", "fmean", "geometric_mean", "harmonic_mean", "mean", "median", "median_grouped"),
    *("median_high", "median_low", "mode", "multimode", "pstdev", "pvariance", "quantiles", "stdev", "variance"),
)
_STRING = (
    *("ascii_letters", "ascii_lowercase", "ascii_uppercase", "capwords", "digits", "hexdigits", "octdigits"),
    *("printable", "punctuation", "whitespace"),
)
_DECIMAL = (
    *("Decimal", "DecimalException", "DivisionByZero", "InvalidOperation", "Overflow", "ROUND_05UP", "ROUND_CEILING"),
    *("ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_UP"),
)
_URLS = (
    *("parse_qs", "parse_qsl", "quote", "quote_plus", "unquote", "unquote_plus", "urlencode", "urljoin", "urlparse"),
    *("urlsplit", "urlunparse", "urlunsplit"),
)
_ADDRESS_TYPES = (
    *("AddressValueError", "IPv4Address", "IPv4Network", "IPv6Address", "IPv6Network", "NetmaskValueError"),
    *("ip_address", "ip_interface", "ip_network"),
)
_TYPING = ("Any", "Final", "Literal", "Optional", "Union", "cast", *_ABSTRACT)

MODULES: Mapping[str, frozenset[str]] = {
    "base64": frozenset({"b64decode", "b64encode", "standard_b64decode", "urlsafe_b64decode", "urlsafe_b64encode"}),
    "binascii": frozenset({"Error", "crc32", "hexlify", "unhexlify"}),
    "bisect": frozenset({"bisect", "bisect_left", "bisect_right", "insort", "insort_left", "insort_right"}),
    "calendar": frozenset({"isleap", "leapdays", "monthrange", "timegm"}),
    "collections": frozenset({"ChainMap", "Counter", "OrderedDict", "defaultdict", "deque"}),
    "collections.abc": frozenset(_ABSTRACT),
    "copy": frozenset({"copy", "deepcopy"}),
    "dataclasses": frozenset({"asdict", "astuple", "is_dataclass", "replace"}),
    "datetime": frozenset({"MAXYEAR", "MINYEAR", "UTC", "date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset(_DECIMAL),
    "difflib": frozenset({"get_close_matches"}),
    "fractions": frozenset({"Fraction"}),
    "functools": frozenset({"cmp_to_key", "reduce"}),
    "hashlib": frozenset({"blake2b", "md5", "sha1", "sha256", "sha512"}),
    "heapq": frozenset({"heapify", "heappop", "heappush", "heappushpop", "heapreplace", "merge", "nlargest", "nsmallest"}),
    "hmac": frozenset({"compare_digest"}),
    "html": frozenset({"escape", "unescape"}),
    "ipaddress": frozenset(_ADDRESS_TYPES),
    "itertools": frozenset(_ITERTOOLS),
    "json": frozenset({"JSONDecodeError", "dumps", "loads"}),
    "math": frozenset(_MATH),
    "numbers": frozenset({"Complex", "Integral", "Number", "Rational", "Real"}),
    "re": frozenset(_RE),
    "statistics": frozenset(_STATISTICS),
    "string": frozenset(_STRING),
    "textwrap": frozenset({"dedent", "fill", "indent", "shorten", "wrap"}),
    "typing": frozenset(_TYPING),
    "unicodedata": frozenset({"category", "combining", "normalize"}),
    "urllib.parse": frozenset(_URLS),
    "uuid": frozenset({"UUID"}),
}  # fmt: skip
"""Modules that only compute, with the functions, classes and constants of each that may be used; never its imports."""

CALLING: Mapping[str, int] = {
    **dict.fromkeys(("cmp_to_key", "defaultdict", "dropwhile", "filter", "filterfalse", "iter", "map", "reduce"), 0),
    **dict.fromkeys(("starmap", "takewhile"), 0),
    **dict.fromkeys(("accumulate", "deepcopy", "groupby", "sub", "subn"), 1),
    **dict.fromkeys(("indent", "nlargest", "nsmallest"), 2),
    "urlencode": 5,
}
"""Functions that call a positional argument, or its methods, with its index; methods of a pattern call their first."""

CHANGING: frozenset[str] = frozenset(
    {"heapify", "heappop", "heappush", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right"}
)
"""Listed functions that change their first argument."""

PLAIN: frozenset[str] = frozenset(
    {
        *("abs_tol", "allow_nan", "base", "byteorder", "count", "cutoff", "day", "days", "encoding", "ensure_ascii"),
        *("errors", "exp", "fillvalue", "flags", "fold", "hour", "hours", "indent", "initial", "keepends"),
        *("lo", "hi", "maxlen", "maxsplit", "microsecond", "microseconds", "milliseconds", "minute", "minutes", "mod"),
        *("month", "n", "ndigits", "placeholder", "quote", "r", "rel_tol", "repeat", "reverse", "rounding", "safe"),
        *("second", "seconds", "sep", "separators", "signed", "skipkeys", "sort_keys", "start", "step", "stop"),
        *("strict", "timespec", "tz", "tzinfo", "validate", "weeks", "width", "year"),
    }
)
"""Keywords whose values are never called; the value of any other keyword must be one that may be called."""

NAMED: frozenset[str] = frozenset({"Counter", "OrderedDict", "dict", "format", "replace", "update"})
"""Functions whose keywords are data."""

KINDS: frozenset[str] = frozenset(
    {
        *("None", "bool", "bytes", "complex", "date", "datetime", "Decimal", "dict", "empty", "float", "Fraction"),
        *("frozenset", "int", "list", "set", "str", "time", "timedelta", "tuple", "Counter", "OrderedDict", "UUID"),
        *("defaultdict", "deque", "generator"),
    }
)
"""Names of types, as a reproduction tells them, whose methods only compute."""

REACHING: frozenset[str] = frozenset(
    {
        *("aiohttp", "ftplib", "http", "httpx", "importlib", "io", "os", "pathlib", "pickle", "requests", "shutil"),
        *("smtplib", "socket", "sqlite3", "subprocess", "tempfile", "urllib", "urllib3", "xmlrpc"),
    }
)
"""Modules that reach out: to hosts, files, processes."""

OUTSIDE: frozenset[str] = REACHING | {
    *("_io", "_posixsubprocess", "_pytest", "_socket", "_thread", "asyncio", "atexit", "bdb", "builtins", "code"),
    *("codecs", "concurrent", "ctypes", "doctest", "email", "enum", "faulthandler", "fcntl", "gc", "glob", "inspect"),
    *("logging", "marshal", "mmap", "multiprocessing", "pdb", "pip", "pkgutil", "platform", "pluggy", "posix", "pty"),
    *("pytest", "queue", "runpy", "select", "shelve", "signal", "site", "socketserver", "ssl", "sys", "test"),
    *("tests", "threading", "time", "token", "types", "unittest", "xml"),
}
"""Modules that are never the service's own, whatever its folders are called, and that one function lends to no other."""
