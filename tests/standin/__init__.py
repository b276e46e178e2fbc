"""A small, real HTTP server that plays the endpoints a run may meet, and their faults.

``Standin("echo", dialect="longcat", faults=[("429", 0.1), ("402", range(40, 10**6))])`` as a context manager serves
from a thread of the test's process; ``python -m tests.standin --behaviour echo --port 0 dialect=longcat fault=429:0.1``
serves until it is ended. The options are those of :class:`tests.standin.options.Options`.

Behaviours: echo, uniform (guesses one of four letters), oracle (from a table), silence, caller (calls the first tool),
or any function from a request's body to an answer.
"""

from tests.standin.answers import STRANGE, Answer, chooser
from tests.standin.handle import Standin
from tests.standin.options import Options

__all__ = ["STRANGE", "Answer", "Options", "Standin", "chooser"]
