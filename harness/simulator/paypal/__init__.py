"""Simulated PayPal, and how a room is added to it.

A room is a noun: its rules in ``state/<noun>.py``, its shapes in ``wire/<noun>.py``, its calls in ``routes/<noun>.py``
(one module is enough for a small one). Its route module is named in one line of ``ROOMS`` (``rooms.py``). It registers:

``registry.operation("POST /v1/x/{id}/y")``
    a call of the API: ``handler(call, *ids)`` returns an ``Answer``, made by ``call.answer(status, body)``. Refusals
    are raised (``errors.py``). ``call.params`` is the decoded JSON body ({} where none came), ``call.query`` the query,
    ``call.account`` the account, ``call.request.body`` the raw bytes. ``raw=True``: the body is not JSON (multipart);
    ``public=True``: a browser's token (no secret) may call it.
``registry.page`` · ``registry.control`` · ``registry.timer``
    what is asked without a token (pages, certificates) · what tests ask under ``/_sim/`` · what time brings.
``account.table(name, Type, indexed=...)`` and ``account.of(KIND)``
    objects: immutable structs with ``id`` and ``created`` (epoch seconds); a change is ``of(KIND).put(replace(...))``.
    Frozen states, resets and seeds come with them. ``account.now()`` is the virtual time in whole seconds,
    ``account.long_id()`` a 17-character id, ``formats.timestamp(seconds)`` PayPal's form of a moment.
``events.emit(account, event_type, resource_type, resource_version, summary, resource)``
    stores an event, its body made at once, and hands it to those who deliver. Who delivers registers two functions:
    ``events.subscribers`` (which webhooks want an event: ids and URLs) and ``events.composer`` (what one attempt
    carries: called for each attempt, so that transmission id, time and signature belong to the attempt).
``vaulting.keeper``
    who keeps payment tokens: looks up a ``vault_id`` that pays, and saves a source during a purchase.
``state.captures``: ``refund_checks`` and ``reverse``
    what else forbids a refund (an open dispute) · money taken back from the merchant.

Replays: ``call.answer(..., replay=(KIND.name, id, "representation"))`` makes an idempotency key answer with the latest
state of the object, which ``registry.view(KIND.name)`` renders: ``view(account, id, form) -> (status, body)``.
"""
