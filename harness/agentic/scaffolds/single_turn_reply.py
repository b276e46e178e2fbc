"""Finds the patch in a reply: in a code block, or standing on its own."""

import re

_FENCE = re.compile(r"^(`{3,})[^\n`]*\n(.*?)^\1`*[ \t]*$", re.MULTILINE | re.DOTALL)
_BEGIN = re.compile(r"^(?:diff --git \S|--- (?:a/|/dev/null|\"))", re.MULTILINE)
_FILE = re.compile(r"^(?:---|\+\+\+) \"?[ab]/(.*?)\"?\s*$", re.MULTILINE)


def patch_in(reply: str) -> str | None:
    """The patch of a reply, ending in a line break; None if there is none.

    Code blocks that begin like a diff are taken, whatever language they name: the last of them, and those before it for
    as long as they are about other files, since some models give each file a block of its own and others a first draft.
    Without such a block, everything from the first line that begins a diff is taken; a fence that was opened and, the
    reply being cut, never closed, is no obstacle.
    """
    text = reply.replace("\r\n", "\n")
    blocks: list[str] = []
    files: set[str] = set()
    for _, block in reversed(_FENCE.findall(text)):
        if _BEGIN.match(block.lstrip("\n")):
            named = set(_FILE.findall(block))
            if named & files:
                break
            files |= named
            blocks.insert(0, block.strip("\n") + "\n")
    if blocks:
        return "".join(blocks)
    bare = _BEGIN.search(_FENCE.sub("", text))
    return bare.string[bare.start() :].rstrip("\n") + "\n" if bare else None
