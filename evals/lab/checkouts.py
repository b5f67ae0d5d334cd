"""Source trees of commits, one folder per commit, shared by the processes that run it."""

import asyncio
import io
import re
import tarfile
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class NoCommit(ValueError):
    """There is no such commit in the repository."""


class Checkouts:
    """Exports trees with ``git archive``, so that a process never sees the repository itself."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self._repository, self._folder = repository, folder
        self._lock = asyncio.Lock()

    async def ensure(self, commit: str) -> Path:
        """The folder with this commit's tree.  Raises NoCommit."""
        async with self._lock:
            full = await self._resolve(commit)
            folder = self._folder / full[:12]
            if not folder.exists():
                archive = await self._git("archive", "--format=tar", full)
                await asyncio.to_thread(_unpack, archive, folder)
            return folder

    async def _resolve(self, commit: str) -> str:
        if not _COMMIT.fullmatch(commit):
            raise NoCommit(f"{commit[:80]!r} is no commit id")
        return (await self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")).decode().strip()

    async def _git(self, *arguments: str) -> bytes:
        git = await asyncio.create_subprocess_exec(
            "git",
            "-C",
            str(self._repository),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await git.communicate()
        if git.returncode:
            raise NoCommit(f"git {arguments[0]} failed: {err.decode('utf-8', 'replace').strip()[:200] or 'not there'}")
        return out


def _unpack(archive: bytes, folder: Path) -> None:
    """Extract beside the target and rename, so that a folder that exists is whole."""
    new = folder.with_suffix(".new")
    new.mkdir(mode=0o755)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        if hasattr(tarfile, "data_filter"):  # from 3.11.4 on; the archive is of our own repository
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(new)  # noqa: S202 (the same)
    new.rename(folder)
