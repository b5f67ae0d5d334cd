"""Words for recorded values, written anew for the checker."""

from evals.truth.record import DONE, Body, Run, shown


def names(text: str) -> list[str]:
    """The names of a list in words."""
    first, _, last = text.rpartition(" and ")
    return [*first.split(", "), last] if first else [last]


def change(fact: Body) -> str:
    """A recorded change."""
    at, service = f"at {shown(fact['at'])}", fact["service"]
    if fact["what"] == "deploy":
        after = f" after {fact['previous']}" if fact["previous"] else ""
        return f"{service} deploy of {fact['version']}{after} {at}"
    if fact["what"] == "config":
        return f"{service} setting {fact['key']} from {_value(fact['old'])} to {_value(fact['new'])} {at}"
    if fact["what"] == "weights":
        return f"{service} traffic to {fact['new']} {at}"
    if fact["what"] == "flag":
        return f"flag {fact['key']} from {_value(fact['old'])} to {_value(fact['new'])} {at}"
    if fact["what"] in ("migration", "certificate", "node", "traffic"):
        return f"{fact['what']} {fact.get('target') or service} {at}"
    return f"{service} {fact['what']} of {fact['version']} {at}"


def _value(value: str | None) -> str:
    return "unset" if value is None else repr(value)


def effect(body: Body) -> str:
    """An intended effect."""
    made = body["change"]
    match made.get("kind"):
        case "deploy":
            return f"start {made['version']} ({made['commit'][:12]}), no traffic yet"
        case "weights":
            shares = sorted(made["weights"].items(), key=lambda pair: (-pair[1], pair[0]))
            return "route " + ", ".join(f"{share} % to {version}" for version, share in shares)
        case "remove" | "restart":
            return f"{made['kind']} {made['version']}"
        case "configure":
            done = "unset {key} for {version}" if made["value"] is None else "set {key} to {value} for {version}"
            return done.format(**made)
        case None if "branch" in made:
            return f"commit the patch to {made['branch']}, on top of {made['base'][:12]}"
        case _:
            return ", ".join(f"{key} {value}" for key, value in made.items())


def errors(dossier: Body) -> list[Body]:
    """The groups of errors of a dossier."""
    return [item["fact"] for item in dossier["evidence"] if item["fact"]["kind"] == "error_group"]


def blames(hypothesis: Body, fact: Body) -> bool:
    """True when a hypothesis blames this very change."""
    cause = hypothesis["cause"]
    if fact["service"] != hypothesis["service"]:
        return False
    if cause["kind"] == "deploy":
        return bool(fact["what"] == "deploy" and fact["version"] == cause["version"])
    own = cause["kind"] == "config" and fact["what"] == "config"
    return bool(own and (fact["key"], fact["new"]) == (cause["key"], cause["new"]))


def blamed(hypothesis: Body, dossier: Body, recorded: list[Body]) -> str:
    """Object of a hypothesis, as far as the evidence shows it."""
    cause, service = hypothesis["cause"], hypothesis["service"]
    own = [fact for fact in recorded if blames(hypothesis, fact)]
    if own:
        return change(own[-1])
    if cause["kind"] == "code":
        return raised(cause, service, errors(dossier))
    return {
        "deploy": f"{service} deploy of {cause.get('version')} after {cause.get('previous')}",
        "config": f"{service} setting {cause.get('key')} from {cause.get('old')!r} to {cause.get('new')!r}",
        "dependency": f"{cause.get('host')}, which {service} calls",
        "resource": f"{cause.get('resource')} of {service}",
        "hang": f"{cause.get('version')} of {service}, which runs and is not ready",
    }.get(cause["kind"], f"nothing in particular of {service}")


def raised(cause: Body, service: str, groups: list[Body]) -> str:
    """The errors of a place: those whose traceback ends there, or else those that go through it."""
    total = sum(group["count"] for group in groups)
    place = f"{cause['function']} ({cause['path']}:{cause['line']}, {service})"
    at = (cause["path"], cause["function"])
    here = [group for group in groups if (group["signature"]["path"], group["signature"]["function"]) == at]
    if here:
        kinds = sorted({group["signature"]["exception"] for group in here})
        said = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
        return f"{said} raised in {place}, {sum(group['count'] for group in here)} of {total} logged errors"
    last = cause["function"].rpartition(".")[2]
    through = [
        group
        for group in groups
        if any(frame["path"] == cause["path"] and frame["function"] in (at[1], last) for frame in group["frames"])
    ]
    return f"{place}, on the stack of {sum(group['count'] for group in through)} of {total} logged errors"


def author(diagnosis: Body, index: int) -> str:
    """The author of the words of a hypothesis."""
    return "the rules" if index in diagnosis.get("ruled", ()) else str(diagnosis["model"])


def shown_cause(run: Run) -> bool:
    """True when a change of just what is blamed was made, and the alert's condition was verified after it."""
    leading, proposed = run.leading(), run.last("proposed")
    healed = any(made["choice"] == "healed" for _, made in run.decided("verify.judge"))
    acted = any(became is not None and became["result"] in DONE for _, became in run.effects())
    if leading is None or proposed is None or not (healed and acted and run.outcome == "healed"):
        return False
    cause, made = leading["cause"], proposed["remedy"]
    match (cause["kind"], made["kind"]):
        case ("code", "patch"):
            named = made["function"].rpartition(".")[2]
            return bool((cause["path"], cause["function"]) == (made["path"], named))
        case ("deploy", "roll_back"):
            return bool(cause["version"] == made["from_version"])
        case ("hang", "restart"):
            return bool(cause["version"] == made["version"])
        case ("config", "revert_config"):
            return bool(cause["key"] == made["key"])
        case _:
            return False
