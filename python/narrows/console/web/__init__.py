"""The web console: approvals, sessions, recordings and policy as pages that need no script.

Everything comes from the wheel. Scripts only make it quicker: lists that renew themselves, keys to work with.
"""

from narrows.console.web.routes import web_routes
from narrows.console.web.site import Site

__all__ = ["Site", "web_routes"]
