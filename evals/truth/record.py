"""Reading of an incident's record as plain data, without the product's own classes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

Body = Mapping[str, Any]

DONE = ("done", "found")
"""Results of an effect that is there."""

BROUGHT = ("commits", "patch")
"""Of a deploy: what the repository says that it brought, which one dossier may have and another not."""


class Event(NamedTuple):
    """One line of the journal."""

    at: datetime
    node: str
    kind: str
    body: Body

    @property
    def clock(self) -> str:
        """Time of the day as reports show it."""
        return f"{self.at:%H:%M:%S}"


class Notice(NamedTuple):
    """One notice as people got it: the lines, and the number of events that were recorded before."""

    subject: str
    lines: tuple[str, ...]
    after: int


class Round(NamedTuple):
    """One diagnosis: its time, its evidence, and what became of its hypotheses."""

    clock: str
    dossier: Body
    diagnosis: Body
    checked: bool = False
    strikes: tuple[Body, ...] = ()
    followed: int | None = None
    """Index of the hypothesis that is followed at last."""

    @property
    def known(self) -> Body:
        """The round in the form in which the search is given it."""
        hypotheses = self.diagnosis["hypotheses"] if self.checked else []
        return {"service": self.dossier["service"], "hypotheses": hypotheses, "strikes": self.strikes}


class Run(NamedTuple):
    """Record of one incident, with what people read of it."""

    incident: str
    events: tuple[Event, ...]
    report: str = ""
    notices: tuple[Notice, ...] = ()
    siblings: tuple[str, ...] | None = None
    """Other incidents of the same home; None where that is not known."""
    outcome: str = ""
    """Ending that a text speaks of."""
    stop: str = ""
    """Reason that the ending was given; empty where that is not known."""

    def until(self, count: int, outcome: str) -> "Run":
        """The record as it stood after so many events, for a text about this ending."""
        closed: Body = next((event.body["ending"] for event in self.events[count:] if event.kind == "closed"), {})
        return self._replace(events=self.events[:count], outcome=outcome, stop=closed.get("stop", ""))

    def of(self, kind: str) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if event.kind == kind]

    def last(self, kind: str) -> Body | None:
        """The last event of one kind."""
        found = self.of(kind)
        return found[-1].body if found else None

    def decided(self, policy: str = "") -> list[tuple[Event, Body]]:
        """The decisions, of one policy or of all, with their events."""
        found = [(event, event.body["decision"]) for event in self.of("decided")]
        return [(event, made) for event, made in found if policy in ("", made["policy"])]

    def dossiers(self) -> list[Body]:
        """Every dossier that was gathered."""
        return [event.body["dossier"] for event in self.of("gathered")]

    def facts(self, kind: str) -> list[Body]:
        """The facts of one kind in the last dossier."""
        gathered = self.dossiers()[-1:]
        return [item["fact"] for one in gathered for item in one["evidence"] if item["fact"]["kind"] == kind]

    def changes(self) -> list[Body]:
        """Every recorded change of every dossier, each once, oldest first; without what a deploy brought."""
        found = [{key: fact[key] for key in fact if key not in BROUGHT} for fact in self.everything("change")]
        once = {json.dumps(fact, sort_keys=True): fact for fact in found}
        return sorted(once.values(), key=lambda fact: moment(fact["at"]))

    def searches(self) -> dict[str, Body]:
        """The last question for changes of each service; an answer stands over a later failure."""
        found: dict[str, Body] = {}
        for one in self.dossiers():
            for search in one.get("searches", ()):
                if not search["failure"] or found.get(search["service"], {"failure": "-"})["failure"]:
                    found[search["service"]] = search
        return found

    def everything(self, kind: str) -> list[Body]:
        """The facts of one kind in every dossier."""
        return [item["fact"] for one in self.dossiers() for item in one["evidence"] if item["fact"]["kind"] == kind]

    def rounds(self) -> list[Round]:
        """Each diagnosis, with the strikes that the last check or step of the search knew."""
        found: list[Round] = []
        dossier: Body | None = None
        for event in self.events:
            made = event.body.get("decision", {})
            if event.kind == "gathered":
                dossier = event.body["dossier"]
            elif event.kind == "diagnosed" and dossier is not None:
                found.append(Round(clock=event.clock, dossier=dossier, diagnosis=event.body["diagnosis"]))
            elif made.get("policy") == "assertions.check" and found:
                struck = tuple({**item, "hypothesis": item["index"]} for item in made["data"]["struck"])
                found[-1] = found[-1]._replace(checked=True, strikes=struck)
            elif made.get("policy") == "search.next":
                found = _stepped(found, event.body["facts"]["rounds"], made)
        return found

    def led(self) -> Round | None:
        """The round of the leading hypothesis, which it has as the followed one: see `leading`."""
        found = self.rounds()
        for one in found:
            if one.followed is not None:
                return one
        standing = [pair for pair in left([one.known for one in found]) if pair[1]["cause"]["kind"] != "unknown"]
        if standing:
            (number, index), _ = standing[0]
            return found[number]._replace(followed=index)
        for one in found:
            for strike in one.strikes:
                if strike["kind"] == "failed":
                    return one._replace(followed=strike["hypothesis"])
        return None

    def leading(self) -> Body | None:
        """The hypothesis that is followed, or the first that is left, or the first that failed; None without any."""
        one = self.led()
        if one is None or one.followed is None:
            return None
        found: Body = one.diagnosis["hypotheses"][one.followed]
        return found

    def effects(self) -> Iterator[tuple[Body, Body | None]]:
        """Each intended effect on a service, with what became of it."""
        became = {event.body["key"]: event.body for event in self.of("acted")}
        for event in self.of("intended"):
            if not str(event.body["target"]).startswith("suture/"):
                yield event.body, became.get(event.body["key"])


def _stepped(found: list[Round], known: list[Body], made: Body) -> list[Round]:
    """The rounds as a step of the search knew them; of a round that was made twice, the last one counts."""
    done = [one._replace(followed=None) for one in found]
    end = len(done)
    for number in range(len(known) - 1, -1, -1):
        alike = [
            place
            for place in range(end)
            if (done[place].dossier["service"], done[place].diagnosis["hypotheses"])
            == (known[number]["service"], known[number]["hypotheses"])
        ]
        if not alike:
            break
        end = alike[-1]
        here = (made["choice"], made["data"]["round"]) == ("follow", number)
        followed = made["data"]["hypothesis"] if here else None
        done[end] = done[end]._replace(strikes=tuple(known[number]["strikes"]), followed=followed)
    return done


def left(rounds: Sequence[Body]) -> Iterator[tuple[tuple[int, int], Body]]:
    """The hypotheses that stand, with their round and place, those of the newest round first.

    Of a service that was looked at twice only the last round counts, and of a round only what was found more credible
    than not to know.
    """
    for number in range(len(rounds) - 1, -1, -1):
        one = rounds[number]
        if any(later["service"] == one["service"] for later in rounds[number + 1 :]):
            continue
        struck = {strike["hypothesis"] for strike in one["strikes"]}
        for index, hypothesis in enumerate(one["hypotheses"]):
            if hypothesis["cause"]["kind"] == "unknown" and hypothesis["service"] == one["service"]:
                break
            if index not in struck:
                yield (number, index), hypothesis


def unknown_of_itself(one: Body) -> bool:
    """True when it was said that the cause in the round's own service is not known."""
    return any(
        hypothesis["cause"]["kind"] == "unknown" and hypothesis["service"] == one["service"]
        for hypothesis in one["hypotheses"]
    )


