"""`/v1/notifiers/{name}/slack`: buttons that were pressed in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.approvals.notify.slack import NotFromSlack
from narrows.console.errors import ApiError
from narrows.console.requests import body, operations
from narrows.errors import ApprovalError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def slack(request: Request) -> Response:
    """Decides as Slack says, if Slack signed it; set it as the app's interactivity request URL.

    A decision that is refused is told to the member who pressed the button.
    """
    try:
        text = await operations(request).chat.slack(
            request.path_params["name"],
            timestamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            body=await body(request),
        )
    except NotFromSlack as error:
        raise ApiError(401, "unauthorized", str(error)) from None
    except ApprovalError as error:
        text = str(error)
    return JSONResponse({"text": text})
