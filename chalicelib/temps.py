"""How long this call of the function may still last: what waits on something else asks before it starts.

A function cut by its delay answers nothing; one that gives up just before says 503, and what to do.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_fin: ContextVar[float | None] = ContextVar("fin", default=None)


@contextmanager
def borne(secondes: float) -> Iterator[None]:
    """What is done inside ends in ``secondes``."""
    avant = _fin.set(time.monotonic() + secondes)
    try:
        yield
    finally:
        _fin.reset(avant)


def reste() -> float:
    """The seconds left; infinite where nobody waits for an answer."""
    fin = _fin.get()
    return float("inf") if fin is None else fin - time.monotonic()
