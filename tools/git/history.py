"""The commits that touched a path, newest first, as ``git rev-list COMMIT -- PATH`` lists them."""

import heapq
from collections.abc import Iterator

from tools.git.objects import Commit
from tools.git.trees import Trees


class History:
    """Walks from a commit to what came before it, at most as far as the bounds say."""

    def __init__(self, trees: Trees, shallow: frozenset[str], most: int) -> None:
        """`shallow` are the commits whose parents were never fetched; `most` commits are looked at."""
        self._trees, self._shallow, self._most = trees, shallow, most
        self._kept: dict[str, Commit] = {}

    def touching(self, start: str, path: str) -> Iterator[str]:
        """Ids of the commits that changed what lies at a path; all commits when it is empty.

        A merge that left the path as one of its parents had it is followed there and nowhere else.
        """
        queue, seen = [(-self.commit(start).seconds, 0, start)], {start}
        for _ in range(self._most):
            if not queue:
                return
            name = heapq.heappop(queue)[2]
            commit = self.commit(name)
            follow = commit.parents
            if not path:
                yield name
            else:
                here = self._at(commit, path)
                same = [parent for parent in follow if self._at(self.commit(parent), path) == here]
                if same:
                    follow = (same[0],)
                elif follow or here is not None:
                    yield name
            for parent in follow:
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(queue, (-self.commit(parent).seconds, len(seen), parent))
            # It is taken out once; messages may have a MiB each, and there may be 20,000 of them.
            del self._kept[name]

    def commit(self, name: str) -> Commit:
        """A commit as far as it was fetched.  Raises Refused, Unavailable."""
        found = self._kept.get(name)
        if found is None:
            found = self._trees.commit(name)
            if name in self._shallow:
                found = found._replace(parents=())
            self._kept[name] = found
        return found

    def _at(self, commit: Commit, path: str) -> tuple[int, str] | None:
        found = self._trees.at(commit.tree, path)
        return None if found is None else (found.mode, found.id)
