from pathlib import Path

import pytest
import yaml

from harness.yamls import SafeLoader, read_yaml
from tests.place import REPOSITORY

OURS = sorted([*REPOSITORY.glob("harness/**/*.yaml"), *REPOSITORY.glob("tasks/**/*.yaml")])


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_it_reads_as_pyyamls_own_code_does(path: Path) -> None:
    text = path.read_bytes()
    assert text
    assert read_yaml(text) == yaml.safe_load(text)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_libyaml_is_taken_where_it_is() -> None:
    assert SafeLoader is yaml.CSafeLoader


@pytest.mark.parametrize("text", ["!!python/object/apply:os.getcwd []", "a: [1", "a: 1\n---\nb: 2", "\x00"])
def test_what_is_no_plain_document_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
