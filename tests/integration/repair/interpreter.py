"""The interpreter of the services' environment."""

from evals.lab import repository
from evals.lab import runtime as shop_runtime
from tools import ports


def runtime() -> ports.Runtime:
    shop = shop_runtime.ensure(repository.SHOP / "requirements.txt", shop_runtime.home())
    return ports.Runtime(python=str(shop.python), mounts=tuple(map(str, shop.mounts)), environment={})
