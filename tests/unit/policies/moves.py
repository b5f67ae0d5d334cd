"""Calls that reach out, and what becomes of each: the same place and data, or others."""

HEAD = """\
import os
import subprocess
import urllib.request
from urllib.parse import quote

from shop import stock

HOME = "/var/shop"
BASE = os.environ["BASE"]
LIMIT = 3
TABLE = {}


"""

OLD = """\
def f(client, sku, order):
    base = os.environ["STOCK"]
    region = os.getenv("REGION")
    urllib.request.urlopen(f"{base}/stock/{sku}", timeout=2)
    subprocess.run(["send", sku], cwd=HOME, check=False)
    with open(HOME + sku, "r") as file:
        text = file.read()
    client.get("/stock", sku)
    client.put(f"/kept/{sku}", order["line"])
    stock.load(sku)
    return text
"""

MOVED = {
    'urllib.request.urlopen(f"{base}/stock/{sku}", timeout=2)': (
        'urllib.request.urlopen(f"{base}/prices/{sku}", timeout=3)',
        'urllib.request.urlopen(base + "/stock/" + sku)',
        'urllib.request.urlopen(f"{sku}/stock", timeout=2)',
        'urllib.request.urlopen(url=f"{base}/stock/{sku}")',
        "urllib.request.urlopen(url=sku)",
        "urllib.request.urlopen(base if sku else order)",
        "urllib.request.urlopen(order if sku else base)",
        "urllib.request.urlopen(base or order)",
        "urllib.request.urlopen(order or base)",
        "url = base; urllib.request.urlopen(url)",
        "url: str = base; urllib.request.urlopen(url)",
        "urllib.request.urlopen((url := base) + sku)",
        "url = order; urllib.request.urlopen(url)",
        "for base in order: urllib.request.urlopen(base)",
        "base = order; urllib.request.urlopen(base)",
        "a = base; b = a; c = b; urllib.request.urlopen(c)",
        "a = base; b = a; c = b; d = c; urllib.request.urlopen(d)",
        "a = b; b = a; urllib.request.urlopen(a)",
        'urllib.request.urlopen(f"{base}/stock/{quote(sku)}", timeout=2)',
        'urllib.request.urlopen(f"{base}/stock/{sku}", timeout=2); urllib.request.urlopen(f"{base}/stock/{sku}", timeout=2)',
        'urllib.request.urlopen(f"{base}/stock/{sku}", "x")',
        'urllib.request.urlopen(f"{base}/stock/{sku}", context=True)',
        'urllib.request.urlopen("http://here/")',
    ),
    'subprocess.run(["send", sku], cwd=HOME, check=False)': (
        'subprocess.run(["send", sku], cwd=HOME, check=True)',
        'subprocess.run(["send", sku], cwd=HOME, check=False, shell=True)',
        'subprocess.run(["send", order], cwd=HOME, check=False)',
        'subprocess.run(args=["send", sku])',
        'subprocess.run(["send", sku], 3)',
    ),
    'open(HOME + sku, "r")': (
        'open(HOME + sku, "w")',
        "open(HOME + sku)",
        "open(HOME)",
        "open(sku)",
        "open(file=sku)",
        'open("/etc/passwd")',
    ),
    'os.environ["STOCK"]': (
        'os.environ["BASE"]',
        'os.environ.get("STOCK")',
        'os.environ.get("OTHER")',
        'os.getenv("OTHER")',
        "os.environ[sku]",
        "str(os.environ)",
        "BASE",
        "HOME",
        "LIMIT",
    ),
    'os.getenv("REGION")': (
        'os.getenv("REGION", "x")',
        "os.getenv",
    ),
    'region = os.getenv("REGION")': ("sku = order; region = os.getenv(sku)",),
    'client.get("/stock", sku)': (
        'client.get("/prices", sku)',
        'client.get("/stock", order)',
        "client.get(sku)",
        'client.get("/stock" + sku)',
        'client.get(f"/stock{sku}")',
        "client.get()",
        'client.post("/x")',
        'order.get("x")',
    ),
    'client.put(f"/kept/{sku}", order["line"])': (
        'client.put(f"/kept/{sku.strip()}", order["line"])',
        'client.put(f"/kept/{order}", order["line"])',
        'client.put(f"/kept/{sku}{LIMIT}", order["line"])',
        'client.put(f"/kept/{sku}{HOME}", order["line"])',
        'client.put(f"/kept/{sku}{TABLE}", order["line"])',
        'client.put(f"/kept/{str(sku)}", order["line"])',
        'client.put(f"/kept/{sku}{region}", order["line"])',
        'key = sku; client.put(f"/kept/{key}", order["line"])',
        'key = order; client.put(f"/kept/{key}", order["line"])',
        'key = order; client.put("/kept/" + key)',
        "raise client.put(order)",
    ),
    "stock.load(sku)": (
        "stock.load(order)",
        "stock.load(sku.strip())",
        'stock.load(order["sku"])',
        'stock.load("x")',
        "stock.grams(order)",
        "quote(order)",
        'sku = "10.0.0.1"',
        'sku = "//host/x"',
        'sku = "localhost"',
        'sku = "shop.example.com/x"',
        'sku = "shop:8080"',
        'sku = "~/etc/x"',
        'sku = "../x"',
        'sku = "/vars"',
        'sku = "a/b"',
        'sku = "1.2.3"',
        'sku = "/var/shop"',
    ),
}
"""A piece of the function before, and what takes its place."""
