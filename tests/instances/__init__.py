"""Six small repositories with a fault each, as instances of both SWE-bench data sets, with images to try them in."""

from tests.instances.folders import data_dir, tasks_path
from tests.instances.hexes import HEXES
from tests.instances.history import History, history, patch_of
from tests.instances.images import build, image
from tests.instances.instance import Edit, Instance
from tests.instances.ledger import LEDGER
from tests.instances.ring import RING
from tests.instances.rotate import ROTATE
from tests.instances.rows import multilingual_rows, pro_id, pro_rows
from tests.instances.settings import SETTINGS
from tests.instances.slugs import SLUGS

INSTANCES = (LEDGER, SLUGS, RING, HEXES, ROTATE, SETTINGS)
COMMANDS = {instance.title: instance.commands for instance in INSTANCES}
"""What solves each, by a text that stands in its issue alone."""

__all__ = [
    "COMMANDS",
    "INSTANCES",
    "Edit",
    "History",
    "Instance",
    "build",
    "data_dir",
    "history",
    "image",
    "multilingual_rows",
    "patch_of",
    "pro_id",
    "pro_rows",
    "tasks_path",
]
