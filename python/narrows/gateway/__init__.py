"""The running gateway: what is made once, how its parts are joined, and what people may do to it."""

from narrows.gateway.composition import Gateway
from narrows.gateway.operations import NotAllowedError, Operations
from narrows.gateway.recordings import NoReaderError

__all__ = ["Gateway", "NoReaderError", "NotAllowedError", "Operations"]
