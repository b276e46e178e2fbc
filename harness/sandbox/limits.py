"""What a container may use."""

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one container.

    ``cpus`` are whole or part cores, ``pids`` processes and threads. ``disk_gib`` bounds what the container
    writes, by looking every two seconds. ``seconds`` is the container's whole life.

    Raises:
        ValueError: a limit is not positive.
    """

    cpus: float = 4.0
    memory_gib: float = 8.0
    pids: int = 4096
    disk_gib: float = 20.0
    seconds: float = 3600.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")

    @property
    def memory_bytes(self) -> int:
        """Memory, swap included, in bytes."""
        return round(self.memory_gib * GIB)

    @property
    def disk_bytes(self) -> int:
        """Written bytes."""
        return round(self.disk_gib * GIB)

    @property
    def nano_cpus(self) -> int:
        """CPU time as the Docker API counts it: 10^9 to the core."""
        return round(self.cpus * 10**9)
