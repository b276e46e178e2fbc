import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.report.charts import COLOURS, Spec, svg
from harness.report.plots import bars, histogram, intervals
from tests.harness.report.making import HOSTILE, INVISIBLE

ALLOWED = {"svg", "title", "desc", "g", "path", "rect", "line", "text", "tspan", "circle"}


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def texts(markup: str) -> list[str]:
    return [element.text or "" for element in parsed(markup).iter("text")]


def dot(value: Any, colour: str = COLOURS["good"]) -> Spec:
    return {
        "data": {"values": [{"a": 1, "b": value}]},
        "mark": {"type": "point", "color": colour, "filled": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "nominal"}},
    }


DRAWN: dict[str, Callable[[], str]] = {
    "dot": lambda: svg(dot(HOSTILE), title=HOSTILE, text=HOSTILE),
    "bars": lambda: bars({HOSTILE: (3, "good"), "wrong": (1, "bad")}, title="t", text="d"),
    "intervals": lambda: intervals([(HOSTILE, 50.0, 40.0, 60.0, 9), ("b", 1.0, 0.0, 3.0, 2)], title="t", text="d"),
    "histogram": lambda: histogram({HOSTILE: [1.0, 2.0, 500.0], "b": [3.0]}, unit=HOSTILE[:20], title="t", text="d"),
}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_chart_obeys_the_policy_of_the_pages(kind: str) -> None:
    markup = DRAWN[kind]()
    for element in parsed(markup).iter():
        assert element.tag in ALLOWED
        assert not [name for name in element.attrib if name == "style" or name.startswith(("on", "{"))]
        assert not {"href", "src", "font-family", "clip-path", "filter"} & set(element.attrib)
    assert "url(" not in markup
    assert "<script" not in markup
    assert not re.search("#0000[0-9a-f]{2}", markup), "a role's colour was not made a class"


@pytest.mark.parametrize("kind", ["bars", "intervals", "histogram"])
def test_labels_hold_no_invisible_character(kind: str) -> None:
    assert set(INVISIBLE).isdisjoint(DRAWN[kind]())


def test_it_has_a_name_a_text_and_scales() -> None:
    found = parsed(svg(dot("x"), title="What <it> is", text="One dot."))
    title, desc = found[0], found[1]
    assert (title.tag, title.text, desc.tag, desc.text) == ("title", "What <it> is", "desc", "One dot.")
    assert found.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"
    assert found.attrib["role"] == "img"
    assert found.attrib["viewBox"] == f"0 0 {found.attrib['width']} {found.attrib['height']}"
    assert not [inner for inner in found.iter() if inner is not found and "role" in inner.attrib]


def test_ids_differ_between_charts_and_stay_the_same_for_one() -> None:
    ids = [parsed(svg(dot(value), title="t", text="d"))[0].attrib["id"] for value in ("x", "y", "x")]
    assert ids[0] == ids[2] != ids[1]


def test_colours_become_classes_of_the_style_sheet() -> None:
    classes = {element.get("class") for element in parsed(svg(dot("x"), title="t", text="d")).iter()}
    assert "f-good" in classes
    assert "f-soft" in classes


def test_bars_tell_number_and_share() -> None:
    told = texts(bars({"right": (3, "good"), "wrong": (1, "bad"), "gone": (0, "soft")}, title="t", text="d"))
    assert {"right", "wrong", "gone", "3 (75.0 %)", "1 (25.0 %)", "0 (0.0 %)"} <= set(told)
    assert {"0 (0.0 %)"} <= set(texts(bars({"right": (0, "good")}, title="t", text="d")))


def test_intervals_tell_score_and_size() -> None:
    assert {"a", "50.0  (9)"} <= set(texts(intervals([("a", 50.0, 40.0, 60.0, 9)], title="t", text="d")))


@pytest.mark.parametrize("values", [[0.0], [5.0], [0.0, 1000.0], [1.0, 1000.0], [2.5] * 50])
def test_a_histogram_takes_any_values(values: list[float]) -> None:
    found = parsed(histogram({"a": values}, unit="tokens", title="t", text="d"))
    assert [one for one in found.iter() if one.get("class", "").startswith("f-accent")]
    assert "tokens" in [one.text for one in found.iter("text")]


def test_a_histogram_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        histogram({"a": []}, unit="tokens", title="t", text="d")
