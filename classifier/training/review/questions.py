"""What is asked of a text, the same in every tool. People see the Japanese words; ids stand in the records."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from classifier.errors import DatasetError, UnknownLabelError
from classifier.taxonomy import labels

LABELS = {"scam": "詐欺", "benign": "詐欺でない"}
KINDS = {
    "lookalike": "詐欺と紛らわしい正規の連絡",
    "awareness": "詐欺の注意喚起・体験談",
    "ordinary": "詐欺と関係のない会話・文面",
    "blunt": "強い催促・警告だが正規のもの",
}
CHANNELS = {
    "phone": "電話", "sms": "SMS", "email": "メール", "sns": "SNS・チャット", "web": "ウェブ", "postal": "郵便", "visit": "訪問",
}  # fmt: skip
MARKS = {"for": "詐欺らしい箇所", "against": "正規らしい箇所"}  # stretches of the text


class Question(NamedTuple):
    """One question. `when` is the label for which it is asked."""

    name: str
    title: str
    choices: Mapping[str, str]  # Japanese words by id
    several: bool = False
    when: str | None = None

    def read(self, words: str) -> str:
        """The id that a choice stands for, given as the words or the id. Raises UnknownLabelError without the choice."""
        if words in self.choices:
            return words
        for label, ja in self.choices.items():
            if words.strip() == ja:
                return label
        raise UnknownLabelError(f"unknown choice for {self.name}. Known: {', '.join(self.choices)}")


def questions() -> tuple[Question, ...]:
    """All questions, in the order in which they are asked."""
    return (
        Question("label", "判定", LABELS),
        Question("scam_type", "手口", labels("scam_types"), when="scam"),
        Question("tactics", "手段", labels("tactics"), several=True, when="scam"),
        Question("domain", "分野", labels("benign_domains"), when="benign"),
        Question("kind", "種類", KINDS, when="benign"),
        Question("channel", "経路", CHANNELS),
    )


def read_choices(chosen: Mapping[str, Sequence[str]], where: str) -> dict[str, Any]:
    """Ids by question: a tuple where several may be chosen, else one or None. Raises UnknownLabelError with `where`."""
    read: dict[str, Any] = {}
    for question in questions():
        try:
            ids = [question.read(words) for words in chosen.get(question.name, ())]
        except UnknownLabelError as error:
            raise UnknownLabelError(f"{where}: {error}") from None
        if len(set(ids)) > 1 and not question.several:
            raise DatasetError(f"{where}: several choices for {question.name}; choose one")
        read[question.name] = tuple(dict.fromkeys(ids)) if question.several else ids[0] if ids else None
    return read
