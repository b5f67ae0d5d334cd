"""The books, in memory; a nightly job takes them from the log of entries."""

from collections import OrderedDict, defaultdict

from services.ledger import entries

REMEMBERED = 50_000
"""Entry ids that are known as booked, so that a repeated one is not booked twice."""


class Books:
    """Balances by account."""

    def __init__(self) -> None:
        self._balances: defaultdict[str, int] = defaultdict(int)
        self._booked: OrderedDict[str, None] = OrderedDict()

    def book(self, entry: entries.Entry) -> bool:
        """Book an entry, once.  False when it was booked before."""
        if entry.entry_id in self._booked:
            return False
        self._booked[entry.entry_id] = None
        if len(self._booked) > REMEMBERED:
            self._booked.popitem(last=False)
        for line in entry.lines:
            self._balances[line.account] += line.signed_cents
        return True

    def balance(self, account: str) -> int:
        """Debits less credits, in cents."""
        return self._balances[account]
