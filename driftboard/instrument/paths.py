"""Which paths of a service are watched."""

from collections.abc import Iterable


class Paths:
    """Paths, and beginnings of paths that end with `*`.

    >>> paths = Paths(["/predict", "/v2/models/*"])
    >>> "/predict" in paths, "/predict/" in paths, "/v2/models/churn/infer" in paths
    (True, False, True)
    """

    def __init__(self, paths: Iterable[str]) -> None:
        given = (paths,) if isinstance(paths, str) else tuple(paths)
        self._whole = frozenset(each for each in given if not each.endswith("*"))
        self._beginnings = tuple(each[:-1] for each in given if each.endswith("*"))

    def __contains__(self, path: object) -> bool:
        return path in self._whole or (isinstance(path, str) and path.startswith(self._beginnings))
