"""The documentation works with no internet, under a policy without inline scripts."""

import shutil

import httpx
import pytest


def test_all_that_it_needs_comes_from_the_server(client: httpx.Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        asset = client.get(f"/api/v1/docs/{name}")
        assert asset.status_code == 200
        assert len(asset.content) > 50


@pytest.mark.slow
def test_it_draws_in_a_browser(client: httpx.Client) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium on this machine: the documentation was not looked at in a browser")
    from playwright.sync_api import sync_playwright

    told: list[str] = []
    hosts: set[str] = set()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(str(client.base_url.join("/api/v1/docs")))
        page.wait_for_selector(".opblock-summary-path", timeout=30_000)
        assert page.locator(".opblock").count() > 20
        chromium.close()
    assert told == []
    assert len(hosts) == 1
