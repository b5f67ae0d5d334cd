"""The lab keeps what every platform promises: real processes, a real router, and the embedded world's adapter."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from incident.workload import Commit, Deploy
from tests.contract.platform import PlatformContract, Under
from tests.integration.lab import bench
from tools import embedded
from tools.clock import SystemClock


class TestLab(PlatformContract):
    @contextlib.contextmanager
    def make(self, folder: Path) -> Iterator[Under]:
        up, over = threading.Event(), threading.Event()
        labs: list[bench.Bench] = []

        async def scenario(lab: bench.Bench) -> None:
            labs.append(lab)
            up.set()
            await asyncio.to_thread(over.wait)

        thread = threading.Thread(target=bench.run, args=(folder, scenario), kwargs={"rate": 40.0})
        thread.start()
        try:
            assert up.wait(120)
            (lab,) = labs

            def second(version: str) -> Deploy:
                return Deploy(version=version, source=Commit(commit=lab.commit), config_from="1")

            yield Under(embedded.connect(lab.url, SystemClock()).platform, "back", "1", second, time.sleep)
        finally:
            over.set()
            thread.join(60)
