"""What a client is answered with instead of a reply."""

from types import ModuleType

from aiohttp import web

from harness.errors import DailyLimit, HarnessError, Interrupted, Refused, RequestFailed, Stopped, UsageError

_STATUS = (
    (DailyLimit, 429),
    (Interrupted, 503),
    (Stopped, 402),
    (Refused, 403),
    (RequestFailed, 502),
    (UsageError, 400),
)


def status_of(error: BaseException) -> int:
    """The HTTP status that says the same as the error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def words(error: BaseException) -> str:
    """What the error says; one that is not ours is named."""
    return str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"


def refusal(dialect: ModuleType, status: int, message: str) -> web.Response:
    """An error in the client's dialect."""
    return web.json_response(dialect.error(status, message), status=status)


def failure(dialect: ModuleType, error: BaseException) -> web.Response:
    """The error that a request failed with, in the client's dialect."""
    return refusal(dialect, status_of(error), words(error))


def event(dialect: ModuleType, error: BaseException) -> bytes:
    """The same within a stream that has begun."""
    said: bytes = dialect.error_event(status_of(error), words(error))
    return said
