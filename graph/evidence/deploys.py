"""Commits and patches that deploys brought, asked of the repository; what it does not know is recorded as a gap.

People wrote these texts.  They are cut, without secrets, shown and marked; no decision reads them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agents.view import rendering
from graph.context import Context
from graph.evidence.answers import Found
from graph.reports.recorded_changes import listed
from incident.errors import Unavailable
from incident.evidence import Change, Fact, Gap, Missing
from incident.gaps import REPOSITORY
from tools import ports, text, unified
from tools.secrets import redaction

DEPLOYS = 5
"""Most deploys that the repository is asked about: the service's own first, then the newest."""

COMMITS = 20
"""Most commits of a deploy, the newest."""

SUBJECT = 120
"""Characters of a commit's subject."""

PATCH = 3_000
"""Characters of a deploy's patch."""

CUT = "# cut: the rest is not shown\n"


class Brought(NamedTuple):
    """Commits and patch of one deploy, as far as they are known."""

    commits: tuple[str, ...] = ()
    patch: str = ""
    missing: str = ""
    """Name of the part that is not known: commits, or their patches."""
    reason: str = ""


def with_commits(context: Context, service: str, found: list[Found], gaps: list[Gap]) -> list[Found]:
    """Return the evidence with the commits and the patch of each deploy, whose record alone says where to look."""
    changes = [fact for *_, fact in found if isinstance(fact, Change)]
    deploys = [change for change in changes if change.what == "deploy"]
    deploys.sort(key=lambda change: (change.service != service, -change.at.timestamp()))
    known = {change: _brought(context.world.repository, change) for change in deploys[:DEPLOYS]}
    late = Brought(missing="commits", reason=f"only {DEPLOYS} deploys are looked into")
    known |= dict.fromkeys(deploys[DEPLOYS:], late)
    gaps += _gaps(known)
    return [(source, origin, _told(fact, known)) for source, origin, fact in found]


def _told(fact: Fact, known: dict[Change, Brought]) -> Fact:
    if not isinstance(fact, Change):
        return fact
    # Whatever a platform says of them itself is neither cut nor cleaned.
    brought = known.get(fact, Brought())
    return fact.model_copy(update={"commits": brought.commits, "patch": brought.patch})


def _gaps(known: dict[Change, Brought]) -> Iterator[Gap]:
    """Yield one gap for each thing that is not known for one reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for change, brought in known.items():
        if brought.missing:
            names.setdefault((brought.missing, brought.reason), []).append(f"{change.service} {change.version}")
    for (missing, reason), whose in names.items():
        sought = f"{missing} that {listed(list(dict.fromkeys(whose)))} brought"
        yield Gap(source=REPOSITORY, sought=sought, reason=reason)


def _brought(repository: ports.Repository, change: Change) -> Brought:
    if change.commit is None or change.previous_commit is None:
        return Brought(missing="commits", reason="the platform does not name the commits before and after")
    try:
        component = repository.component(change.service)
        if isinstance(component, Missing):
            return Brought(missing="commits", reason=component.reason)
        commits = repository.between(change.previous_commit, change.commit, component.path)
    except Unavailable as error:
        return Brought(missing="commits", reason=_said(error))
    subjects = tuple(_subjects(commits))
    try:
        return Brought(subjects, _patch(repository, commits, component.path))
    except Unavailable as error:
        return Brought(subjects, missing="patches", reason=_said(error))


def _said(error: Unavailable) -> str:
    return text.normalise(redaction.redact_text(str(error)), 200)


def _subjects(commits: tuple[ports.Commit, ...]) -> Iterator[str]:
    for commit in commits[:COMMITS]:
        yield f"{commit.id[:12]} {text.normalise(redaction.redact_text(commit.subject), SUBJECT)}"
    more = len(commits) - COMMITS
    if more > 0:
        yield f"# not shown: {more}{' or more' if len(commits) == ports.MAX_LOG else ''} older commits"


def _patch(repository: ports.Repository, commits: tuple[ports.Commit, ...], folder: str) -> str:
    """Return the diffs of the commits below the service's folder, newest first; other files are named."""
    told, elsewhere = "", list[str]()
    for commit in commits:
        own = [path for path in commit.paths if path.startswith(f"{folder}/")]
        elsewhere += [path for path in commit.paths if path not in own]
        if len(told) < PATCH:
            told += f"# commit {commit.id[:12]}\n" + _parts(repository.patch(commit.id), own)
    whole = told + unified.omitted(list(dict.fromkeys(elsewhere)))
    # Without secrets before it is cut: half a secret would not be known as one.
    clean = redaction.redact_source(rendering.normalise(whole, len(whole), lines=True))
    return clean if len(clean) <= PATCH else f"{clean[: PATCH - len(CUT) - 1]}\n{CUT}"


def _parts(patch: str, paths: list[str]) -> str:
    """Return the diffs of these files, and what the patch says of files that it leaves out."""
    heads, keep, told = {f"diff --git a/{path} b/{path}" for path in paths}, False, list[str]()
    # No line of a file's text begins like this: each has a space, a plus or a minus in front.
    for line in patch.split("\n"):
        if line.startswith(("diff --git ", "# ")):
            keep = line in heads or line.startswith("# ")
        if keep:
            told.append(f"{line}\n")
    return "".join(told)
