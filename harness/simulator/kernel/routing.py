"""Which operation a method and a path mean, for paths that are written with their parameters in braces."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    __slots__ = ("children", "operations", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.operations: dict[str, T] = {}


class Routes(Generic[T]):
    """Operations by method and path. A literal part is preferred to a parameter; an empty parameter fits nothing."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, operation: T) -> None:
        """Register what ``GET`` ``/v2/payments/{id}`` means."""
        node = self._root
        for part in path[1:].split("/"):
            if part.startswith("{"):
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.children.setdefault(part, _Node())
        node.operations[method] = operation

    def find(self, method: str, path: str) -> tuple[T | None, list[str]] | None:
        """The operation with the parameters of its path; None instead of it where the path has other methods only.

        None altogether where there is no such path.
        """
        node = self._root
        found = []
        for part in path[1:].split("/"):
            child = node.children.get(part)
            if child is None:
                child = node.parameter
                if child is None or not part:
                    return None
                found.append(part)
            node = child
        return (node.operations.get(method), found) if node.operations else None
