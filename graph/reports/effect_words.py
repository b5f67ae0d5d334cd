"""Words for effects, for a person who watches traffic.  Pure."""

from collections.abc import Mapping

from pydantic import JsonValue


def told(change: Mapping[str, JsonValue]) -> str:
    """Return a recorded change in a few words; a kind that is unknown here is shown as it is."""
    match change:
        case {"kind": "deploy", "version": version, "commit": str(commit)}:
            return f"start {version} ({commit[:12]}), no traffic yet"
        case {"kind": "weights", "weights": dict(weights)}:
            return "route " + ", ".join(f"{share} % to {version}" for version, share in _largest_first(weights))
        case {"kind": ("remove" | "restart") as kind, "version": version}:
            return f"{kind} {version}"
        case {"kind": "configure", "version": version, "key": key, "value": value}:
            return f"unset {key} for {version}" if value is None else f"set {key} to {value} for {version}"
        case {"branch": branch, "base": str(base)}:
            return f"commit the patch to {branch}, on top of {base[:12]}"
        case _:
            return ", ".join(f"{key} {value}" for key, value in change.items())


def _largest_first(weights: Mapping[str, JsonValue]) -> list[tuple[str, int]]:
    shares = [(version, share) for version, share in weights.items() if isinstance(share, int)]
    return sorted(shares, key=lambda pair: (-pair[1], pair[0]))
