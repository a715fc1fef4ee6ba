"""The hosted pages in a real browser: a shopper types, pays, is challenged, goes back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest
from simulated_shop import Shop

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, shop: Shop) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)

    def only_loopback(route: Any) -> None:
        if route.request.url.startswith((shop.url, "data:")):
            route.continue_()
        else:
            route.fulfill(status=200, content_type="text/html", body="<h1>The shop</h1>")

    page.route("**/*", only_loopback)
    page.console_errors = []
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    yield page
    assert page.console_errors == []
    context.close()


def _picture(page: Any, name: str) -> None:
    """Keep a picture for whoever wants to look (``PAYHARNESS_PICTURES`` names the folder)."""
    folder = os.environ.get("PAYHARNESS_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def _type_card(page: Any, number: str) -> None:
    if page.get_by_label("Email").count():
        page.get_by_label("Email").fill("jenny@example.com")
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")


def test_a_shopper_pays_after_a_wrong_card_and_lands_in_the_shop(shop: Shop, page: Any) -> None:
    session = shop.checkout()
    page.goto(session.url)
    assert page.get_by_test_id("product-summary-total-amount").inner_text() == "39.98 EUR"
    _picture(page, "checkout")
    _type_card(page, "4000 0000 0000 9995")
    page.get_by_role("button", name="Pay 39.98 EUR").click()
    assert "insufficient funds" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Card number").input_value() == ""
    _picture(page, "checkout-declined")
    _type_card(page, "4242 4242 4242 4242")
    page.locator("button.SubmitButton").click()
    page.wait_for_url(re.compile("shop.example/thanks"))
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_wrong_number_is_pointed_at(shop: Shop, page: Any) -> None:
    page.goto(shop.checkout().url)
    _type_card(page, "4242424242424241")
    page.locator("#pay").click()
    field = page.get_by_label("Card number")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == "Your card number is incorrect."
    _picture(page, "checkout-wrong-number")


def test_a_challenge_in_the_browser_passes(shop: Shop, page: Any) -> None:
    session = shop.checkout()
    page.goto(session.url)
    _type_card(page, "4000002760003184")
    page.locator("#pay").click()
    page.locator("#test-source-authorize-3ds").wait_for()
    _picture(page, "challenge")
    page.locator("#test-source-authorize-3ds").click()
    page.wait_for_url(re.compile("shop.example/thanks"))
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_challenge_in_the_browser_fails_and_the_shopper_can_try_again(shop: Shop, page: Any) -> None:
    session = shop.checkout()
    page.goto(session.url)
    _type_card(page, "4000002760003184")
    page.locator("#pay").click()
    page.get_by_role("button", name="Fail").click()
    assert "unable to authenticate" in page.get_by_role("alert").inner_text()
    _type_card(page, "5555555555554444")
    page.locator("#pay").click()
    page.wait_for_url(re.compile("shop.example/thanks"))
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_the_back_link_goes_to_the_shop(shop: Shop, page: Any) -> None:
    session = shop.checkout()
    page.goto(session.url)
    page.get_by_role("link", name="Back to the shop").click()
    page.wait_for_url("https://shop.example/basket")
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_the_page_fits_a_telephone(shop: Shop, page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(shop.checkout(phone_number_collection={"enabled": True}).url)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    _picture(page, "checkout-telephone")
