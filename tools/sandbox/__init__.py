"""Runs untrusted code in bubblewrap, under a keeper process that applies every limit or refuses.

``bwrap.Bubblewrap`` is the port's adapter; it starts ``keeper`` (standard library only) for each job.
The keeper places the process in control groups, drops to an unprivileged user, starts bubblewrap blocked,
checks every limit on the blocked process from outside, and only then lets it run.
"""
