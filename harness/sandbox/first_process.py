"""What runs first in a container: it bounds the container's life also when nobody watches it any more."""

MARGIN_S = 120
"""How much longer than its limit such a container lives."""


def first_process(seconds: int, margin: int = MARGIN_S) -> list[str]:
    """A command that ends ``margin`` seconds after ``seconds`` have gone by, and the container with it.

    Until then it takes leave of processes whose parents are dead, which would count against the limit otherwise. Who
    kills what it waits for makes it wait anew.
    """
    return ["sh", "-c", f"trap '' HUP INT QUIT TERM; until sleep {seconds + margin} & wait $!; do :; done"]
