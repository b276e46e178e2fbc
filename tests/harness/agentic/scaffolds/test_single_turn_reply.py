"""The patch is found in whatever a model writes around it."""

import pytest

from harness.agentic.scaffolds.single_turn_reply import patch_in

FIRST = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"
AGAIN = FIRST.replace("a = 2", "a = 3")
SECOND = "--- a/y.md\n+++ b/y.md\n@@ -1,2 +1,2 @@\n ```sh\n-ls\n+ls -l\n"


@pytest.mark.parametrize(
    ("reply", "patch"),
    [
        (f"I change a.\n\n```diff\n{FIRST}```\nThat is all.", FIRST),
        (f"```diff\n{FIRST}```\n\nand\n\n```diff\n\n{SECOND}\n```", FIRST + SECOND),
        (f"```\n{FIRST}\n```", FIRST),
        (f"```diff\n{FIRST}```\nNo:\n```diff\n{AGAIN}```", AGAIN),
        (f"```python\na = 2\n```\n```diff\n{FIRST}```", FIRST),
        (f"````diff\n{SECOND}````", SECOND),
        (FIRST, FIRST),
        (f"Here it is:\n{FIRST}", FIRST),
        (f"Here:\n{FIRST}\n\n", FIRST),
        (f"```diff\n{FIRST}", FIRST),
        (f"```diff\n{FIRST}```".replace("\n", "\r\n"), FIRST),
        ("```python\na = 2\n```", None),
        ("Nothing needs to change --- really.", None),
        ("", None),
    ],
)
def test_the_patch_is_found(reply: str, patch: str | None) -> None:
    assert patch_in(reply) == patch
