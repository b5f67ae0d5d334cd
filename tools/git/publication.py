"""Copies a branch to another repository of this machine, and proposes it there; git itself is never run.

Objects go before what names them, so whatever a crash leaves, an object that is there has all that it needs.
"""

from collections.abc import Iterator

from incident.errors import Conflict, Refused
from tools import ports
from tools.git import objects
from tools.git.refs import Refs
from tools.git.store import Store
from tools.git.trees import Trees

MAX_COMMITS = 1000
"""Commits that one branch may bring to a remote: with more, the two repositories have hardly a history in common."""

MAX_TEXT = 32_000
"""Characters of a proposal's body."""

PROPOSALS = "refs/suture/proposals/"
"""Refs of the proposals at a remote that has no place for them."""

_OURS = "refs/heads/"


def publish(here: Store, commit: str, branch: str, there: Store) -> str:
    """Copy a commit and what the remote lacks of it, and let the remote's branch name it.  Raises Conflict, Refused."""
    if here.width != there.width:
        raise Refused("the remote names its objects in another way (SHA-1 or SHA-256) than this repository")
    trees = Trees(here)
    for name in _lacking(trees, commit, there):
        _copy_tree(trees, here, trees.commit(name).tree, there)
        _copy(here, name, there)
    found = _named(there, _OURS + branch)
    if found is None and not Refs(there).move(_OURS + branch, commit, None):
        found = _named(there, _OURS + branch)
    if found not in (None, commit):
        raise Conflict(f"the branch {branch} of the remote points at {found}, not at {commit}")
    return commit


def propose(branch: str, title: str, body: str, there: Store) -> ports.Proposal:
    """Keep an annotated tag of the published commit; one that is there already is returned.  Raises Conflict, Refused."""
    head = _named(there, _OURS + branch)
    if head is None:
        raise Refused(f"the remote has no branch {branch}: publish it first")
    name = PROPOSALS + branch.removeprefix("suture/")
    refs = Refs(there)
    if refs.read(name) is None:
        # A time of the commit, not of the clock: made again, the tag must get the same id.
        seconds = Trees(there).commit(head).seconds
        made = objects.tag_bytes(
            head, branch, f"Suture <suture@localhost> {seconds} +0000", f"{title}\n\n{body[:MAX_TEXT]}\n"
        )
        refs.move(name, there.write("tag", made), None)
    kept = refs.read(name)
    if kept is None:
        raise Refused(f"the remote keeps no ref {name}")
    content = there.read(kept, there.bounds.commit)[1]
    if objects.tagged(content) != head:
        raise Conflict(f"the remote has a proposal of another commit of {branch}")
    return ports.Proposal(id=name, head=head, title=objects.titled(content))


def _named(there: Store, ref: str) -> str | None:
    refs = Refs(there)
    found = refs.read(ref)
    return None if found is None else refs.commit(found)


def _lacking(trees: Trees, commit: str, there: Store) -> tuple[str, ...]:
    """Commits that the remote lacks, parents first.  Raises Refused when there are too many."""
    found: dict[str, None] = {}
    waiting = [(commit, False)]
    while waiting:
        name, above = waiting.pop()
        if above:
            found[name] = None
        elif name not in found and not there.has(name):
            if len(waiting) + len(found) > MAX_COMMITS:
                raise Refused(f"the remote lacks more than {MAX_COMMITS} commits of the branch: is it the right one?")
            waiting.append((name, True))
            waiting += [(parent, False) for parent in trees.commit(name).parents]
    return tuple(found)


def _copy_tree(trees: Trees, here: Store, root: str, there: Store) -> None:
    for name in _inner(trees, root, there, here.bounds.depth):
        _copy(here, name, there)


def _inner(trees: Trees, root: str, there: Store, depth: int) -> Iterator[str]:
    """Ids of a tree and what it holds, as far as the remote lacks them; what a tree holds comes before it."""
    if there.has(root):
        return
    if depth < 0:
        raise Refused("the branch has folders that are deeper than the bounds allow")
    for entry in trees.entries(root):
        if entry.is_folder:
            yield from _inner(trees, entry.id, there, depth - 1)
        elif (entry.is_file or entry.is_link) and not there.has(entry.id):
            yield entry.id
    yield root


def _copy(here: Store, name: str, there: Store) -> None:
    kind, content = here.read(name, here.bounds.object)
    there.write(kind, content)
