"""SQL text to statement facts, with PostgreSQL's own parser.

The parse tree is taken as JSON: building pglast's Python objects costs 25 times the parse itself. What the
walk does not know by name is refused, so a grammar that grows does not open a hole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pglast.parser import ParseError, parse_sql_json

from narrows.policy.postgres.facts import SqlDoesNotParse, SqlNotUnderstood
from narrows.policy.postgres.statements import Reading

if TYPE_CHECKING:
    from narrows.policy.postgres.facts import StatementFacts

TREE_CHARACTERS_MAX = 4 * 1_048_576
"""The longest parse tree that is read, that of some 400,000 characters of INSERT. It takes half a second, in
which nobody else's statement is judged."""

_decoder = msgspec.json.Decoder()


def statement_facts(text: str) -> tuple[StatementFacts, ...]:
    """Reads every statement of a text.

    Args:
        text: What the agent sent, at most as long as the data plane's `statement_bytes_max`.

    Returns:
        The facts of each statement in order; nothing for a text without one.

    Raises:
        SqlNotUnderstood: The text does not parse, or holds something that policy does not know.
    """
    if "\0" in text:
        raise SqlNotUnderstood("the text holds a NUL character")
    try:
        tree = parse_sql_json(text)
        if len(tree) > TREE_CHARACTERS_MAX:
            raise SqlNotUnderstood("the text has more parts than policy reads; send it in smaller pieces")
        document = _decoder.decode(tree)
        return tuple(_read(raw["stmt"]) for raw in document["stmts"])
    except ParseError as error:
        raise SqlDoesNotParse(f"the text does not parse: {error.args[0]}") from error
    except UnicodeEncodeError as error:
        raise SqlNotUnderstood("the text is not valid UTF-8") from error
    except RecursionError as error:
        raise SqlNotUnderstood("the text is nested too deeply") from error
    except msgspec.DecodeError as error:
        raise SqlNotUnderstood("the parser's answer cannot be read") from error


def _read(statement: dict[str, Any]) -> StatementFacts:
    reading = Reading()
    reading.visit(statement, ())
    return reading.facts(statement)
