"""A small shop of another make than the reference, for the harness's own tests: in memory, no worker, no ledger.

python sample_shop.py --port PORT      environment: STRIPE_URL, STRIPE_KEY, STRIPE_PUBLISHABLE, STRIPE_WEBHOOK_SECRET
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time

import httpx
import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

stripe.enable_telemetry = False
GOODS = {"pot": {"eur": 4999, "jpy": 5000}, "cup": {"eur": 1999}, "bag": {"eur": 10000}}
ORDERS: dict[str, dict] = {}
INBOX: dict[str, dict] = {}
KEY, URL, SECRET = (os.environ.get(name, "") for name in ("STRIPE_KEY", "STRIPE_URL", "STRIPE_WEBHOOK_SECRET"))
CLIENT = httpx.AsyncClient(base_url=URL, auth=(KEY, ""), timeout=5, trust_env=False)


async def goods(request):
    return JSONResponse({"articles": [{"sku": sku, "prices": prices} for sku, prices in GOODS.items()]})


async def create(request):
    try:
        asked = await request.json()
        total = sum(GOODS[line["sku"]][asked["currency"]] * line["quantity"] for line in asked["lines"])
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"problem": "no such order"}, 422)
    order = {
        "number": f"n{secrets.token_hex(6)}",
        "pass": secrets.token_hex(8),
        "total": total,
        "currency": asked["currency"],
    }
    ORDERS[order["number"]] = {**order, "state": "open", "shipped": 0, "refunded": 0, "intent": None}
    sys.stderr.write(f"order {order['number']} {asked.get('email', '')}\n")
    sys.stderr.flush()
    return JSONResponse(ORDERS[order["number"]], 201)


def mine(request):
    order = ORDERS.get(request.path_params["number"])
    return order if order and request.headers.get("x-pass") in {order["pass"], "staff"} else None


async def pay(request):
    order = mine(request)
    if order is None or order["state"] != "open":
        return JSONResponse({"problem": "not yours, or not open"}, 403)
    if order["intent"] is None:
        fields = {"amount": order["total"], "currency": order["currency"], "metadata[order]": order["number"]}
        fields |= {"automatic_payment_methods[enabled]": "true"}
        answer = await CLIENT.post("/v1/payment_intents", data=fields, headers={"Idempotency-Key": order["number"]})
        if answer.is_error:
            return JSONResponse({"problem": "the provider failed"}, 502)
        order["intent"], order["secret"] = answer.json()["id"], answer.json()["client_secret"]
    told = {"intent": order["intent"], "secret": order["secret"], "key": os.environ["STRIPE_PUBLISHABLE"]}
    return JSONResponse(told)


async def show(request):
    order = mine(request)
    return JSONResponse(order) if order else JSONResponse({"problem": "not yours"}, 404)


async def events(request):
    return JSONResponse({"rows": list(INBOX.values())})


async def hook(request):
    body = await request.body()
    try:
        header = request.headers.get("stripe-signature", "")
        stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, 300)
        event = json.loads(body)
    except (ValueError, stripe.SignatureVerificationError):
        return JSONResponse({"problem": "refused"}, 400)
    if event["id"] in INBOX:
        return JSONResponse({})
    INBOX[event["id"]] = {"event_id": event["id"], "type": event["type"], "status": "done"}
    if event["type"] == "payment_intent.succeeded":
        truth = (await CLIENT.get(f"/v1/payment_intents/{event['data']['object']['id']}")).json()
        order = ORDERS.get(truth.get("metadata", {}).get("order", ""))
        if order and truth["status"] == "succeeded" and order["state"] == "open":
            order["state"], order["shipped"] = "settled", order["shipped"] + 1
    return JSONResponse({})


async def die(request):
    os._exit(3)


async def hang(request):
    time.sleep(600)  # noqa: ASYNC251 - the loop with it: nothing is answered any more


app = Starlette(
    routes=[
        Route("/goods", goods),
        Route("/orders", create, methods=["POST"]),
        Route("/orders/{number}", show),
        Route("/orders/{number}/pay", pay, methods=["POST"]),
        Route("/events", events),
        Route("/hook", hook, methods=["POST"]),
        Route("/die", die),
        Route("/hang", hang),
    ]
)


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{self.config.port}", "pid": os.getpid()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if not SECRET:
        sys.exit("STRIPE_WEBHOOK_SECRET is missing; set it to the endpoint's secret.")
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    Server(uvicorn.Config(app, port=parser.parse_args().port, log_level="warning")).run()
