"""The operations of the simulated API: one module per noun.

A noun is added in three rooms and one list:

1. ``state/<noun>.py``: its struct (or in ``state/objects.py``), its table (``account.table``) and its rules;
2. ``wire/<noun>.py``: a function decorated ``@renders(Struct, expandable=(...))`` that makes its JSON;
3. ``routes/<noun>.py``: functions decorated ``@operation("POST /v1/nouns/{noun}")``; each gets a ``Call`` and the ids
   of the path, and returns an object (struct), a ``Listing`` or a plain dict. Parameters were checked and converted
   already; raise ``errors.*`` to refuse;
4. the name of its module here in ``harness.simulator.stripe.app.ROOMS``; the module imports its wire.

Changes are stored with ``account.of(KIND).add/put`` and announced with ``account.emit(type, object)``.
"""
