"""axe (https://www.deque.com/axe/) finds no serious or critical violation on any kind of page."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.watching import SCHEMES, WIDTHS, Page, Watched, pages, wait_for_rows
from tests.needs import long_run, module

AXE = Path(module("axe_playwright_python").__file__).with_name("axe.min.js")
GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """What axe holds against the page as it stands, in words."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")
    return [
        f"{each['impact']} {each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_no_page_has_a_grave_fault(watched: Watched, site: Path, width: int, scheme: str) -> None:
    if scheme != SCHEMES[0]:
        long_run()
    for path in pages(site):
        page = watched.open(path, site, color_scheme=scheme, viewport={"width": width, "height": 900})
        if page.locator("#explorer").count():
            wait_for_rows(page)
            assert violations(page) == [], path.relative_to(site)
            page.locator("#rows a").first.click()
            page.wait_for_selector("#record dt")
            page.wait_for_timeout(200)
        assert violations(page) == [], path.relative_to(site)
        page.context.close()


def test_axe_sees_what_is_wrong(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html", site)
    page.evaluate("document.body.append(document.createElement('button'))")
    assert any("button-name" in each for each in violations(page))
