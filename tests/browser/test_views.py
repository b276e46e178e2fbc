"""Every page at the width of a phone and of a desk, light and dark, and on paper."""

from pathlib import Path

import pytest

from tests.browser.watching import (
    LAYOUT_FAULTS,
    SCHEMES,
    WIDTHS,
    Page,
    Watched,
    expect,
    pages,
    take_picture,
    wait_for_rows,
)
from tests.needs import long_run

PAPER = 718
"""CSS pixels of the width of A4 less its usual margins."""


def called(path: Path) -> str:
    """A name for a picture of the page."""
    return f"{path.parent.name[:7]}-{path.stem}"


def settled(page: Page) -> None:
    if page.locator("#explorer").count():
        wait_for_rows(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(
    watched: Watched, site: Path, tmp_path: Path, width: int, scheme: str
) -> None:
    if scheme != SCHEMES[0]:
        long_run()
    for path in pages(site):
        page = watched.open(path, site, viewport={"width": width, "height": 900}, color_scheme=scheme)
        settled(page)
        assert page.evaluate(LAYOUT_FAULTS) == [], path.relative_to(site)
        shot = tmp_path / f"{called(path)}-{width}-{scheme}.png"
        take_picture(page, shot)
        assert shot.stat().st_size > 10_000
        if page.locator("#rows a").count():
            page.locator("#rows a").first.click()
            page.wait_for_selector("#record dt")
            assert page.evaluate(LAYOUT_FAULTS) == [], f"a sample of {path.relative_to(site)}"
            take_picture(page, tmp_path / f"{called(path)}-item-{width}-{scheme}.png")
        page.context.close()


def test_dark_is_dark_and_light_is_light(watched: Watched, site: Path) -> None:
    def background(scheme: str) -> list[int]:
        page = watched.open(site / "index.html", site, color_scheme=scheme)
        told = str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        return [int(part) for part in told.removeprefix("rgb(").removesuffix(")").split(",")]

    assert min(background("light")) > 200
    assert max(background("dark")) < 60


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_prints(watched: Watched, site: Path, tmp_path: Path, scheme: str) -> None:
    if scheme != SCHEMES[0]:
        long_run()
    for path in pages(site):
        page = watched.open(path, site, viewport={"width": PAPER, "height": 1000}, color_scheme=scheme)
        settled(page)
        page.emulate_media(media="print", color_scheme=scheme)
        assert page.evaluate(LAYOUT_FAULTS) == [], path.relative_to(site)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator("nav.site").is_visible()
        assert not page.locator("#filters, #pager").locator("visible=true").count()
        take_picture(page, tmp_path / f"{called(path)}-print-{scheme}.png", full_page=True)
        paper = page.pdf(path=tmp_path / f"{called(path)}-{scheme}.pdf", format="A4")
        assert len(paper) > 10_000
        page.context.close()


def test_the_real_replies_fit_on_a_phone(watched: Watched, real_site: Path, tmp_path: Path) -> None:
    for path in pages(real_site):
        page = watched.open(path, real_site, viewport={"width": 390, "height": 844})
        settled(page)
        assert page.evaluate(LAYOUT_FAULTS) == [], path.name
        take_picture(page, tmp_path / f"{called(path)}.png")


def test_a_real_reply_is_found_by_its_words(watched: Watched, real_site: Path) -> None:
    (path,) = real_site.glob("samples/*/*.html")
    page = watched.open(path, real_site)
    wait_for_rows(page)
    assert page.locator("#count").inner_text() == "541 samples"
    page.get_by_label("Search in").select_option("texts")
    page.get_by_label("Search", exact=True).fill("Raymond III")
    expect(page.locator("#count")).to_contain_text(" of 541")
    expect(page.locator("#progress")).to_be_hidden()
    page.locator("#rows a").first.click()
    page.wait_for_selector("#texts pre")
    assert "Raymond III" in page.locator("#texts").inner_text()
