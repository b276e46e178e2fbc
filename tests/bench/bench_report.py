"""How fast the explorer of many samples opens, from disk in Chromium, against that of few: a ratio, and seconds here.

``python -m tests.bench.bench_report [SAMPLES]``; of 100,000 samples the run takes 400 MB of disk.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.report.pages import environment, write_assets
from harness.report.samples import write_samples
from harness.report.views import load_run
from tests.browser.making import toy_run
from tests.browser.watching import samples_page
from tests.needs import chromium

FEW, OPENINGS = 800, 5
PER_REPEAT = 800


@dataclass(frozen=True)
class Opened:
    """Seconds from asking for a page to its first rows, to its whole index, and of a filter over all of it."""

    usable: float
    whole: float
    filtered: float


def site_of(root: Path, samples: int) -> Path:
    """An explorer of so many samples; prints how long it took to write."""
    root.mkdir()
    run = load_run(toy_run(root, repeats=max(1, samples // PER_REPEAT)))
    write_assets(root / "site")
    begin = time.perf_counter()
    write_samples(run, root / "site", environment(), [])
    seconds = time.perf_counter() - begin
    rows = int((run.frame["task"] == "toy_sum").sum())
    print(f"{rows} samples written in {seconds:.1f} s, {seconds / len(run.frame) * 1e6:.0f} us a sample")
    return root / "site"


def open_once(browser: Browser, path: Path) -> Opened:
    """Open the explorer in a new context, wait for its index, then filter it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(
        """new MutationObserver(() => {
          if (!window.usable && document.querySelector("#rows tr")) window.usable = performance.now();
        }).observe(document, { childList: true, subtree: true });"""
    )
    begin = time.perf_counter()
    page.goto(path.as_uri())
    count = page.locator("#count")
    expect(count).to_contain_text("samples")
    expect(count).not_to_contain_text("read so far", timeout=60_000)
    whole = time.perf_counter() - begin
    usable = float(page.evaluate("window.usable")) / 1000
    filtered = filter_seconds(page)
    context.close()
    return Opened(usable, whole, filtered)


def filter_seconds(page: Page) -> float:
    """Seconds that choosing an outcome takes over the whole index."""
    return float(
        page.evaluate(
            """async () => {
              const form = document.getElementById("filters");
              const begin = performance.now();
              form.elements.outcome.value = "wrong";
              form.dispatchEvent(new Event("input", { bubbles: true }));
              await new Promise((resolve) => new MutationObserver(resolve).observe(
                document.getElementById("rows"), { childList: true }));
              return (performance.now() - begin) / 1000;
            }"""
        )
    )


def first_page_bytes(path: Path) -> int:
    """Bytes that are loaded before the first rows are shown."""
    assets = path.parents[2] / "assets"
    scripts = [assets / name for name in ("shards.js", "sample.js", "explorer.js", "site.css")]
    return sum(file.stat().st_size for file in [path, *scripts, path.with_name("toy_sum-index-000.js")])


def measure(root: Path, samples: int) -> None:
    sites = {"few": site_of(root / "few", FEW), "many": site_of(root / "many", samples)}
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, site in sites.items():
            path = samples_page(site, "toy_sum")
            found[name] = [open_once(browser, path) for _ in range(OPENINGS)]
            print(f"first page of {name}: {first_page_bytes(path) / 1000:.0f} kB")
        browser.close()
    for what in ("usable", "whole", "filtered"):
        few, many = (median(getattr(one, what) for one in found[name]) for name in ("few", "many"))
        print(f"{what}: {many:.3f} s of {samples} samples, {few:.3f} s of {FEW}; ratio {many / few:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=int, nargs="?", default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        measure(Path(root), options.samples)


if __name__ == "__main__":
    main()
