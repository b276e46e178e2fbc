import pytest

from harness.agentic.swe_task import need_columns, need_packages, need_version
from harness.contract import Item
from harness.errors import UsageError


def test_packages_that_are_missing_are_named_with_the_extra_that_has_them() -> None:
    need_packages("Toy", "json", "pytest")
    with pytest.raises(UsageError, match=r"no_such_package not installed.*pip install -e '\.\[code\]'"):
        need_packages("Toy", "json", "no_such_package")


def test_a_package_of_another_major_version_is_refused() -> None:
    found = int(pytest.__version__.partition(".")[0])
    need_version("pytest", found)
    with pytest.raises(UsageError, match=rf"pytest {found}\..* is installed, and 999\.x is needed"):
        need_version("pytest", 999)


def test_columns_that_are_missing_are_named_with_the_item() -> None:
    item = Item("one", {"a": None, "b": ""})
    need_columns("Toy", item, ("a", "b"), "")
    with pytest.raises(UsageError, match=r"Toy: one cannot be tried or graded: its row has no c, d\. Get them\."):
        need_columns("Toy", item, ("a", "c", "d"), "Get them.")
