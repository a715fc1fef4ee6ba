"""The forms of a page are read as a browser would fill them in."""

from __future__ import annotations

from harness.providers.pages import forms

PAGE = """
<form method="post" action="/challenge/1?x=y">
  <input type="hidden" name="token" value="t"><input type="checkbox" name="later">
  <button name="outcome" value="succeed" id="yes">Complete</button>
  <button name="outcome" value="fail" id="no" formaction="/failed">Fail</button>
</form>
<form><input name="q"><textarea name="note"></textarea></form>
"""


def test_a_pressed_button_sends_its_value_and_may_go_elsewhere():
    form, other = forms(PAGE, "http://host/pages/1")
    assert form.method == "POST"
    assert form.pressed("yes") == ("http://host/challenge/1?x=y", {"token": "t", "later": "", "outcome": "succeed"})
    assert form.pressed("no") == ("http://host/failed", {"token": "t", "later": "", "outcome": "fail"})
    assert (other.method, other.action, other.values()) == ("GET", "http://host/pages/1", {"q": "", "note": ""})
