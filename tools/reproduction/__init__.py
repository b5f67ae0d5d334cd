"""Programs that run inside the sandbox: standard library only, Python 3.9 and newer.

``run`` is started by an interpreter of ours, from memory, isolated.  It and what it imports hold the key that a result is
signed with, and run nothing of the service's: ``driver`` asks for the recorded requests and ``answers`` plays the
downstream services, ``suite`` has the service's tests run, ``report`` signs.

``service``, ``observe`` and ``covered`` are laid out for processes of the service's own interpreter.  They run beside the
service's code, and what they say is as good as that code.
"""
