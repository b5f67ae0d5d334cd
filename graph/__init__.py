"""The state graph, its nodes and routing, and the commands that start it."""

import sys

# Python sets "-m" while it still looks for the module of `python -m graph.X`.
if sys.argv[0] == "-m" or sys.argv[0].startswith("suture "):
    from graph import loading

    loading.leave_on_interrupt()
