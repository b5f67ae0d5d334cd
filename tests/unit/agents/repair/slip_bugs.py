"""Single-statement slips: the kinds of ManySStuBs4J, TSSB-3M and BugsInPy that raise."""

from tests.unit.agents.repair.bench import Bug

SLIP_BUGS = (
    Bug(
        "bound one too wide",
        """
STEPS = (5, 3, 1)
BEYOND = 0
def step(level):
    if level <= len(STEPS):
        return STEPS[level]
    return BEYOND
""",
        "step(3)",
        "0",
        (("step(2)", "1"), ("step(9)", "0")),
    ),
    Bug(
        "format and text swapped",
        """
import datetime
def parsed(text):
    return datetime.datetime.strptime("%Y/%m/%d", text).year
""",
        'parsed("2024/05/06")',
        "2024",
    ),
    Bug(
        "flag on",
        '''
def pairs(left, right):
    """Pairs; what has no partner is left alone."""
    return list(zip(left, right, strict=True))
''',
        'pairs([1, 2], ["a"])',
        '[(1, "a")]',
        (('pairs([1], ["a"])', '[(1, "a")]'),),
    ),
    Bug(
        "index one too large",
        """
def host(address):
    return address.split("@")[2]
""",
        'host("ann@example.org")',
        '"example.org"',
    ),
    Bug(
        "method of another language",
        """
def tidy(name):
    return name.uppercase()
""",
        'tidy("ab")',
        '"AB"',
    ),
    Bug(
        "keyword in the singular",
        """
from datetime import timedelta
def pause(plan):
    return timedelta(minute=plan["minutes"]).total_seconds()
""",
        'pause({"minutes": 2})',
        "120.0",
    ),
    Bug(
        "dictionary changed in its loop",
        """
def alive(seen):
    for key in seen:
        if not seen[key]:
            del seen[key]
    return seen
""",
        'alive({"a": 0, "b": 1})',
        '{"b": 1}',
    ),
    Bug(
        "text taken for a pattern",
        """
import re
def without(text, part):
    return re.sub(part, "", text)
""",
        'without("a(b", "(")',
        '"ab"',
        (('without("abc", "b")', '"ac"'),),
    ),
    Bug(
        "fraction as text",
        '''
def whole(size):
    """Pixels; a fraction is rounded down."""
    return int(size)
''',
        'whole("12.5")',
        "12",
        (('whole("3")', "3"),),
    ),
    Bug(
        "root of less than nothing",
        '''
import math
def climbed(way, along):
    """The height; 0 when the map says more."""
    return math.sqrt(way * way - along * along)
''',
        "climbed(3, 4)",
        "0.0",
        (("climbed(5, 4)", "3.0"),),
    ),
    Bug(
        "separator inside the name",
        '''
def split(line):
    """Name and count; a name may hold colons."""
    name, count = line.split(":")
    return name, int(count)
''',
        'split("a:b:3")',
        '("a:b", 3)',
        (('split("a:3")', '("a", 3)'),),
    ),
    Bug(
        "not on the list",
        """
def left(people, gone):
    rest = list(people)
    for name in gone:
        rest.remove(name)
    return rest
""",
        'left(["a", "b"], ["c", "a"])',
        '["b"]',
        (('left(["a"], ["a"])', "[]"),),
    ),
    Bug(
        "handler of another exception",
        """
UNKNOWN = -1
def age(text):
    try:
        return int(text)
    except KeyError:
        return UNKNOWN
""",
        'age("old")',
        "-1",
        (('age("7")', "7"),),
    ),
    Bug(
        "reading without a value",
        '''
ZERO = 0.0
def values(readings):
    """The values; readings without one are left out."""
    return [float(reading["value"]) for reading in readings]
''',
        'values([{"value": None}, {"value": 2}])',
        "[2.0]",
        (),
        ("body.readings[].value:null",),
    ),
    Bug(
        "count of a new kind",
        """
def counted(events):
    found = {"start": 0}
    for event in events:
        found[event["kind"]] += 1
    return found
""",
        'counted([{"kind": "stop"}, {"kind": "start"}])',
        '{"start": 1, "stop": 1}',
    ),
    Bug(
        "nobody in the queue",
        """
NOBODY = "nobody"
def following(queue, leaving):
    '''The next in the queue; NOBODY when there is no one else.'''
    others = [name for name in queue if name != leaving]
    return others.pop(0)
""",
        'following(["a"], "a")',
        '"nobody"',
        (('following(["a", "b"], "a")', '"b"'),),
    ),
    Bug(
        "deviation of one value",
        """
import statistics
NO_SPREAD = 0.0
def spread(values):
    '''The deviation; NO_SPREAD for fewer than two values.'''
    return round(statistics.stdev(values), 1)
""",
        "spread([4])",
        "0.0",
        (("spread([1, 3])", "1.4"),),
    ),
    Bug(
        "share of nobody",
        """
def share(cents, people):
    '''What each pays; 0 without people.'''
    return cents // len(people)
""",
        "share(10, [])",
        "0",
        (("share(10, [1, 2])", "5"),),
    ),
    Bug(
        "list that the schema leaves out",
        """
def rooms(order):
    guests = order["guests"]
    return 1 + len(guests) // 2
""",
        "rooms({})",
        "1",
        (('rooms({"guests": [1, 2]})', "2"),),
        ("body.guests:missing",),
        ('{"properties": {"guests": {"type": "array", "default": []}}}',),
    ),
)
