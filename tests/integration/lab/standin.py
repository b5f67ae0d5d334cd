"""A shop of two services in a git repository of its own, small enough to start in a second.

``front`` passes every request to ``back``; ``back`` answers 500 below ``/stock`` and 200 elsewhere, unless
its configuration says otherwise.
"""

import os
import subprocess
from pathlib import Path

from evals.lab.lab import Blueprint, First, Users

SERVE = """
import json, os, sys, importlib
import uvicorn
module, name = sys.argv[1].split(":")
for kind in ("LOG", "SPAN", "CAPTURE"):
    with open(os.environ[kind + "_FILE"], "a") as file:
        file.write(json.dumps({"message": "started", "root": os.getcwd()}) + "\\n")
uvicorn.run(getattr(importlib.import_module(module), name), host="127.0.0.1", port=int(os.environ["PORT"]),
            log_level="warning", http="httptools", loop="uvloop", access_log=False)
"""

KIT = """
import asyncio, json, os
from prometheus_client import Counter, Gauge, Histogram, generate_latest
SERVICE, VERSION = os.environ["SERVICE_NAME"], os.environ["SERVICE_VERSION"]
COUNT = Counter("http_requests", "", ["service", "version", "route", "status"])
TIME = Histogram("http_request_duration_seconds", "", ["service", "version", "route"])

def app(handle):
    async def serve(scope, receive, send):
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/healthz":
            status, body = 200, b"{}"
            if os.environ.get("SICK"):
                status = 503
        elif path == "/metrics":
            status, body = 200, generate_latest()
        else:
            with TIME.labels(SERVICE, VERSION, "any").time():
                status, answer = await handle(scope)
            body = json.dumps(answer).encode()
            COUNT.labels(SERVICE, VERSION, "any", str(status)).inc()
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    return serve
"""

FRONT = """
import os, aiohttp
from shopkit import kit
SESSION = None

async def handle(scope):
    global SESSION
    if SESSION is None:
        SESSION = aiohttp.ClientSession()
    async with SESSION.get(os.environ["BACK_URL"] + scope["path"]) as answer:
        await answer.read()
        return (200, {"ok": True}) if answer.status == 200 else (502, {"ok": False})

app = kit.app(handle)
"""

BACK = """
import asyncio, os
from shopkit import kit

async def handle(scope):
    await asyncio.sleep(float(os.environ.get("DELAY", "0")))
    if scope["path"].startswith("/stock") and not os.environ.get("MENDED"):
        return 500, {"error": "broken"}
    if scope["path"] == "/crash":
        os._exit(3)
    return 200, {"version": kit.VERSION, "delay": os.environ.get("DELAY", "")}

app = kit.app(handle)
"""

FILES = {
    "libs/shopkit/__init__.py": "",
    "libs/shopkit/serve.py": SERVE,
    "libs/shopkit/kit.py": KIT,
    "services/__init__.py": "",
    "services/front/__init__.py": "",
    "services/front/app.py": FRONT,
    "services/back/__init__.py": "",
    "services/back/app.py": BACK,
}


def lay_out(target: Path) -> str:
    """Write the repository and return its one commit."""
    for path, text in FILES.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    env = {
        **os.environ,
        **{f"GIT_{who}_{what}": "someone@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", "-C", str(target), *command], check=True, env=env)
    out = subprocess.run(["git", "-C", str(target), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return out.stdout.strip()


def blueprint(commit: str, rate: float = 60.0) -> Blueprint:
    """Two services at version 1 and users who only browse."""
    first = {name: First("1", commit, f"services.{name}.app:app") for name in ("front", "back")}
    return Blueprint(first=first, users=Users("front", rate, {"browse": 1.0}), seed="7")
