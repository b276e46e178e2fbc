"""What can go wrong, as the person at the keyboard should hear of it.

Every message says what happened, on which item of which run where that is known, and what to do next.
``exit_code`` is what the command line ends with.

HarnessError
├── UsageError            2  the command or a file given to it is wrong
│   └── DataUnavailable   2  no door of a benchmark's data opens, or its rows are not the pinned ones
├── JournalError          2  the run directory cannot be used
│   ├── RunLocked         2  another process writes to it
│   ├── KeyConflict       2  a slot was answered for another question
│   └── NotRecorded       2  the network is closed and the journal has no line for a slot
├── VerificationFailed    1  a journal, manifest or summary does not check out
├── Stopped               3  stopped, and the same command goes on
│   ├── BudgetSpent       3
│   ├── OutOfCredit       3
│   ├── DailyLimit        3
│   └── Interrupted       3
├── Refused               4  the endpoint refuses the key, the account or the model
└── RequestFailed         5  one request failed for good; the run goes on without its reply
"""


class HarnessError(Exception):
    """Base of every error that is shown to the user without a traceback."""

    exit_code = 1


class UsageError(HarnessError):
    """The command, or a file given to it, is wrong."""

    exit_code = 2


class DataUnavailable(UsageError):
    """No door of a benchmark's data opens, or its rows are not the pinned ones."""


class JournalError(HarnessError):
    """The run directory cannot be used."""

    exit_code = 2


class RunLocked(JournalError):
    """Another process writes to this run."""


class KeyConflict(JournalError):
    """A slot already holds the answer to another question."""


class NotRecorded(JournalError):
    """The network is closed and the journal has no complete line for a slot."""


class VerificationFailed(HarnessError):
    """A journal, manifest or summary does not check out."""

    exit_code = 1


class Stopped(HarnessError):
    """The run stopped before its end; the same command goes on where it stopped."""

    exit_code = 3


class BudgetSpent(Stopped):
    """The next request might exceed the budget."""


class OutOfCredit(Stopped):
    """The provider's account has no credit left."""


class DailyLimit(Stopped):
    """The provider's rate limit resets too far in the future to wait for."""


class Interrupted(Stopped):
    """The user pressed Ctrl-C or the time given was used up."""


class Refused(HarnessError):
    """The endpoint refuses the key, the account or the model."""

    exit_code = 4


class RequestFailed(HarnessError):
    """One request failed for good: an error, never a zero."""

    exit_code = 5


def how_to_install(extra: str) -> str:
    """The command that installs an extra of this program."""
    return f"in the folder of longcat-repro: .venv/bin/pip install -e '.[{extra}]'"
