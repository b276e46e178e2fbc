from typing import Any

import pytest

from harness.endpoint.faults import (
    FailedForGood,
    Fault,
    Rejected,
    Transient,
    from_status,
    from_stream_error,
    parse_body,
)
from harness.errors import DailyLimit, OutOfCredit, Refused
from tests.harness.endpoint.making import profile, request

PROFILE = profile(name="toy", api_key_env="TOY_KEY")
NOW = 1_800_000_000.0


def error(message: str, **other: Any) -> dict[str, Any]:
    return {"error": {"message": message, **other}}


def classified(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    return from_status(status, body, headers or {}, PROFILE, now=NOW)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (408, error("slow"), "timeout"),
        (409, "", "conflict"),
        (429, error("too fast"), "rate_limited"),
        (500, error("Internal error"), "server_error"),
        (502, "<html>\n<h1>Bad   gateway</h1></html>", "server_error"),
        (503, {"message": "busy"}, "server_error"),
        (500, error("Failed to parse tool call arguments as JSON: line 1"), "model_output"),
        (500, error("malformed tool call json"), "model_output"),
        (502, error("Failed to parse upstream response"), "server_error"),
        (520, None, "server_error"),
    ],
)
def test_what_is_asked_again(status: int, body: Any, kind: str) -> None:
    fault = classified(status, body)
    assert isinstance(fault, Transient)
    assert (fault.kind, fault.status, fault.charged) == (kind, status, kind == "model_output")
    assert f"HTTP {status}" in fault.detail


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("temperature must be in [0, 1]")),
        (400, error("This model's maximum context length is 4096 tokens")),
        (400, error("The parameter `enable_thinking` is not supported by this model", code="invalid_request")),
        (404, error("no such page: /v2")),
        (405, "Method Not Allowed"),
        (413, error("too large")),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}),
    ],
)
def test_what_is_not_asked_again(status: int, body: Any) -> None:
    fault = classified(status, body)
    assert isinstance(fault, Rejected)
    assert (fault.kind, fault.status) == ("no_such_page" if status in (404, 405) else "rejected", status)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("The model `x` does not exist or you do not have access to it.", code="model_not_found")),
        (404, error("The model does not exist")),
        (404, error("gone", code="model_not_found")),
        (404, error("model 'x' not found, try pulling it first")),
        (400, error("Unsupported model: x")),
        (400, error("x is not a valid model ID")),
        (400, {"code": 20012, "message": "Model does not exist. Please check it carefully."}),
        (400, error("not supported model")),
        (404, error("No endpoints found for meituan/longcat-2.0.")),
    ],
)
def test_an_unknown_model_is_refused_and_named(status: int, body: Any) -> None:
    refusal = classified(status, body)
    assert isinstance(refusal, Refused)
    assert "'toy-model'" in str(refusal)


def test_an_error_that_only_quotes_the_request_says_nothing_of_the_model() -> None:
    asked = 'The log says "Unknown model", then "no such model".'
    quoting = from_status(400, error(f"Cannot read: {asked}"), {}, PROFILE, asked=asked)
    assert isinstance(quoting, Rejected)
    assert isinstance(from_stream_error({"code": 400, "message": asked}, PROFILE, asked=asked), Rejected)
    both = error(f"Unsupported model: x, asked with: {asked}")
    assert isinstance(from_status(400, both, {}, PROFILE, asked=asked), Refused)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_by_its_variable_in_one_line(status: int) -> None:
    refusal = classified(status, error("Invalid API key"))
    assert isinstance(refusal, Refused)
    assert "TOY_KEY" in str(refusal)
    assert "toy" in str(refusal)
    assert "\n" not in str(refusal)


def test_a_moderated_input_says_nothing_of_the_others() -> None:
    fault = classified(403, error("flagged", metadata={"reasons": ["violence"], "flagged_input": "..."}))
    assert isinstance(fault, Rejected)
    assert fault.kind == "moderation"


@pytest.mark.parametrize(
    ("status", "body"), [(402, error("Out of quota")), (429, error("pay up", code="insufficient_quota"))]
)
def test_no_credit(status: int, body: Any) -> None:
    stop = classified(status, body)
    assert isinstance(stop, OutOfCredit)
    assert "Add credit" in str(stop)


def test_a_worst_case_above_the_credit_says_what_to_lower() -> None:
    stop = classified(402, error("requires more credits, or fewer max_tokens. ... but can only afford 1234."))
    assert isinstance(stop, OutOfCredit)
    assert "1234" in str(stop)
    assert "--concurrency" in str(stop)


def test_a_wait_is_kept() -> None:
    assert classified(429, None, {"Retry-After": "7"}).wait == 7.0
    assert classified(429, error("x", metadata={"headers": {"Retry-After": "17"}})).wait == 17.0
    assert classified(503, None, {"Retry-After": "7"}).wait == 7.0
    assert classified(500).wait is None


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (None, {"Retry-After": "7200"}),
        (None, {"X-RateLimit-Reset": "1800007200000"}),
        (error("free-models-per-day", metadata={"headers": {"X-RateLimit-Reset": "1800007200000"}}), {}),
    ],
)
def test_a_limit_far_from_its_reset_stops_and_says_when(body: Any, headers: dict[str, str]) -> None:
    stop = classified(429, body, headers)
    assert isinstance(stop, DailyLimit)
    assert "2027-01-15 10:00 UTC, 2 h 0 min" in str(stop)


def test_errors_in_a_stream_are_classified_by_their_code_and_may_be_charged() -> None:
    overloaded = from_stream_error({"code": 502, "message": "bad"}, PROFILE)
    assert isinstance(overloaded, Transient)
    assert (overloaded.kind, overloaded.charged) == ("server_error", True)
    limited = from_stream_error({"code": "rate_limit_exceeded", "message": "slow down"}, PROFILE)
    assert isinstance(limited, Transient)
    assert limited.kind == "rate_limited"
    assert isinstance(from_stream_error({"type": "exceed_context_size_error", "message": "long"}, PROFILE), Rejected)
    assert isinstance(from_stream_error({"code": 402, "message": "empty"}, PROFILE), OutOfCredit)


@pytest.mark.parametrize("found", ["it broke", {"message": "it broke"}, {"message": "it broke", "code": 17}])
def test_a_stream_error_without_a_known_code_is_asked_again(found: Any) -> None:
    fault = from_stream_error(found, PROFILE)
    assert isinstance(fault, Transient)
    assert (fault.kind, fault.charged) == ("stream_error", True)
    assert "it broke" in fault.detail


def test_bodies_that_are_not_json_stay_text() -> None:
    assert parse_body('{"a": 1}') == {"a": 1}
    assert parse_body("<p>") == "<p>"


def test_what_is_told_of_a_request_that_failed() -> None:
    failure = FailedForGood(request().slot, "cut_stream", "ended early", ({"fault": "cut_stream"},) * 3)
    assert str(failure) == "toy/main/1#0/answer/0 failed for good after 3 attempts, cut_stream: ended early."
    assert failure.exit_code == 5
    assert not isinstance(failure, Fault)
