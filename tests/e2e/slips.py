"""The generated slips: two kinds, each in three services under names of its own."""

from pydantic import JsonValue

from tests.e2e.variants import Edit, Variant

NULL = '''"""{what}"""

from typing import Any

{constant} = {standard!r}
"""For guests, and for customers outside the membership programme."""

{table} = {by_tier!r}
"""By the tier of a membership; a tier that is not listed gets {constant}."""


def {function}({argument}: dict[str, Any] | None) -> Any:
    """{what}

    Guests and customers outside the membership programme get {constant}.
    """
    if {argument} is None:
        return {constant}
{body}
'''

MISSING = '''"""{what}"""

from typing import Any

{constant} = {standard!r}
"""The smallest subtotal of an open voucher, which names none."""


def {function}({argument}: dict[str, Any] | None) -> int | None:
    """{what}  None without a voucher; an open one, which names no smallest subtotal, begins at {constant}."""
    if {argument} is None:
        return None
{body}


def {sibling}({argument}: dict[str, Any] | None, subtotal_cents: int) -> bool:
    """Whether a voucher counts from the first cent of a subtotal."""
    return {argument} is None or {argument}.get("minimum_cents", {constant}) <= subtotal_cents
'''


MEMBER = {"id": "c9", "email": "x@example.org", "country": "DE"}


def customer(membership: JsonValue, number: int) -> JsonValue:
    return {**MEMBER, "id": f"c9000{number}", "membership": membership}


def tiers(standard: JsonValue, by_tier: dict[str, JsonValue]) -> tuple[tuple[JsonValue, JsonValue], ...]:
    """Guests, customers outside the programme, each tier, and a tier that is not listed."""
    outside = tuple((customer(None, number), standard) for number in range(4))
    members = tuple((customer({"tier": tier, "since": "2020-01-01"}, 5), value) for tier, value in by_tier.items())
    return ((None, standard), *outside, *members, (customer({"tier": "bronze", "since": "2020-01-01"}, 6), standard))


def vouchers() -> tuple[tuple[JsonValue, JsonValue], ...]:
    """No voucher, open ones, and ones with a smallest subtotal."""
    open_ones: tuple[tuple[JsonValue, JsonValue], ...] = tuple(
        ({"code": f"OPEN{n}", "kind": "percent", "percent": n}, 0) for n in (5, 10, 15, 20)
    )
    amount: dict[str, JsonValue] = {"code": "FROM", "kind": "amount", "amount_cents": 100}
    others: tuple[tuple[JsonValue, JsonValue], ...] = tuple(
        ({**amount, "minimum_cents": n}, n) for n in (0, 1500, 2000)
    )
    return ((None, None), *open_ones, *others)


SUPPORT: dict[str, JsonValue] = {"silver": "chat", "gold": "phone", "staff": "desk"}
BADGE: dict[str, JsonValue] = {"silver": "S", "gold": "G", "staff": "T"}
POINTS: dict[str, JsonValue] = {"silver": 100, "gold": 250, "staff": 50}
OPEN_VOUCHERS = {"quote_open_voucher": 0.12}

NULLS: tuple[Variant, ...] = (
    Variant(
        name="null-support",
        service="checkout",
        path="services/checkout/support.py",
        function="channel",
        source=NULL.format(
            what="How a customer reaches us.",
            constant="STANDARD_CHANNEL",
            standard="mail",
            table="CHANNELS",
            by_tier=SUPPORT,
            function="channel",
            argument="customer",
            body='    tier = customer["membership"]["tier"]\n    return CHANNELS.get(tier, STANDARD_CHANNEL)',
        ),
        edits=(
            Edit(
                "services/checkout/quotes.py",
                "from services.checkout.baskets",
                "from services.checkout import support\nfrom services.checkout.baskets",
            ),
            Edit(
                "services/checkout/quotes.py",
                '        "hint_cents": prices["missing_cents"],\n',
                '        "hint_cents": prices["missing_cents"],\n        "support": support.channel(basket.customer),\n',
            ),
            Edit(
                "services/checkout/tests/test_orders.py",
                '        "hint_cents": 0,\n',
                '        "hint_cents": 0,\n        "support": "phone",\n',
            ),
        ),
        kinds={"quote_partner": 0.124},
        key="support",
        asked="gateway",
        answers=tiers("mail", SUPPORT),
    ),
    Variant(
        name="null-badge",
        service="gateway",
        path="services/gateway/badges.py",
        function="badge_of",
        source=NULL.format(
            what="The badge beside a user's name.",
            constant="NO_BADGE",
            standard="-",
            table="BADGES",
            by_tier=BADGE,
            function="badge_of",
            argument="user",
            body='    membership = user["membership"]\n    return BADGES.get(membership.get("tier"), NO_BADGE)',
        ),
        edits=(
            Edit("services/gateway/app.py", "import answers, checks", "import answers, badges, checks"),
            Edit(
                "services/gateway/app.py",
                '        return answers.fresh(await checkout.post("/quotes", basket))\n',
                '        quoted = await checkout.post("/quotes", basket)\n        return answers.fresh({**quoted, "badge": badges.badge_of(basket["customer"])})\n',
            ),
        ),
        kinds={"quote_partner": 0.124},
        key="badge",
        asked="gateway",
        answers=tiers("-", BADGE),
    ),
    Variant(
        name="null-points",
        service="payment",
        path="services/payment/points.py",
        function="rate",
        source=NULL.format(
            what="Points that a payer earns, in basis points.",
            constant="STANDARD_POINTS",
            standard=10,
            table="POINTS",
            by_tier=POINTS,
            function="rate",
            argument="payer",
            body='    level = payer["membership"]["tier"]\n    return POINTS[level] if level in POINTS else STANDARD_POINTS',
        ),
        edits=(
            Edit("services/payment/app.py", "fees, instalments, requests", "fees, instalments, points, requests"),
            Edit(
                "services/payment/app.py",
                '        "currency": asked.currency,\n        "instalments"',
                '        "currency": asked.currency,\n        "points_bp": points.rate(asked.customer),\n        "instalments"',
            ),
            Edit(
                "services/payment/tests/test_quotes.py",
                '        "currency": "EUR",\n        "instalments"',
                '        "currency": "EUR",\n        "points_bp": 10,\n        "instalments"',
            ),
        ),
        kinds={"quote_partner": 0.124},
        key="points_bp",
        asked="payment",
        answers=tiers(10, POINTS),
    ),
)
"""A null that is read as if it were always an object."""

