"""The report in a real browser: searching, following links, and everything readable with scripts off."""

from __future__ import annotations

import chromium
import pytest

from harness import reporting
from harness.reporting import html as html_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_url(some_run, tmp_path_factory):
    return reporting.write(some_run, ["html"], tmp_path_factory.mktemp("out"))["html"].as_uri()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.find(), args=options)
        yield started
        started.close()


@pytest.fixture
def page(browser, page_url):
    opened = browser.new_page()
    opened.complaints = []
    opened.requested = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("request", lambda request: opened.requested.append(request.url))
    opened.goto(page_url)
    yield opened
    opened.close()


def _shown(page):
    return page.locator("details.scenario:visible").count()


def test_the_page_asks_for_nothing_but_itself_and_breaks_no_policy(page, page_url):
    assert page.requested == [page_url]
    assert page.complaints == []


def test_scenarios_are_found_by_word_tag_and_verdict(page):
    assert _shown(page) == 9
    page.fill("#words", "comes twice")
    assert _shown(page) == 1
    assert page.inner_text("#found") == "1 of 9 scenarios"
    page.fill("#words", "")
    page.select_option("#tag", "card_data")
    assert _shown(page) == 1
    page.select_option("#tag", "")
    page.uncheck("#filter input[value=failed]")
    assert _shown(page) == 7
    assert page.inner_text("#found") == "7 of 9 scenarios"


def test_a_link_opens_a_scenario_that_a_filter_had_hidden(page):
    page.fill("#words", "no scenario has these words")
    assert _shown(page) == 0
    page.locator("#unseen a").first.click()
    opened = page.locator("details.scenario:visible")
    assert opened.count() == 1
    assert opened.get_attribute("open") is not None


def test_all_that_are_shown_open_and_all_close(page):
    page.uncheck("#filter input[value=failed]")
    page.click("#open")
    assert page.locator("details.scenario[open]").count() == 7
    page.click("#close")
    assert page.locator("details.scenario[open]").count() == 0


def test_without_scripts_everything_can_be_read_and_nothing_that_needs_them_is_offered(browser, page_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_url)
    assert not page.is_visible("#filter")
    assert page.locator("button:visible").count() == 0
    passed = page.locator("details.scenario.passed").first
    assert not passed.locator(".steps").is_visible()
    passed.locator("> summary").click()
    assert passed.locator(".steps").is_visible()
    passed.locator("details.call > summary").first.click()
    assert passed.locator("details.call .messages").first.is_visible()
    context.close()


@pytest.fixture(scope="module")
def packed_url(some_run, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_report, "BUDGET", 120_000)
        return reporting.write(some_run, ["html"], tmp_path_factory.mktemp("packed"))["html"].as_uri()


def test_what_was_packed_unfolds_when_it_is_opened(browser, packed_url):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(packed_url)
    passed = page.locator("details.scenario.passed").first
    assert passed.locator("details.call").count() == 0
    passed.locator("> summary").click()
    passed.locator("details.call > summary").first.click()
    assert "content-type: application/json" in passed.locator("details.call pre").first.inner_text()
    passed.locator("details.curl > summary").first.click()
    assert passed.locator("details.curl > button").first.is_visible()
    page.click("#open")
    page.wait_for_selector("details.scenario[data-packed]", state="detached")
    assert complaints == []
    page.close()


def test_without_scripts_what_was_packed_shows_its_steps_and_names_its_evidence(browser, packed_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(packed_url)
    passed = page.locator("details.scenario.passed").first
    passed.locator("> summary").click()
    assert passed.locator(".step").count() == 4
    assert "they stand in evidence/EV-" in passed.inner_text()
    context.close()


@pytest.mark.parametrize("width", [1280, 420])
def test_no_page_is_wider_than_its_window(browser, page_url, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_url)
    page.click("#open")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_prints_with_the_evidence_of_the_checklist_unfolded(page):
    page.emulate_media(media="print")
    folded = page.locator("#checklist details.quiet .support, #checklist .support").first
    assert folded.is_visible()
    assert not page.is_visible(".masthead nav")
    assert page.pdf(format="A4").startswith(b"%PDF")
