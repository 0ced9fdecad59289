"""Whatever somebody types, FTS5 gets a query that it understands, or the one who typed gets an error."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.recordings.index.query import SearchError, fts_query

TYPED = st.text(st.sampled_from("ab1\"*- ():^{}+,;'\\AND ORNEAR\0\n_é\u202e") | st.characters(), max_size=60)


@pytest.fixture(scope="module")
def words():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(text, output)")
    connection.execute("INSERT INTO words VALUES ('select * from a_b where NEAR = 1', 'x')")
    yield connection
    connection.close()


@given(TYPED)
def test_nothing_typed_is_syntax(words, typed):
    try:
        query = fts_query(typed)
    except SearchError:
        return
    words.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,)).fetchall()


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("select customers", '"select" AND "customers"'),
        ('"from a"', '"from a"'),
        ("cust*", '"cust" *'),
        ("a -b -c", '("a") NOT ("b" OR "c")'),
        ("text:secret", '"text:secret"'),
        ("NEAR(a b) OR c", '"NEAR(a" AND "b)" AND "OR" AND "c"'),
        ("a = 1", '"a" AND "1"'),
    ],
)
def test_words_and_phrases(typed, query):
    assert fts_query(typed) == query


@pytest.mark.parametrize("typed", ['"open', "", "***", "-a", "a\0", "x " * 40, "\udcff", "y" * 2_000])
def test_what_cannot_be_searched_for_is_said(typed):
    with pytest.raises(SearchError):
        fts_query(typed)
