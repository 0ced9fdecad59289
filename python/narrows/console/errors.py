"""One shape for every error: what, why, and what to do next."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.errors import (
    ApprovalError,
    CredentialError,
    IdentityError,
    PlaneError,
    RecordingError,
    StoreError,
)
from narrows.gateway import NoReaderError, NotAllowedError
from narrows.policy.imagined import NotImaginable
from narrows.recordings.index import SearchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

APPROVAL_STATUS = {
    "not-found": 404,
    "not-eligible": 403,
    "sign-in-needed": 403,
    "sign-in-weak": 403,
    "closed": 409,
    "digest-mismatch": 409,
    "reason-missing": 400,
    "too-many": 429,
}

HINT_IMAGINED = "docs/policy.md has what can be explained, under `narrows policy explain`."


class ApiError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, error: str, message: str, hint: str = "") -> None:
        self.status = status
        self.error = error
        self.message = message
        self.hint = hint
        super().__init__(message)

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The error as JSON: `error`, `message`, `hint`."""
        body = {"error": self.error, "message": self.message, "hint": self.hint}
        return JSONResponse(body, self.status, headers=headers)


def answers_errors(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Wraps an endpoint so that what it raises is answered in the one shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            return error.response()
        except IdentityError as error:
            return ApiError(401, "unauthorized", str(error), error.hint).response(
                {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            )
        except NotAllowedError as error:
            return ApiError(403, "forbidden", str(error)).response()
        except NoReaderError as error:
            return ApiError(403, "forbidden", str(error)).response()
        except NotImaginable as error:
            return ApiError(400, "invalid", str(error), HINT_IMAGINED).response()
        except SearchError as error:
            return ApiError(400, "invalid", str(error), error.hint).response()
        except RecordingError:
            return ApiError(404, "not-found", "there is no recording that can be read").response()
        except ApprovalError as error:
            return ApiError(APPROVAL_STATUS[error.code], error.code, str(error)).response()
        except (PlaneError, CredentialError):
            return ApiError(
                503, "unavailable", "what this needs cannot be reached now", "Try again later."
            ).response()
        except StoreError:
            return ApiError(503, "unavailable", "the store cannot be used now", "Try again later.").response()

    functools.update_wrapper(answer, endpoint)
    return answer
