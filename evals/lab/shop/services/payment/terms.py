"""The terms on which customers pay.

Amounts are in cents of the charge's currency, rates in basis points (1/100 of a percent).
"""

STANDARD_TERMS = {"fee_bp": 290, "fixed_cents": 30, "instalments": 1}
"""For guests, and for customers outside the membership programme."""

TERMS_BY_TIER = {
    "silver": {"fee_bp": 240, "fixed_cents": 30, "instalments": 3},
    "gold": {"fee_bp": 180, "fixed_cents": 20, "instalments": 6},
    "staff": {"fee_bp": 0, "fixed_cents": 0, "instalments": 1},
}
"""By the tier of a membership.  A tier that is not listed is paid on STANDARD_TERMS."""
