"""Run-time parameters that an agent may set wherever it is admitted: they change how, not what or as whom."""

from __future__ import annotations

from narrows.policy.patterns import words

HARMLESS = words(
    """
    application_name bytea_output client_min_messages cursor_tuple_fraction datestyle enable_bitmapscan
    enable_hashagg enable_hashjoin enable_indexonlyscan enable_indexscan enable_material enable_memoize
    enable_mergejoin enable_nestloop enable_seqscan enable_sort extra_float_digits from_collapse_limit
    geqo idle_in_transaction_session_timeout intervalstyle jit join_collapse_limit lc_monetary
    lc_numeric lc_time lock_timeout max_parallel_workers_per_gather plan_cache_mode random_page_cost
    seq_page_cost statement_timeout timezone transaction_timeout default_transaction_isolation
    default_transaction_read_only default_transaction_deferrable transaction_isolation
    transaction_read_only transaction_deferrable
    """
)

PINNED_ENCODINGS = frozenset({"utf8", "utf-8", "unicode"})
"""Spellings of the one client encoding in which the text we read is the text the server reads."""


def is_harmless(name: str, value: str | None) -> bool:
    """Whether any principal that a target admits may set this parameter.

    Args:
        name: The parameter's name in lower case.
        value: Its new value where that is one constant. Values that are computed never get here: `set_config`
            with such a value is judged as a function, for it could carry data into what the server reports.
    """
    if name == "client_encoding":
        return value is not None and value.strip("'\" ").lower() in PINNED_ENCODINGS
    if name == "standard_conforming_strings":
        return value is not None and value.lower() in {"on", "true", "yes", "1"}
    return name in HARMLESS
