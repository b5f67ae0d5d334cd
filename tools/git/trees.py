"""Trees of a repository: list below a path, compare two, and write one with some files changed."""

from collections.abc import Iterator, Mapping

from incident.errors import Refused
from tools.git import objects
from tools.git.bounds import MIB
from tools.git.objects import FILE, FOLDER, Commit, Entry
from tools.git.store import Store

_KEPT = 100_000
"""Entries of trees that are kept while one question is answered: the walk through a history meets most of them again."""


class Trees:
    """Reads and makes trees in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, tuple[Entry, ...]] = {}
        self._held = 0

    def commit(self, name: str) -> Commit:
        """A commit by its id.  Raises Refused, Unavailable."""
        kind, content = self._store.read(name, self._store.bounds.commit)
        if kind != "commit":
            raise Refused(f"the object {name} of the repository is a {kind} where a commit belongs")
        return objects.commit(content)

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Entries of one tree.  Raises Refused, Unavailable."""
        found = self._kept.get(name)
        if found is None:
            kind, content = self._store.read(name, min(16 * MIB, self._store.bounds.object))
            if kind != "tree":
                raise Refused(f"the object {name} of the repository is a {kind} where a tree belongs")
            found = objects.entries(content, self._store.width, self._store.bounds.entries)
            self._held += 1 + len(found)
            if self._held > _KEPT:
                self._kept.clear()
                self._held = 1 + len(found)
            self._kept[name] = found
        return found

    def at(self, root: str, path: str) -> Entry | None:
        """The entry at a path below a tree, the tree itself at the empty path; None when nothing is there."""
        found: Entry | None = Entry(FOLDER, root, b"")
        for part in path.encode("utf-8", "surrogatepass").split(b"/") if path else ():
            if found is None or not found.is_folder:
                return None
            found = next((entry for entry in self.entries(found.id) if entry.path == part), None)
        return found

    def below(self, root: str, path: str) -> tuple[Entry, ...]:
        """Everything but folders at or below a path, with its whole path.  Raises Refused, Unavailable."""
        found = self.at(root, path)
        if found is None:
            return ()
        above = path.encode("utf-8", "surrogatepass")
        return tuple(self._leaves(found._replace(path=above)))

    def changed(self, before: str | None, after: str) -> tuple[bytes, ...]:
        """Paths of what is no folder and differs between two trees, or is in one of them alone; sorted."""
        found: set[bytes] = set()
        left: list[tuple[Entry | None, ...]] = [
            (Entry(FOLDER, before, b"") if before else None, Entry(FOLDER, after, b""))
        ]
        while left:
            one, other = (self._inner(folder) for folder in left.pop())
            for name in one.keys() | other.keys():
                pair = (one.get(name), other.get(name))
                # Equal ids are equal content, so whole folders are passed over unread.
                if pair[0] == pair[1]:
                    continue
                found.update(entry.path for entry in pair if entry is not None and not entry.is_folder)
                folders = tuple(entry if entry is not None and entry.is_folder else None for entry in pair)
                if any(folders):
                    left.append(folders)
        return tuple(sorted(found))

    def replaced(self, root: str | None, blobs: Mapping[str, str]) -> str:
        """Write a tree in which paths have these blobs, and all others what they had; a file's mode stays."""
        found = {entry.path: entry for entry in self.entries(root)} if root else {}
        inner: dict[str, dict[str, str]] = {}
        for path, blob in blobs.items():
            first, _, rest = path.partition("/")
            name = first.encode()
            if rest:
                inner.setdefault(first, {})[rest] = blob
            else:
                found[name] = Entry(found[name].mode if name in found else FILE, blob, name)
        for first, below in inner.items():
            name = first.encode()
            # `View.writable` has made sure that whatever is there is a folder.
            made = self.replaced(found[name].id if name in found else None, below)
            found[name] = Entry(FOLDER, made, name)
        return self._store.write("tree", objects.tree(found.values()))

    def _leaves(self, top: Entry) -> Iterator[Entry]:
        left = [top]
        while left:
            entry = left.pop()
            if entry.is_folder:
                left += self._inner(entry).values()
            else:
                yield entry

    def _inner(self, folder: Entry | None) -> dict[bytes, Entry]:
        """Entries of a folder by name, with whole paths.  Raises Refused beyond the bounds, Unavailable."""
        if folder is None:
            return {}
        held = self.entries(folder.id)
        self._store.effort.list(len(held))
        start = folder.path + b"/" if folder.path else b""
        bounds = self._store.bounds
        if start.count(b"/") > bounds.depth:
            raise Refused(f"the repository has folders that are more than {bounds.depth} deep")
        if held and len(start) + max(len(entry.path) for entry in held) > bounds.path:
            raise Refused(f"the repository has a path of more than {bounds.path} bytes")
        return {entry.path: entry._replace(path=start + entry.path) for entry in held}
