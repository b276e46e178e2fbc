"""The way of a reader: from the verdict to one reply, and a link to it that somebody else opens."""

import re
import shutil
from pathlib import Path

import pytest

from tests.browser.making import WRONG
from tests.browser.watching import Page, Watched, expect, item_names, samples_page, wait_for_rows


def open_samples(watched: Watched, site: Path, task: str = "toy_sum", address: str = "") -> Page:
    page = watched.open(samples_page(site, task), site, address)
    if not address:
        wait_for_rows(page)
    return page


def wrong_of(places: range) -> int:
    """How many of these items' replies are wrong sums."""
    return 2 * sum((place * 7 + repeat) % 23 == WRONG for place in places for repeat in range(13))


def test_from_the_verdict_to_a_link_that_shows_the_same_sample(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html", site)
    page.locator("table a[href='rows/toy_sum.html']").click()
    page.wait_for_url("**/rows/toy_sum.html")
    page.locator("a[href*='samples/']").first.click()
    wait_for_rows(page)
    expect(page.locator("#count")).to_have_text("10,400 samples")
    page.get_by_label("Outcome").select_option("wrong")
    expect(page.locator("#count")).to_have_text(f"{wrong_of(range(400)):,} of 10,400 samples")
    page.get_by_label("Search", exact=True).fill("s03")
    expect(page.locator("#count")).to_have_text(f"{wrong_of(range(30, 40))} of 10,400 samples")
    assert all(name.startswith("s03") for name in item_names(page))
    page.locator("#rows a").nth(3).click()
    title, reply = page.locator("#sample-title"), page.locator("details", has_text="Reply")
    expect(reply).to_contain_text("Sum: ")
    facts = page.locator("#facts").inner_text()
    other = watched.open(Path(samples_page(site, "toy_sum")), site, page.evaluate("location.hash"))
    expect(other.locator("#sample-title")).to_have_text(title.inner_text())
    expect(other.locator("details", has_text="Reply")).to_have_text(reply.text_content() or "")
    assert other.locator("#facts").inner_text() == facts
    assert other.locator("#record").inner_text() == page.locator("#record").inner_text()


def test_back_leads_to_the_list_as_it_was(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Outcome").select_option("truncated")
    expect(page.locator("#count")).to_contain_text("of 10,400")
    page.get_by_role("button", name="Next").click()
    before = item_names(page)
    page.locator("#rows a").nth(5).click()
    expect(page.locator("#sample")).to_be_visible()
    page.go_back()
    expect(page.locator("#samples-list")).to_be_visible()
    assert item_names(page) == before
    expect(page.locator("#rows a").nth(5)).to_be_focused()
    page.go_forward()
    expect(page.locator("#sample-title")).to_have_text(before[5])


def test_rows_that_a_search_in_the_texts_has_found_stay_where_they_are(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Search in").select_option("texts")
    page.wait_for_timeout(100)
    page.evaluate("""() => {
      window.removed = 0;
      const seen = (changes) => changes.forEach((change) => (window.removed += change.removedNodes.length));
      new MutationObserver(seen).observe(document.getElementById("rows"), {childList: true});
    }""")
    page.get_by_label("Search", exact=True).fill("the sum")
    silent = sum((place * 7 + repeat) % 23 in (WRONG, 2, 4, 5) for place in range(400) for repeat in range(13))
    expect(page.locator("#count")).to_have_text(f"{10_400 - silent:,} of 10,400 samples")
    expect(page.locator("#progress")).to_be_hidden()
    page.wait_for_timeout(300)
    expect(page.locator("#rows tr")).to_have_count(50)
    assert page.evaluate("removed") == 50, "the list before the search, and no more"


def test_next_goes_through_what_the_filter_left(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Outcome").select_option("refused")
    expect(page.locator("#count")).to_contain_text("of 10,400")
    names = item_names(page)
    page.locator("#rows a").first.click()
    for name in names[1:4]:
        page.get_by_role("link", name="Next").click()
        expect(page.locator("#sample-title")).to_have_text(name)
        expect(page.locator("#facts")).to_contain_text("refused")


def test_filters_are_in_the_address(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Arm").select_option(label="thinking off")
    page.get_by_label("Category").select_option(label="even")
    page.get_by_label("Search", exact=True).fill("s1")
    expect(page).to_have_url(re.compile("q=s1"))
    told = page.locator("#count").inner_text()
    other = open_samples(watched, site, address=page.evaluate("location.hash"))
    expect(other.locator("#count")).to_have_text(told)
    assert item_names(other) == item_names(page)
    assert set(other.locator("#rows td[data-column=arm]").all_inner_texts()) == {"plain"}
    other.get_by_role("button", name="Clear").click()
    expect(other.locator("#count")).to_have_text("10,400 samples")


def test_a_search_in_the_texts_finds_what_only_a_reply_says(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Search", exact=True).fill("NEEDLE in the haystack")
    expect(page.locator("#count")).to_have_text("0 of 10,400 samples")
    page.get_by_label("Search in").select_option("texts")
    expect(page.locator("#count")).to_have_text("2 of 10,400 samples")
    expect(page.locator("#progress")).to_be_hidden()
    page.locator("#rows a").first.click()
    expect(page.locator("#texts")).to_contain_text("The needle in the haystack.")


def test_a_search_in_the_texts_can_be_stopped(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Search in").select_option("texts")
    page.evaluate("""() => {
      const append = HTMLHeadElement.prototype.append;
      HTMLHeadElement.prototype.append = function (...parts) { setTimeout(() => append.apply(this, parts), 100); };
    }""")
    page.get_by_label("Search", exact=True).fill("sum")
    expect(page.locator("#progress")).to_contain_text("files of texts")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#progress")).to_be_hidden()
    told = page.locator("#count").inner_text()
    page.wait_for_timeout(500)
    assert page.locator("#count").inner_text() == told


def test_the_keyboard_alone_is_enough(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("s02")
    expect(page.locator("#count")).to_have_text("260 of 10,400 samples")
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
        if order[-1] == "A":
            break
    assert order == ["in", "outcome", "arm", "category", "BUTTON", "DIV", "A"]
    first = page.locator("#rows a").first
    expect(first).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    expect(page.locator("#rows a").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sample-title")).to_be_focused()


def test_the_table_never_holds_more_than_a_page(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    assert page.locator("#rows tr").count() == 50
    expect(page.locator("#pager")).to_contain_text("Page 1 of 208")
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#pager")).to_contain_text("Page 2 of 208")
    assert page.locator("#rows tr").count() == 50


def test_the_link_is_copied_or_shown(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site)
    page.locator("#rows a").first.click()
    page.get_by_role("button", name="Copy the link to this sample").click()
    expect(page.locator("#copied")).to_have_text(re.compile(f"^(Copied\\.|{re.escape(page.url)})$"))


@pytest.mark.parametrize("address", ["#item=nobody&arm=plain&repeat=0", "#item=s000&arm=plain&repeat=99", "#item="])
def test_a_link_to_no_sample_says_so(watched: Watched, site: Path, address: str) -> None:
    page = open_samples(watched, site, address=address)
    expect(page.locator("#sample-title")).to_have_text("There is no such sample here.")
    page.get_by_role("link", name="All samples").click()
    expect(page.locator("#count")).to_have_text("10,400 samples")


def test_a_missing_file_is_named(watched: Watched, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(site, copy)
    (lost,) = copy.glob("samples/*/toy_hostile-text-000.js")
    lost.unlink()
    page = watched.open(samples_page(copy, "toy_hostile"), copy)
    wait_for_rows(page)
    page.locator("#rows a").first.click()
    expect(page.locator("#texts")).to_contain_text("toy_hostile-text-000.js is missing or damaged")
    assert [wrong for wrong in watched.wrongs if "ERR_FILE_NOT_FOUND" not in wrong] == []
    watched.wrongs.clear()


def test_without_scripts_there_is_the_table(watched: Watched, site: Path) -> None:
    page = watched.open(samples_page(site, "toy_sum"), site, java_script_enabled=False)
    expect(page.locator("noscript .banner")).to_be_visible()
    assert "need JavaScript" in page.content()
    link = page.get_by_role("link", name="as a table")
    assert (samples_page(site, "toy_sum").parent / str(link.get_attribute("href"))).stat().st_size > 10_000


def test_a_redacted_task_shows_scores_and_hashes_and_asks_for_no_text(watched: Watched, site: Path) -> None:
    page = open_samples(watched, site, "toy_secret")
    expect(page.locator("main")).to_contain_text("must not be published")
    assert page.locator("select[name=in]").count() == 0
    page.locator("#rows a").first.click()
    expect(page.locator("#facts")).to_contain_text("score")
    expect(page.locator("#record")).to_contain_text("SHA-256")
    assert page.locator("#texts").inner_text() == ""
    assert not [path for path in watched.requested if "-text-" in path]
