"""Rows of large files: cut in bytes where the csv module would cut them."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.batch import pieces as cutting
from classifier.batch.pieces import pieces

CELLS = st.text(st.sampled_from('あ"",\n\r;\ta 。'), max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=6)


def cut(content: bytes):
    found = list(pieces(io.BytesIO(content), 0, len(content), b","))
    assert b"".join(piece.content for piece in found) == content
    assert [piece.start for piece in found[1:]] == [piece.stop for piece in found[:-1]]
    return [piece.content for piece in found]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("block", [1, 2, 3, 7, 1024])
@settings(deadline=None)  # the machine of a test may be busy
@given(table=TABLES, ends=st.sampled_from(["\n", "\r\n"]))
def test_rows_are_those_of_the_csv_module(encoding, block, table, ends):
    out = io.StringIO()
    # the writer leaves a bare \r unquoted where rows end with \n
    quoting = csv.QUOTE_ALL if ends == "\n" else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=ends, quoting=quoting).writerows(table)
    written = out.getvalue()
    before = cutting._BLOCK
    cutting._BLOCK = block
    try:
        rows = cut(written.encode(encoding))
    finally:
        cutting._BLOCK = before
    assert [next(csv.reader([row.decode(encoding)], strict=True)) for row in rows] == table


STRAY = [
    ('5" 管,a\n6" 管,b\n', 2),  # a mark that opens nothing
    ('a,"x""\ny",b\nc\n', 2),
    ('"a"b,"x\ny"\nc\n', 2),  # not a CSV; the row is refused as one
    ('a,"never closed\nb\nc\n', 1),
    ("a\rb\rc", 3),
    ("\n\na\n", 3),
]


@pytest.mark.parametrize(("content", "n_rows"), STRAY)
def test_marks_where_none_belong(content, n_rows):
    assert len(cut(content.encode())) == n_rows


def test_a_row_over_the_limit_is_passed_over(monkeypatch):
    monkeypatch.setattr(cutting, "MOST_ROW", 100)
    content = b'a,b\n"' + b"x\n" * 5_000 + b'",y\nc,d\n'
    found = list(pieces(io.BytesIO(content), 0, len(content), b","))
    assert [piece.content for piece in found] == [b"a,b\n", None, b"c,d\n"]
    assert found[1].stop - found[1].start == len(content) - 8
