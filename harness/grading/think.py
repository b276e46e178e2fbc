"""What of a reply's content is the answer: think blocks that leaked into it are not."""

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=64)
def _patterns(tags: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    names = "|".join(re.escape(tag) for tag in tags)
    return (
        re.compile(rf"<({names})>.*?</\1>", re.DOTALL),
        re.compile(rf"</(?:{names})>"),
        re.compile(rf"<(?:{names})>"),
    )


def visible(content: str, tags: Sequence[str]) -> tuple[str, bool]:
    """Take the reasoning out of ``content``.

    ``tags`` are names without brackets, such as ``think`` and ``longcat_think``. Whole blocks go; so does everything up
    to a last closing tag whose opening tag is missing (chat templates often open the block themselves). White space
    that this leaves in front of the answer goes with it; a content without any tag comes back unchanged.

    Returns:
        The visible answer, and whether it is empty because an opening tag was never closed: the model was cut off, or
        never stopped thinking, so nothing it wrote was meant as its answer.
    """
    if not tags or "<" not in content:
        return content, False
    block, closing, opening = _patterns(tuple(tags))
    answer = block.sub("", content)
    ends = [match.end() for match in closing.finditer(answer)]
    if ends:
        answer = answer[ends[-1] :]
    if opening.search(answer):
        return "", True
    if answer == content:
        return content, False
    return answer.lstrip(), False
