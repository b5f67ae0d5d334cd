"""What runs inside the sandbox, under the service's own interpreter: standard library only, Python 3.9 and newer.

``driver`` drives the service's ASGI application with recorded requests, ``answers`` plays its downstream services,
``observe`` watches for exceptions, ``suite`` runs the service's own tests.  None of it is imported by the product: the
prover copies the text of these files into the sandbox.
"""
