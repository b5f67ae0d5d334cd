"""Names of a world: of services, hosts, machines, and the words that its code, settings and messages are made of."""

from dataclasses import dataclass
from random import Random

from evals.bench.diagnosis.grammar.system import System
from evals.bench.diagnosis.grammar.topology import NOUNS

WORDS = [
    "account",
    "address",
    "basket",
    "batch",
    "booking",
    "budget",
    "campaign",
    "cargo",
    "catalog",
    "claim",
    "coupon",
    "course",
    "customer",
    "delivery",
    "deposit",
    "discount",
    "document",
    "employee",
    "estimate",
    "exam",
    "fare",
    "fleet",
    "forecast",
    "freight",
    "gift",
    "grant",
    "hotel",
    "image",
    "insurance",
    "inventory",
    "invoice",
    "journey",
    "label",
    "lease",
    "ledger",
    "lesson",
    "library",
    "license",
    "loan",
    "locker",
    "mailing",
    "market",
    "meal",
    "meter",
    "mission",
    "mortgage",
    "notice",
    "offer",
    "order",
    "outlet",
    "parcel",
    "passport",
    "patient",
    "payout",
    "pension",
    "permit",
    "phone",
    "photo",
    "pledge",
    "policy",
    "portfolio",
    "prescription",
    "price",
    "profile",
    "promo",
    "quote",
    "rating",
    "receipt",
    "refund",
    "region",
    "reminder",
    "rental",
    "report",
    "reservation",
    "review",
    "reward",
    "route",
    "salary",
    "sample",
    "schedule",
    "score",
    "seat",
    "segment",
    "shelf",
    "shift",
    "shipment",
    "signature",
    "slot",
    "stamp",
    "station",
    "statement",
    "stock",
    "store",
    "student",
    "subsidy",
    "supplier",
    "survey",
    "tariff",
    "tax",
    "tender",
    "ticket",
    "token",
    "tour",
    "track",
    "trade",
    "training",
    "transfer",
    "vehicle",
    "vendor",
    "venue",
    "voucher",
    "voyage",
    "wallet",
    "warranty",
    "weather",
]
SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "do",
    "fe",
    "fi",
    "ga",
    "go",
    "ha",
    "ju",
    "ka",
    "ke",
    "ki",
    "lo",
    "lu",
    "ma",
    "me",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "ra",
    "ri",
    "ro",
    "sa",
    "se",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "vu",
    "za",
]


@dataclass(frozen=True, slots=True)
class Names:
    """Names by the grammar's ids, and the vocabulary by number."""

    of: dict[str, str]
    nouns: tuple[str, ...]

    def __getitem__(self, thing: str) -> str:
        """The name of a node or of a machine."""
        return self.of[thing]


def draw(dice: Random, system: System, *, made_up: bool) -> Names:
    """Names of plain words, or of syllables that no dictionary has."""
    count = len(system.services) + NOUNS
    words = _made_up(dice, count) if made_up else dice.sample(WORDS, min(count, len(WORDS)))
    nouns, rest = tuple(words[:NOUNS]), words[NOUNS:]
    suffix = dice.choice(("", "-service", "-api", "svc"))
    named = {name: f"{rest[number]}{suffix}" for number, name in enumerate(system.services)}
    for name, node in system.nodes.items():
        if node.sort == "database":
            named[name] = f"{dice.choice(('pg', 'mysql', 'redis', 'mongo'))}-{nouns[int(name[1:])]}"
        elif node.sort == "third_party":
            named[name] = f"api.{nouns[10 + int(name[1:])]}.example"
    kind = dice.choice(("node", "ip", "worker"))
    for number, machine in enumerate(system.machines):
        named[machine] = f"{kind}-{dice.randrange(16**4):04x}{number}"
    return Names(of=named, nouns=nouns)


def of_ids(system: System) -> Names:
    """The ids themselves as names, for tests."""
    nouns = tuple(f"noun{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(NOUNS))
    things = (*system.nodes, *system.machines)
    return Names(of={name: f"thing-{name}" for name in things}, nouns=nouns)


def _made_up(dice: Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(3, 4)))] = None
    return list(found)
