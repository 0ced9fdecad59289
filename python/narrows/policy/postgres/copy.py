"""How a COPY writes or reads its data: what masks need to know of it and the protocol does not tell.

What is not understood here is not described, and COPY data without a description is never sent to someone
from whom columns are masked, nor taken from them where a placeholder must not be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.model import CopyOptions
from narrows.policy.postgres.settings import PINNED_ENCODINGS

if TYPE_CHECKING:
    from narrows.policy.postgres.walk import Node

FORMATS = frozenset({"text", "csv", "binary"})
READ_IN = frozenset({"force_not_null", "force_null", "freeze", "log_verbosity", "on_error", "reject_limit"})
"""Options of COPY FROM that change nothing of how fields are told apart."""
READ = frozenset({"delimiter", "encoding", "escape", "force_quote", "format", "header", "null", "quote"})
UNMISTAKABLE_NULL = r"\N"
"""The default of the text format. No value is written like it, since a backslash in one is doubled."""
BOOLEANS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


def copy_options(node: Node) -> CopyOptions | None:
    """How a COPY writes its data, or reads what the agent sends.

    Args:
        node: The parse tree's CopyStmt.

    Returns:
        None when an option is not known, is given twice, or would let two fields look like one.
    """
    given = [option["DefElem"] for option in node.get("options", [])]
    options = {option["defname"]: option.get("arg") for option in given}
    inward = node.get("is_from", False)
    known = READ | READ_IN if inward else READ
    if len(options) < len(given) or not options.keys() <= known:
        return None
    form = _text(options, "format", "text")
    header = _header(options, inward=inward)
    if form not in FORMATS or header is None:
        return None
    if _text(options, "encoding", "utf8").lower() not in PINNED_ENCODINGS:
        return None
    is_csv = form == "csv"
    quote = _text(options, "quote", '"')
    read = CopyOptions(
        format=form,
        delimiter=_text(options, "delimiter", "," if is_csv else "\t"),
        null=_text(options, "null", "" if is_csv else UNMISTAKABLE_NULL),
        quote=quote,
        escape=_text(options, "escape", quote),
        header=header,
        force_quote="force_quote" in options,
    )
    return read if form == "binary" or _is_plain(read) else None


def _is_plain(options: CopyOptions) -> bool:
    """Whether fields can be told apart by these characters alone. The target refuses most others itself."""
    marks = {options.quote, options.escape} if options.format == "csv" else {"\\"}
    if not all(_is_mark(mark) for mark in (options.delimiter, *marks)) or options.delimiter in marks:
        return False
    if options.format == "text" and options.null == UNMISTAKABLE_NULL:
        return True
    return not any(mark in options.null for mark in (options.delimiter, "\r", "\n", "\0", *marks))


def _is_mark(text: str) -> bool:
    return len(text) == 1 and text.isascii() and (text.isprintable() or text == "\t")


def _text(options: dict[str, Any], name: str, default: str) -> str:
    """A text option; what is no text is read as one that nothing accepts."""
    if name not in options:
        return default
    return str((options[name] or {}).get("String", {}).get("sval", "\0"))


def _header(options: dict[str, Any], *, inward: bool) -> bool | None:
    """Whether there is a header; None where that is not understood."""
    if "header" not in options:
        return False
    argument = options["header"]
    if argument is None:
        return True
    if "Boolean" in argument:
        return bool(argument["Boolean"].get("boolval", False))
    if "Integer" in argument:
        return BOOLEANS.get(str(argument["Integer"].get("ival", 0)))
    text = _text(options, "header", "").lower()
    return (inward and text == "match") or BOOLEANS.get(text)
