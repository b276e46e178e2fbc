"""A Ray cluster of two simulated nodes with a sandbox each: prints its address and lasts until its input ends.

A process of its own (``python ray_nodes.py``), because Ray warns of much and leaves threads behind.
"""

import sys

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024**2, "resources": {"sandbox": 1}}


def main() -> None:
    """Serve until the input ends."""
    made = Cluster(initialize_head=True, head_node_args=NODE)
    try:
        made.add_node(**NODE)
        print(made.address, flush=True)
        sys.stdin.read()
    finally:
        made.shutdown()


if __name__ == "__main__":
    main()
