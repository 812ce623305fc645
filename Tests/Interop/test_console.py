"""The console in a real browser, and its metrics under Prometheus' own checker."""

import http.client
import json
import shutil
import subprocess

import pytest
from conftest import wait_for
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")


def get(address, path, host=None, method="GET"):
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request(method, path, headers={"Host": host or address})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


@pytest.fixture(scope="module")
def beam(tmp_path_factory):
    """An appliance with the simulated instrument and process variables, and one run."""
    from conftest import Appliance, sluice

    running = Appliance(
        tmp_path_factory.mktemp("beam") / "data", "--set", "source.enabled=true", "--set", "source.rate=2e5", "--set",
        "forwarder.simulate=true", "--set", "histogram.interval=200ms",
    )
    wait_for(lambda: b"DEMO_sampleEnv" in get(running.console, "/api/v1/live")[2], what="process variables")
    sluice("run", "start", "--instrument", "DEMO", "--title", "<b>browser</b> & test", broker=running.broker)
    wait_for(lambda: get(running.console, "/api/v1/spectrum?instrument=DEMO")[0] == 200, what="a spectrum")
    yield running
    running.stop()


def test_ready_live_and_metrics(appliance):
    assert get(appliance.console, "/ready")[0] == 200
    assert get(appliance.console, "/live")[0] == 200
    status, headers, body = get(appliance.console, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    check = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=60)
    assert check.returncode == 0 and check.stdout == b"" and check.stderr == b"", check.stderr.decode()


def test_only_known_hosts_and_reading_methods(appliance):
    assert get(appliance.console, "/api/v1/live", host="evil.example")[0] == 421
    assert get(appliance.console, "/", host="localhost:8080")[0] == 200
    assert get(appliance.console, "/", method="DELETE")[0] == 405
    assert get(appliance.console, "/../etc/passwd")[0] == 404
    status, headers, _ = get(appliance.console, "/")
    assert "default-src 'self'" in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff"


def test_numbers_agree_with_the_broker(beam):
    from conftest import sluice

    def agrees():
        live = {t["name"]: t["messages"] for t in json.loads(get(beam.console, "/api/v1/live")[2])["topics"]}
        rows = json.loads(sluice("topic", "list", "--format", "json", broker=beam.broker).stdout)
        return all(abs(live.get(row["name"], -100) - row["messages"]) < 60 for row in rows)

    wait_for(agrees, what="the same numbers")


class Page:
    """A page in headless Chromium that notes every foreign request and every error."""

    def __init__(self, browser, address, **options):
        self.address = address
        self.foreign, self.errors = [], []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda r: self.errors.append(f"{r.url}: {r.failure}"))
        self.page.route("**/*", self.route)
        self.page.goto(f"http://{address}/")

    def route(self, route):
        if route.request.url.startswith((f"http://{self.address}/", "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def axis(self):
        return self.page.evaluate("() => [...document.getElementById('spectrum').layout.xaxis.range]")


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "chromium is missing: make setup-test installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_draws_the_spectrum_and_keeps_the_zoom(beam, browser, scheme, tmp_path):
    shown = Page(browser, beam.console, color_scheme=scheme)
    page = shown.page
    page.wait_for_selector("#spectrum .trace", timeout=30000, state="attached")
    assert page.evaluate("() => document.documentElement.dataset.theme") == scheme
    page.wait_for_function("() => document.getElementById('run').textContent.includes('<b>browser</b> & test')")
    page.wait_for_function("() => document.getElementById('variables').tBodies[0].rows.length >= 3")
    page.wait_for_function("() => document.getElementById('topics').tBodies[0].rows.length >= 4")
    page.wait_for_function("() => /events.s/.test(document.getElementById('events-rate').textContent)")
    page.wait_for_function("() => document.getElementById('map').width > 1")
    # Zoom by hand, then wait for new data: the range must not change.
    page.evaluate("() => Plotly.relayout('spectrum', {'xaxis.range': [1000, 9000]})")
    before = page.evaluate("() => state.spectrumTime")
    page.wait_for_function("(old) => state.spectrumTime !== old", arg=before, timeout=30000)
    page.wait_for_function("(old) => state.spectrum && state.spectrumTime !== old", arg=before)
    assert shown.axis() == [1000, 9000]
    page.keyboard.press("l")
    assert page.evaluate("() => document.getElementById('spectrum').layout.yaxis.type") == "log"
    page.keyboard.press("r")
    assert shown.axis() != [1000, 9000]
    page.screenshot(path=str(tmp_path / f"{scheme}.png"))
    assert not shown.foreign and not shown.errors, shown.errors
    shown.context.close()


def test_page_fits_a_telephone(beam, browser):
    shown = Page(browser, beam.console)
    shown.page.set_viewport_size({"width": 390, "height": 800})
    shown.page.wait_for_selector("#spectrum .trace", timeout=30000, state="attached")
    assert shown.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    shown.context.close()


def test_page_says_when_the_appliance_is_gone(own_appliance, browser):
    appliance = own_appliance()
    shown = Page(browser, appliance.console)
    shown.page.wait_for_function("() => document.getElementById('connection').textContent === 'live'")
    appliance.kill()
    shown.page.wait_for_function(
        "() => document.getElementById('connection').textContent.startsWith('no answer')", timeout=30000
    )
    shown.context.close()