def moment(text: str) -> datetime:
    """A recorded time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def shown(text: str) -> str:
    """A recorded time as texts show it."""
    return f"{moment(text):%Y-%m-%d %H:%M:%S}"


def flat(text: str) -> str:
    """Text as a report shows it: on one line, without characters that mark something up."""
    for one, other in (("|", "/"), ("`", "'"), ("<", "‹"), (">", "›")):
        text = text.replace(one, other)
    return " ".join(text.split())


def read(lines: Iterable[bytes | str], report: str = "", notices: tuple[Notice, ...] = ()) -> Run:
    """Read a journal.  Raises ValueError for a line that is no record."""
    rows = [json.loads(line) for line in lines if line.strip()]
    events = tuple(
        Event(at=moment(row["at"]), node=row["node"], kind=row["event"]["kind"], body=row["event"]) for row in rows
    )
    told = tuple(
        Notice(subject=event.body["text"], lines=tuple(event.body.get("lines", ())), after=index)
        for index, event in enumerate(events)
        if event.kind == "told"
    )
    return Run(rows[0]["incident"] if rows else "", events, report, (*told, *notices))


def folders(places: Iterable[Path]) -> Iterator[Path]:
    """Every record folder below these places."""
    for place in places:
        yield from sorted(path.parent for path in place.rglob("decisions.jsonl"))


def load(folder: Path) -> Run:
    """Read one record folder, its report, and the notices of its home."""
    report = folder / "report.md"
    text = report.read_text(encoding="utf-8") if report.is_file() else ""
    run = read((folder / "decisions.jsonl").read_bytes().splitlines(), text)
    sent = _sent(folder.parent.parent / "notices.jsonl", run)
    siblings = tuple(path.name for path in folder.parent.iterdir() if path.name != folder.name)
    return run._replace(notices=(*run.notices, *sent), siblings=siblings)


def _sent(file: Path, run: Run) -> tuple[Notice, ...]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    own = [row for row in rows if isinstance(row["body"], dict) and row["body"].get("incident") == run.incident]
    return tuple(
        Notice(
            subject=row["subject"],
            lines=tuple(row["body"].get("lines") or [row["body"].get("reason", "")]),
            after=sum(event.at <= moment(row["at"]) for event in run.events),
        )
        for row in own
    )
