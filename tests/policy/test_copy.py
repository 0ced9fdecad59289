"""How COPY's options are read, and what is not read."""

from __future__ import annotations

import pytest

from narrows.model import CopyOptions
from narrows.policy.postgres.sql import statement_facts

TEXT = CopyOptions()
CSV = CopyOptions("csv", ",", "", '"', '"', force_quote=True)

READ = {
    "COPY t TO STDOUT": TEXT,
    "COPY (SELECT a FROM t) TO STDOUT (FORMAT text)": TEXT,
    "COPY t TO STDOUT (FORMAT binary)": CopyOptions("binary"),
    "COPY BINARY t TO STDOUT": CopyOptions("binary"),
    "COPY t TO STDOUT (DELIMITER '|', NULL '', HEADER)": CopyOptions(delimiter="|", null="", header=True),
    "COPY t TO STDOUT (HEADER off)": TEXT,
    "COPY t TO STDOUT (HEADER 1)": CopyOptions(header=True),
    "COPY t TO STDOUT (ENCODING 'UTF8', FORMAT csv, FORCE_QUOTE *)": CSV,
    "COPY t TO STDOUT CSV HEADER DELIMITER ';' NULL 'x' QUOTE '''' ESCAPE E'\\\\'": CopyOptions(
        "csv", ";", "x", "'", "\\", header=True
    ),
}

NOT_READ = [
    "COPY t TO STDOUT (FORMAT other)",
    "COPY t TO STDOUT (FORMAT csv, FORMAT text)",
    "COPY t TO STDOUT (SOMETHING 'new')",
    "COPY t TO STDOUT (HEADER match)",
    "COPY t TO STDOUT (HEADER 2)",
    "COPY t TO STDOUT (ENCODING 'SJIS')",
    "COPY t TO STDOUT (ENCODING)",
    "COPY t TO STDOUT (DELIMITER 'é')",
    "COPY t TO STDOUT (DELIMITER '||')",
    "COPY t TO STDOUT (NULL E'a\\tb')",
    "COPY t TO STDOUT (NULL E'x\\\\')",
    "COPY t TO STDOUT (FORMAT csv, NULL '\"')",
    "COPY t TO STDOUT (FORMAT csv, DELIMITER ';', QUOTE ';')",
    "COPY t TO STDOUT (FORMAT csv, ESCAPE ',')",
    "COPY t TO STDOUT (FORMAT csv, QUOTE E'\\n')",
    # What wrote cannot be told as an error afterwards.
    "COPY (DELETE FROM t RETURNING a) TO STDOUT",
    "COPY (WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d) TO STDOUT",
    "COPY t TO '/tmp/t'",
    "SELECT 1",
]


@pytest.mark.parametrize("text", READ)
def test_options_are_read(text: str) -> None:
    (facts,) = statement_facts(text)
    assert facts.copy == READ[text]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_not_understood_is_not_described(text: str) -> None:
    (facts,) = statement_facts(text)
    assert facts.copy is None
