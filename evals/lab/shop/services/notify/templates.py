"""The messages that we send."""

from collections.abc import Mapping
from typing import Any

from shopkit import errors

TEMPLATES = {
    ("order_placed", "en"): "Thank you! Your order {order_id} over {total} is on its way.",
    ("order_placed", "de"): "Danke! Ihre Bestellung {order_id} über {total} ist unterwegs.",
    ("order_placed", "fr"): "Merci ! Votre commande {order_id} de {total} est en route.",
    ("order_declined", "en"): "We are sorry: the payment of your order {order_id} was declined.",
    ("order_declined", "de"): "Es tut uns leid: die Zahlung Ihrer Bestellung {order_id} wurde abgelehnt.",
}
FALLBACK = "en"
"""The language of a message that has no template in the customer's own."""


def render(template: str, language: str, values: Mapping[str, Any]) -> str:
    """A message.  Raises BadRequest for an unknown template or a missing value."""
    text = TEMPLATES.get((template, language)) or TEMPLATES.get((template, FALLBACK))
    if text is None:
        raise errors.BadRequest(f"no template {template}")
    try:
        return text.format_map(values)
    except KeyError as error:
        raise errors.BadRequest(f"{template} needs {error.args[0]}") from error


def money(cents: int, currency: str) -> str:
    """An amount for people."""
    return f"{cents // 100}.{cents % 100:02} {currency}"
