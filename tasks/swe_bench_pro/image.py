"""The image of an instance, published by the benchmark's authors for linux/amd64 alone."""

from collections.abc import Mapping
from typing import Any

REPOSITORY = "jefzda/sweap-images"
LONGEST_TAG = 128
_NO_VERSION = "-vnan"
_WHOLE_NAME = "instance_element-hq__element-web-ec0f940ef0e8e3b61078f145f34dc40d1938e6c5-vnan"


def image_of(instance: str, row: Mapping[str, Any]) -> str:
    """The image's name: the row's own tag, else the tag that the rule of the authors' ``image_uri.py`` gives."""
    return f"{REPOSITORY}:{row.get('dockerhub_tag') or tag_of(instance, str(row['repo']))}"


def tag_of(instance: str, repo: str) -> str:
    """The tag by the authors' rule.

    The repository's owner and name in small letters, then the id; "-vnan" at its end is left out, element-web is called
    element; one instance keeps both. Longer tags are cut at 128 characters.
    """
    owner, _, name = repo.lower().partition("/")
    rest = instance.removeprefix("instance_")
    if instance != _WHOLE_NAME:
        rest = rest.removesuffix(_NO_VERSION)
        name = "element" if (owner, name) == ("element-hq", "element-web") else name
    return f"{owner}.{name}-{rest}"[:LONGEST_TAG]
