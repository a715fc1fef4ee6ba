"""Simulated Square: what ``connect.squareupsandbox.com`` answers, on this machine.

``app`` is the provider; ``rooms`` names the modules that hold its operations. A room has its rules in ``state``, what
is sent in ``wire``, and its calls in ``routes``. Every access token that begins with ``EAAA`` opens an account (a
merchant with a main location) of its own.

How each fact is known, and what is not simulated: ``docs/simulator/square.md``.
"""
