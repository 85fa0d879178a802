"""The product with nothing measured and no line for a request, to compare: ``benchmarks.unmeasured:application``."""

from typing import Any

from config.asgi import application as application
from utils import access, metrics


class _Nothing:
    def labels(self, *_: object) -> "_Nothing":
        return self

    inc = dec = set = observe = labels


for _name, _metric in list(vars(metrics).items()):
    if hasattr(_metric, "labels"):
        setattr(metrics, _name, _Nothing())


def _nothing(*_: Any, **__: Any) -> None: ...


for _name in ("answered", "sent", "ended"):
    setattr(access.Access, _name, _nothing)
