import pytest

from harness.endpoint.resets import reset_in

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "inner", "seconds"),
    [
        ({}, None, None),
        ({"Retry-After": "17"}, None, 17.0),
        ({"retry-after": "0.5"}, None, 0.5),
        ({"Retry-After": "Fri, 15 Jan 2027 08:01:40 GMT"}, None, 100.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, None, 0.0),
        ({"Retry-After": "soon"}, None, None),
        ({"X-RateLimit-Reset": "1800000090"}, None, 90.0),
        ({"X-RateLimit-Reset": "1800000090000"}, None, 90.0),
        ({"X-RateLimit-Reset": "90"}, None, 90.0),
        ({"X-RateLimit-Reset": "1700000000"}, None, 0.0),
        ({}, {"X-RateLimit-Reset": "1800000090000"}, 90.0),
        ({"Retry-After": "5"}, {"Retry-After": "9", "X-RateLimit-Reset": "90"}, 5.0),
        ({}, ["odd"], None),
    ],
)
def test_seconds_until_the_reset(headers: dict[str, str], inner: object, seconds: float | None) -> None:
    assert reset_in(headers, inner, NOW, limit=True) == seconds


def test_only_an_answer_about_a_limit_heeds_the_limits_reset() -> None:
    headers = {"X-RateLimit-Reset": "90"}
    assert reset_in(headers, None, NOW, limit=False) is None
    assert reset_in({**headers, "Retry-After": "3"}, None, NOW, limit=False) == 3.0
