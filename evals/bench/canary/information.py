"""The least number of requests that any test needs, and the grid that ours is measured on."""

import math

from scipy.optimize import minimize_scalar

from incident.value import Value


class Cell(Value):
    """One canary: error rates of stable and of the canary, and the canary's share of the requests."""

    stable: float
    canary: float
    share: float

    @property
    def pooled(self) -> float:
        """Error rate of all requests together."""
        return self.share * self.canary + (1.0 - self.share) * self.stable

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{100 * self.stable:g} → {100 * self.canary:g} % at {100 * self.share:g} %"


RATES = ((0.003, 0.15), (0.002, 0.01), (0.01, 0.02), (0.01, 0.05), (0.003, 0.02), (0.003, 0.08))
SHARES = (0.1, 0.5)
GRID = tuple(Cell(stable=stable, canary=canary, share=share) for stable, canary in RATES for share in SHARES)
NULLS = tuple(
    Cell(stable=rate, canary=rate, share=share) for rate in sorted({stable for stable, _ in RATES}) for share in SHARES
)
MARGINS = (0.01, 0.02, 0.05)


def kl(true: float, other: float) -> float:
    """Information in one outcome of rate `true` against rate `other`, in nats."""
    return true * math.log(true / other) + (1.0 - true) * math.log((1.0 - true) / (1.0 - other))


def worse(cell: Cell) -> float:
    """J: information of one request against "both versions fail alike"."""
    return cell.share * kl(cell.canary, cell.pooled) + (1.0 - cell.share) * kl(cell.stable, cell.pooled)


def no_worse(rate: float, delta: float, share: float) -> float:
    """I: information of one request of two equal versions against "the canary is worse by delta"."""

    def against(stable: float) -> float:
        return share * kl(rate, stable + delta) + (1.0 - share) * kl(rate, stable)

    found = minimize_scalar(against, bounds=(1e-12, min(rate, 1.0 - delta)), method="bounded", options={"xatol": 1e-12})
    return float(found.fun)
