"""YAML is read by libyaml where PyYAML has it, several times as fast; elsewhere by PyYAML's own code."""

from typing import Any

import yaml

SafeLoader: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str | bytes) -> Any:
    """The one document of a text; of plain kinds only.

    Raises:
        yaml.YAMLError: the text is no YAML.
    """
    return yaml.load(text, SafeLoader)
