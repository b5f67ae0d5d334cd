"""Lab: a live miniature of production on loopback, and a process of its own.

The product reaches it only through the HTTP interface of ``docs/embedded-world.md``; see ``docs/lab.md``.
"""