MISSING_KEYS: tuple[Variant, ...] = (
    Variant(
        name="missing-from",
        service="checkout",
        path="services/checkout/coupons.py",
        function="begins_at",
        source=MISSING.format(
            what="From which subtotal on a voucher counts.",
            constant="FROM_ANY",
            standard=0,
            function="begins_at",
            sibling="counts",
            argument="voucher",
            body='    return voucher["minimum_cents"]',
        ),
        edits=(
            Edit(
                "services/checkout/quotes.py",
                "from services.checkout.baskets",
                "from services.checkout import coupons\nfrom services.checkout.baskets",
            ),
            Edit(
                "services/checkout/quotes.py",
                '        "hint_cents": prices["missing_cents"],\n',
                '        "hint_cents": prices["missing_cents"],\n        "from_cents": coupons.begins_at(basket.voucher),\n',
            ),
            Edit(
                "services/checkout/tests/test_orders.py",
                '        "hint_cents": 0,\n',
                '        "hint_cents": 0,\n        "from_cents": None,\n',
            ),
        ),
        kinds=OPEN_VOUCHERS,
        key="from_cents",
        asked="gateway",
        answers=vouchers(),
    ),
    Variant(
        name="missing-threshold",
        service="gateway",
        path="services/gateway/offers.py",
        function="threshold",
        source=MISSING.format(
            what="The threshold that users are shown.",
            constant="NO_THRESHOLD",
            standard=0,
            function="threshold",
            sibling="reached",
            argument="coupon",
            body='    cents = coupon["minimum_cents"]\n    return max(cents, NO_THRESHOLD)',
        ),
        edits=(
            Edit("services/gateway/app.py", "import answers, checks", "import answers, checks, offers"),
            Edit(
                "services/gateway/app.py",
                '        return answers.fresh(await checkout.post("/quotes", basket))\n',
                '        quoted = await checkout.post("/quotes", basket)\n        return answers.fresh({**quoted, "threshold_cents": offers.threshold(basket["voucher"])})\n',
            ),
        ),
        kinds=OPEN_VOUCHERS,
        key="threshold_cents",
        asked="gateway",
        answers=vouchers(),
    ),
    Variant(
        name="missing-floor",
        service="pricing",
        path="services/pricing/floors.py",
        function="floor_cents",
        source=MISSING.format(
            what="The subtotal below which a voucher is void.",
            constant="NO_FLOOR",
            standard=0,
            function="floor_cents",
            sibling="above",
            argument="slip",
            body='    lowest = int(slip["minimum_cents"])\n    return lowest',
        ),
        edits=(
            Edit("services/pricing/app.py", "import baskets, pricelist", "import baskets, floors, pricelist"),
            Edit(
                "services/pricing/app.py",
                '        "missing_cents": vouchers',
                '        "floor_cents": floors.floor_cents(basket.voucher),\n        "missing_cents": vouchers',
            ),
            Edit(
                "services/pricing/tests/test_prices.py",
                '        "missing_cents": 0,\n',
                '        "missing_cents": 0,\n        "floor_cents": None,\n',
            ),
        ),
        kinds=OPEN_VOUCHERS,
        key="floor_cents",
        asked="pricing",
        answers=vouchers(),
    ),
)
"""A key that is read as if it were always there."""

VARIANTS = (*NULLS, *MISSING_KEYS)
