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

    def between(self, base: str, head: str, path: str) -> Iterator[str]:
        """Ids of the commits that `head` has and `base` has not, and that changed what lies at a path; newest first."""
        old = {base}
        # By time, as `git rev-list BASE..HEAD` walks.  Commits of one second come in any order, so one may turn out to be
        # old after it was seen: the walk goes on as long as something may still tell.
        queue, seen, order = [self._place(name) for name in {base, head}], {base, head}, list[str]()
        heapq.heapify(queue)
        for _ in range(self._most):
            if all(name in old for _, name in queue):
                last = max((self._place(name)[0] for name in order if name not in old), default=None)
                if last is None or all(place > last for place, _ in queue):
                    break
            name = heapq.heappop(queue)[1]
            order.append(name)
            for parent in self.commit(name).parents:
                if name in old:
                    self._age(parent, old, seen)
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(queue, self._place(parent))
        for name in order:
            if name not in old and (not path or self._changed(name, path)):
                yield name

    def _place(self, name: str) -> tuple[int, str]:
        return -self.commit(name).seconds, name

    def _age(self, name: str, old: set[str], seen: set[str]) -> None:
        """Note that a commit is old, and so is all that came before it as far as it was seen."""
        waiting = [name]
        while waiting:
            here = waiting.pop()
            if here not in old:
                old.add(here)
                waiting += [parent for parent in self.commit(here).parents if parent in seen]

    def _changed(self, name: str, path: str) -> bool:
        commit = self.commit(name)
        here = self._at(commit, path)
        if not commit.parents:
            return here is not None
        return all(self._at(self.commit(parent), path) != here for parent in commit.parents)

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
