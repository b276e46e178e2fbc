import pickle

from harness.agentic.terms import Graded, Infrastructure, printable


def test_what_steers_a_terminal_is_taken_out() -> None:
    assert printable("a\x1b[31mb\r\n\tc\u202ed\x00") == "a [31mb c d"


def test_the_reason_of_a_grade_is_one_short_line() -> None:
    graded = Graded(False, "\x1b]0;x\x07" + "word\n" * 99, {}, b"", 0.0)
    assert graded.how.startswith("]0;x word word")
    assert len(graded.how) == 200


def test_a_failure_travels_with_its_lines_and_nothing_that_steers() -> None:
    fault = pickle.loads(pickle.dumps(Infrastructure("engine", "one\x1b[2J\ntwo")))
    assert (fault.cause, fault.detail, str(fault)) == ("engine", "one [2J\ntwo", "engine: one [2J\ntwo")
