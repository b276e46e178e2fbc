import pytest
from pydantic import ValidationError

from harness.reported import OtherScore, SourceLink, load_reported


def test_a_loaded_table_cannot_be_changed() -> None:
    row = load_reported("longcat-2.0").rows["ifeval"]
    with pytest.raises(ValidationError, match="frozen"):
        row.score = 95.0


@pytest.mark.parametrize("score", [-0.1, 100.1, float("nan"), True, "90"])
def test_a_score_is_a_number_of_points(score: object) -> None:
    with pytest.raises(ValidationError):
        OtherScore(score=score, measured=True)


def test_a_source_may_have_no_date() -> None:
    assert SourceLink(name="card", url="https://example.org").date is None


def test_a_whole_table_becomes_json() -> None:
    data = load_reported("longcat-2.0").model_dump(mode="json")
    assert data["rows"]["ifeval"]["score"] == 90.0
    assert data["released"] == "2026-06-30"
