"""Pages under watch: what a report may not do in a reader's browser is written down as a wrong."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.needs import module

_api = module("playwright.sync_api")
Browser, BrowserContext, Error, Page, expect = _api.Browser, _api.BrowserContext, _api.Error, _api.Page, _api.expect
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


class Watched:
    """Opens files of a site; ``wrongs`` are console errors, CSP violations, dialogs and requests that leave it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.wrongs: list[str] = []
        self.requested: list[str] = []

    def open(self, path: Path, site: Path, address: str = "", **context: Any) -> Page:
        """A page in a browser of its own, all it has loaded being loaded."""
        made = self._browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        self._contexts.append(made)
        made.set_default_timeout(20_000)
        page = made.new_page()
        made.on("request", lambda request: self._requested(request, site))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrongs.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.goto(path.as_uri() + address)
        return page

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()

    def _requested(self, request: Any, site: Path) -> None:
        address = urlsplit(request.url)
        self.requested.append(address.path)
        inside = Path(unquote(address.path)).resolve().is_relative_to(site.resolve())
        if address.scheme not in ("file", "data") or (address.scheme == "file" and not inside):
            self.wrongs.append(f"request: {request.url[:200]}")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrongs.append(f"console {message.type}: {message.text[:300]}")

    def _dialog(self, dialog: Any) -> None:
        self.wrongs.append(f"dialog: {dialog.message[:200]}")
        dialog.dismiss()


def take_picture(page: Page, path: Path, **options: Any) -> None:
    """A picture of the page. On a busy machine Chromium was seen to fail at one, once in many hundreds: tried again."""
    try:
        page.screenshot(path=path, **options)
    except Error as error:
        if "Unable to capture screenshot" not in error.message:
            raise
        page.screenshot(path=path, **options)


def samples_page(site: Path, task: str) -> Path:
    """The explorer of a task in a site of one run."""
    (found,) = site.glob(f"samples/*/{task}.html")
    return found


def pages(site: Path) -> list[Path]:
    """One page of every kind, and of the explorer every one."""
    found = sorted(site.glob("*.html")) + sorted(site.glob("rows/*.html")) + sorted(site.glob("samples/*/*.html"))
    assert found
    return found


def wait_for_rows(page: Page) -> None:
    """Wait until an explorer has read its whole index."""
    count = page.locator("#count")
    expect(count).to_contain_text("samples")
    expect(count).not_to_contain_text("read so far", timeout=20_000)


def item_names(page: Page) -> list[str]:
    """The items in the table's page."""
    return page.locator("#rows tr td.item a").all_inner_texts()


LAYOUT_FAULTS = """() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} wide`);
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  for (const element of document.querySelectorAll("body *")) {
    if (!seen(element) || element.closest(".hidden, .skip, svg")) continue;
    const name = `${element.tagName}.${element.className}#${element.id}`;
    const overflow = getComputedStyle(element).overflowX;
    const inScroll = element.closest(".scroll");
    if (["hidden", "clip"].includes(overflow) && element.scrollWidth > element.clientWidth + 1) {
      faults.push(`${name} hides ${element.scrollWidth - element.clientWidth} px of its text`);
    }
    const box = element.getBoundingClientRect();
    if ((!inScroll || inScroll === element) && box.width && box.right > innerWidth + 1) {
      faults.push(`${name} ends at ${box.right}`);
    }
    if ((!inScroll || inScroll === element) && box.width && box.right > 0 && box.left < -1) {
      faults.push(`${name} begins at ${box.left}`);
    }
  }
  return faults;
}"""
"""What of a page is wider than its window or cut off, in words."""
