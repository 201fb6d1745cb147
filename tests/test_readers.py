import pytest

from classifier import TranscriptError
from classifier.readers import decode, find_files, read_file

TEXT = "もしもし、東部市役所の保険年金課です。\n医療費の還付金の件でお電話いたしました。青い封筒は届いておりますでしょうか。\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_of_japan(encoding):
    assert decode(TEXT.encode(encoding), "call.txt") == TEXT


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
@pytest.mark.parametrize("text", ["振込先の口座番号を教えてください", "ﾃﾞﾝﾜ代が未納です、本日中にご連絡ください"])
def test_short_texts_are_recognised_too(encoding, text):
    assert decode(text.encode(encoding), "sms.txt") == text


def test_line_ends_become_one_kind():
    assert decode("一\r\n二\r三".encode(), "x") == "一\n二\n三"


BROKEN = [
    (b"", "empty"),
    (b" \n\t", "empty"),
    (bytes(range(256)) * 40, "binary"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 30, "binary"),
    (b"\xff\xfe\x00", "starts like"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_what_is_no_text_is_said_in_one_line(tmp_path, content, message):
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(TranscriptError, match=message) as caught:
        read_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(TranscriptError, match="No such file"):
        read_file(tmp_path / "none.txt")
    with pytest.raises(TranscriptError, match="no files"):
        list(find_files([str(tmp_path)]))


def test_folders_are_opened_in_order(tmp_path):
    for name in ("b.txt", "a.txt", ".hidden"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.txt").write_text("x", encoding="utf-8")
    assert [p.split("/")[-1] for p in find_files([str(tmp_path), "-"])] == ["a.txt", "b.txt", "c.txt", "-"]
