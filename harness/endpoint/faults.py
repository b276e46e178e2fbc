"""What can go wrong between sending a request and holding a complete reply, and what follows from it.

Fault                      one attempt failed; ``charged`` says whether the provider may bill it all the same
├── Transient              asked again: 408, 409, 429, 5xx, time-outs, connections, cut, empty or malformed streams
└── Rejected               never asked again, but the run goes on: 400, 404, 413, 422 and the like

What stops the run is raised as such: :class:`~harness.errors.Refused`, :class:`~harness.errors.OutOfCredit`,
:class:`~harness.errors.DailyLimit`.
"""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.contract import Slot
from harness.endpoint.profile import Profile
from harness.endpoint.resets import reset_in
from harness.errors import DailyLimit, HarnessError, OutOfCredit, Refused, RequestFailed

LONGEST_WAIT_S = 15 * 60.0
"""A rate limit that resets later than this stops the run instead of being waited for."""

_UNKNOWN_MODEL = re.compile(
    r"model[_ ]not[_ ](found|exist)|unknown model|invalid model|not a valid model|no such model"
    r"|not supported model|unsupported model"
    r"|\bmodel:?\s+([\"'`]?[\w./:@-]+[\"'`]?\s+)?"
    r"(does not exist|not found|is not (supported|available|valid)|not exist)"
    r"|no endpoints found",
    re.IGNORECASE,
)
_MODEL_OUTPUT = re.compile(
    r"(failed to|could not|cannot) parse(?! (the )?(upstream|response|request|body))"
    r"|tool[_ ]?call.{0,80}(invalid|malformed|json|pars)"
    r"|(invalid|malformed|unparsable).{0,40}(tool|function|json)|json ?decode",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
"""What a server's words must not carry to a terminal."""
_CODES = {
    "rate_limit_exceeded": 429,
    "insufficient_quota": 402,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "invalid_request_error": 400,
    "exceed_context_size_error": 400,
    "server_error": 500,
}


class Fault(Exception):
    """One failed attempt.

    ``kind`` is a word for counting, ``detail`` a sentence; ``wait`` the seconds the server asked to wait, if it did;
    ``charged`` whether the provider may bill the attempt; ``partial_chars`` how much of a reply had come;
    ``status`` the HTTP status, if there was one.
    """

    def __init__(
        self, kind: str, detail: str, *, status: int | None = None, wait: float | None = None, charged: bool = False
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.status = status
        self.wait = wait
        self.charged = charged
        self.partial_chars = 0


class Transient(Fault):
    """Worth another attempt."""


class Rejected(Fault):
    """The same request would be rejected again."""


class FailedForGood(RequestFailed):
    """``slot`` got no complete reply. ``attempts`` are recorded like :attr:`Reply.failed_attempts`."""

    def __init__(self, slot: Slot, kind: str, detail: str, attempts: tuple[Mapping[str, Any], ...]) -> None:
        count = f"{len(attempts)} attempts" if len(attempts) != 1 else "one attempt"
        super().__init__(f"{slot} failed for good after {count}, {kind}: {detail}.")
        self.kind = kind
        self.detail = detail
        self.attempts = attempts


def from_status(
    status: int, body: Any, headers: Mapping[str, str], profile: Profile, *, asked: str = "", now: float | None = None
) -> Fault | HarnessError:
    """Classify an error answer.

    Args:
        status: the HTTP status.
        body: the answer's JSON or text.
        headers: the answer's.
        profile: the endpoint's.
        asked: the request's own text, which a server may quote in its error.
        now: seconds since the epoch (for tests).
    """
    now = time.time() if now is None else now
    error = _error_of(body)
    detail = _detail(status, error)
    if status == 402 or (status == 429 and _is_quota(error)):
        return _out_of_credit(profile, error, detail)
    if status == 401 or (status == 403 and not _flagged(error)):
        return _refused_key(status, profile, detail)
    if status in (400, 404) and _model_is_unknown(detail, asked):
        return Refused(
            f"{profile.name} does not serve the model {profile.model!r} at {profile.base_url}: {detail}. "
            "Check the model's exact name (--model); case may matter."
        )
    if status == 429:
        return _rate_limited(profile, error, headers, now, detail)
    if status in (408, 409):
        return Transient("timeout" if status == 408 else "conflict", detail, status=status)
    if status >= 500:
        if _MODEL_OUTPUT.search(detail):
            return Transient("model_output", detail, status=status, charged=True)
        return Transient(
            "server_error",
            detail,
            status=status,
            wait=reset_in(headers, _metadata(error).get("headers"), now, limit=False),
        )
    kind = "moderation" if _flagged(error) else "no_such_page" if status in (404, 405) else "rejected"
    return Rejected(kind, detail, status=status)


def from_stream_error(error: Any, profile: Profile, *, asked: str = "") -> Fault | HarnessError:
    """Classify an ``error`` object that came with status 200; the attempt may be billed. ``asked`` as above."""
    code = error.get("code") if isinstance(error, Mapping) else None
    kind = error.get("type") if isinstance(error, Mapping) else None
    status = _as_status(code) or _as_status(kind)
    if status is None:
        return Transient("stream_error", _detail(200, _error_of({"error": error})), status=200, charged=True)
    fault = from_status(status, {"error": error}, {}, profile, asked=asked)
    if isinstance(fault, Fault):
        fault.charged = True
    return fault


def parse_body(text: str) -> Any:
    """The JSON of an error body, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _as_status(code: Any) -> int | None:
    if isinstance(code, str):
        code = int(code) if code.isdecimal() else _CODES.get(code)
    return code if isinstance(code, int) and 400 <= code <= 599 else None


def _error_of(body: Any) -> dict[str, Any]:
    """The error object of a body in any of the usual shapes: {"error": {...}}, {"error": "..."}, {"message"}, text."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            return dict(inner)
        return {**body, "message": str(inner)}
    return {"message": re.sub(r"\s+", " ", str(body or "")).strip()}


def _detail(status: int, error: Mapping[str, Any]) -> str:
    message = error.get("message") or error.get("detail") or error.get("msg") or ""
    if not isinstance(message, str):
        message = json.dumps(message)
    parts = [f"HTTP {status}", message.strip()[:500]]
    for name in ("code", "type"):
        if isinstance(value := error.get(name), str) and value not in message:
            parts.append(value)
    raw = _metadata(error).get("raw")
    if isinstance(raw, str) and raw not in message:
        parts.append(raw[:300])
    return _CONTROLS.sub(" ", " - ".join(part for part in parts if part))


def _metadata(error: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = error.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _flagged(error: Mapping[str, Any]) -> bool:
    """A moderation verdict on one input (OpenRouter), which says nothing about the others."""
    metadata = _metadata(error)
    return "flagged_input" in metadata or "reasons" in metadata


def _model_is_unknown(detail: str, asked: str) -> bool:
    """Whether the server says so in its own words: an agent could have a run stopped by words that it has quoted."""
    own = asked.lower()
    return any(found.group().lower() not in own for found in _UNKNOWN_MODEL.finditer(detail))


def _is_quota(error: Mapping[str, Any]) -> bool:
    return "insufficient_quota" in (error.get("code"), error.get("type"))


def _out_of_credit(profile: Profile, error: Mapping[str, Any], detail: str) -> OutOfCredit:
    if match := re.search(r"can only afford (\d[\d,]*)", str(error.get("message"))):
        return OutOfCredit(
            f"{profile.name} reserves the worst case of every request in flight, and the credit left covers only "
            f"{match.group(1)} more output tokens. Lower --concurrency or the output limit (--max-tokens), or add "
            "credit; the same command then goes on."
        )
    return OutOfCredit(
        f"The account at {profile.name} is out of credit ({detail}). Add credit; the same command then goes on."
    )


def _refused_key(status: int, profile: Profile, detail: str) -> Refused:
    where = (
        f"the key in {profile.api_key_env}" if profile.api_key_env else "a request without a key (--api-key-env NAME)"
    )
    verb = "does not accept" if status == 401 else "does not permit what was asked with"
    return Refused(f"{profile.name} ({profile.base_url}) {verb} {where}: {detail}.")


def _rate_limited(
    profile: Profile, error: Mapping[str, Any], headers: Mapping[str, str], now: float, detail: str
) -> Fault | HarnessError:
    wait = reset_in(headers, _metadata(error).get("headers"), now, limit=True)
    if wait is not None and wait > LONGEST_WAIT_S:
        when = datetime.fromtimestamp(now + wait, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return DailyLimit(
            f"{profile.name} has reached a limit that resets at {when}, {_duration(wait)} from now ({detail}). "
            "The same command goes on then; nothing that was answered is lost."
        )
    return Transient("rate_limited", detail, status=429, wait=wait)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
