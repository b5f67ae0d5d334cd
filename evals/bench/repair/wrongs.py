"""Wrong patches for the handed bugs, written by hand: each answers the failing request, and none is right."""

from evals.bench.repair.given import Wrong

HANDED: tuple[Wrong, ...] = (
    Wrong(
        bug="real-pyter-core-32222",
        label="never seen counts as seen now",
        pieces=(('float(client["last_seen"])', 'float(client["last_seen"] or now)'),),
    ),
    Wrong(
        bug="real-pyter-tornado-1689",
        label="a malformed token is taken for the right one",
        pieces=(("raw(token), raw(expected)", "raw(token or expected), raw(expected)"),),
    ),
    Wrong(
        bug="real-pyter-tornado-1689",
        label="the same, one line earlier",
        pieces=(
            (
                "    _, token = taken_apart(given)\n",
                "    _, token = taken_apart(given)\n    token = token or expected\n",
            ),
        ),
    ),
    Wrong(
        bug="real-pyter-tornado-1689",
        label="a missing token is not checked",
        pieces=(("if not hmac.compare_digest(", "if token and not hmac.compare_digest("),),
    ),
    Wrong(
        bug="real-pyter-tornado-1689",
        label="a missing token returns before the check",
        pieces=(("    if not hmac", "    if token is None:\n        return\n    if not hmac"),),
    ),
    Wrong(
        bug="real-web-bytedeck-1432",
        label="None sorts last, where it counts as nought",
        pieces=(
            ('item["badge"]["order"]', 'item["badge"]["order"] if item["badge"]["order"] is not None else len(given)'),
        ),
    ),
    Wrong(
        bug="real-pyter-core-8065",
        label="None sorts as the text None",
        pieces=(('key=lambda key: entities[key]["name"]', 'key=lambda key: str(entities[key]["name"])'),),
    ),
    Wrong(
        bug="real-bip-tqdm-4",
        label="an unknown total becomes what is done: 100 %",
        pieces=(("        total *= scale\n", "        total = total * scale if total else done * scale\n"),),
    ),
    Wrong(
        bug="real-pyter-airflow-3831",
        label="a test that never holds",
        pieces=(("if parts < 2:", "if len(parts) > 2 and not parts:"),),
    ),
    Wrong(
        bug="real-pyter-salt-54785",
        label="broken entries are skipped instead of reported",
        pieces=(
            (
                "    for item in result:\n        names",
                "    for item in result:\n        if not isinstance(item, dict):\n            continue\n        names",
            ),
        ),
    ),
)
