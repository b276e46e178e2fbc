"""Charts as inline SVG: drawn by Vega-Lite (vl-convert: no browser, no network), then cleaned for the pages.

A chart names its colours by role (:data:`COLOURS`); in the SVG they become classes of the style sheet, so that one
chart reads well in light, dark and print.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from harness.report.pages import shown

ROLES = ("fg", "soft", "line", "bg", "accent", "band", "good", "bad", "warn")
COLOURS = {role: f"#0000{number:02x}" for number, role in enumerate(ROLES, start=1)}
"""A colour for each role, which no chart would use by chance."""
FONT_PX = 12
_SVG = "http://www.w3.org/2000/svg"
_KEPT = {"svg", "g", "path", "rect", "line", "text", "tspan", "circle"}
_ATTRIBUTES = {
    *("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "dx", "dy", "width", "height", "transform"),
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-miterlimit", "stroke-linecap", "opacity"),
    *("fill-opacity", "stroke-opacity", "text-anchor", "font-size", "font-weight"),
}


Spec = dict[str, Any]
"""A Vega-Lite specification (https://vega.github.io/vega-lite/docs/spec.html), or a part of one."""


def _visible(value: Any) -> Any:
    """The JSON value with every text in it as :func:`harness.report.pages.shown` gives it."""
    if isinstance(value, Mapping):
        return {shown(name): _visible(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_visible(each) for each in value]
    return shown(value) if isinstance(value, str) else value


def quantity(
    field: str,
    *,
    domain: tuple[float, float] | None = None,
    kind: str = "linear",
    axis: Spec | None = None,
    **scale: Any,
) -> Spec:
    """An encoding of numbers; without a domain it shares the scale and the axis of the chart's other layers."""
    found: Spec = {"field": field, "type": "quantitative"}
    if domain is None:
        return found
    return found | {"axis": axis, "scale": {"type": kind, "domain": list(domain), "nice": False, **scale}}


def colours(field: str, rows: Sequence[Mapping[str, Any]]) -> Spec:
    """An encoding of the roles that the rows name in a field."""
    roles = sorted({str(row[field]) for row in rows})
    scale = {"domain": roles, "range": [COLOURS[role] for role in roles]}
    return {"field": field, "type": "nominal", "legend": None, "scale": scale}


def svg(spec: Mapping[str, Any], *, title: str, text: str) -> Markup:
    """Draw a chart as an ``<svg role="img">`` that a page can hold: no style, script, reference or role inside it.

    Args:
        spec: a Vega-Lite specification whose colours are of :data:`COLOURS`.
        title: its name, read out by screen readers.
        text: what it shows, in words.

    Invisible characters in the data are shown as escapes; some of them would end the drawing engine, and this process.
    """
    drawn = ElementTree.fromstring(_drawn(json.dumps({**_visible(spec), "config": _config()})))
    name = "c" + hashlib.sha256(ElementTree.tostring(drawn) + title.encode() + text.encode()).hexdigest()[:10]
    width, height = drawn.get("width", "0"), drawn.get("height", "0")
    made = ElementTree.Element("svg")
    made.attrib |= {
        "class": "chart",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "height": height,
    }
    ElementTree.SubElement(made, "title", id=f"{name}-title").text = shown(title)
    ElementTree.SubElement(made, "desc", id=f"{name}-desc").text = shown(text)
    made.extend(filter(None, map(_clean, drawn)))
    return Markup(ElementTree.tostring(made, encoding="unicode", short_empty_elements=False))


@lru_cache(maxsize=64)
def _drawn(spec: str) -> str:
    """What the engine draws; one chart stands on several pages of a report."""
    import vl_convert

    return vl_convert.vegalite_to_svg(spec)


def _clean(element: ElementTree.Element) -> ElementTree.Element | None:
    """The element with its drawing only: colours as classes, and nothing that draws nothing."""
    tag = element.tag.removeprefix(f"{{{_SVG}}}")
    if tag not in _KEPT or element.get("display") == "none" or element.get("opacity") == "0":
        return None
    children = [child for child in map(_clean, element) if child is not None]
    if (tag == "g" and not children) or (tag in ("text", "tspan") and not element.text and not children):
        return None
    made = ElementTree.Element(tag, {name: value for name, value in element.items() if name in _ATTRIBUTES})
    classes = []
    for attribute, prefix in (("fill", "f"), ("stroke", "s")):
        role = _role(made.get(attribute))
        if role:
            classes.append(f"{prefix}-{role}")
            del made.attrib[attribute]
    if classes:
        made.set("class", " ".join(classes))
    if made.get("opacity") == "1":
        del made.attrib["opacity"]
    made.text = shown(element.text)
    made.extend(children)
    return made


@cache
def _by_colour() -> dict[str, str]:
    return {colour: role for role, colour in COLOURS.items()}


def _role(colour: str | None) -> str | None:
    return _by_colour().get(colour) if colour else None


def _config() -> dict[str, Any]:
    """How every chart looks: no frame, faint grid, text in the page's colours."""
    words = {"labelFontSize": FONT_PX, "titleFontSize": FONT_PX, "titleFontWeight": "normal"}
    inks = {"labelColor": COLOURS["soft"], "titleColor": COLOURS["soft"]}
    lines = {"domainColor": COLOURS["soft"], "tickColor": COLOURS["soft"], "gridColor": COLOURS["line"]}
    return {
        "background": None,
        "padding": {"left": 4, "right": 12, "top": 4, "bottom": 4},
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {**words, **inks, **lines, "labelLimit": 240, "labelFlush": False},
        "header": {"labelFontSize": FONT_PX + 1, "labelColor": COLOURS["fg"], "title": None},
        "text": {"fontSize": FONT_PX, "color": COLOURS["fg"]},
    }
