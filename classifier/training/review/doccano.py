"""doccano: a project of the kind "Intent Detection and Slot Filling" has both choices and marked stretches.

doccano keeps imported labels as if a person had set them, so every task is imported as 未確認. The person who has looked
at it removes that label; what still has it is no answer.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from classifier.errors import DatasetError
from classifier.training.review.questions import MARKS, questions
from classifier.training.review.records import Answer, answer_of
from classifier.training.review.task import Mark, Task

UNSEEN = "未確認"
SOURCE = "doccano"
_COLON = ": "
_COLORS = {"for": "#d62728", "against": "#1f77b4"}


def as_tasks(tasks: Iterable[Task]) -> str:
    """JSONL to import; the model's answers are labels, and 未確認 says that nobody has looked yet."""
    return "".join(json.dumps(_task(task), ensure_ascii=False) + "\n" for task in tasks)


def _task(task: Task) -> dict[str, Any]:
    chosen = [
        question.title + _COLON + question.choices[label]
        for question in questions()
        for label in task.answers.get(question.name, ())
    ]
    turns = [{"speaker": u.speaker, "text": u.text} for u in task.transcript.utterances if u.speaker]
    return {
        "text": task.transcript.text,
        "entities": [[start, end, MARKS[label]] for start, end, label in _apart(task.marks)],
        "cats": [UNSEEN, *chosen],
        # what doccano keeps beside the text; the same keys in every line, for it reads the lines as a table
        "name": task.transcript.name or "",
        "key": task.key,
        "reason": task.reason,
        "told_channel": task.channel or "",
        "turns": turns,
    }


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """doccano drops stretches that overlap the one before."""
    kept: list[Mark] = []
    for mark in sorted(marks):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def choice_labels() -> str:
    """Label file for the categories: every choice may be set, not only those the model proposed."""
    named = [UNSEEN, *(q.title + _COLON + ja for q in questions() for ja in q.choices.values())]
    return _label_file([(name, "#7f7f7f" if name == UNSEEN else "#2ca02c") for name in named])


def mark_labels() -> str:
    """Label file for the marked stretches."""
    return _label_file([(ja, _COLORS[label]) for label, ja in MARKS.items()])


def _label_file(named: Sequence[tuple[str, str]]) -> str:
    labels = [{"text": name, "background_color": color, "text_color": "#ffffff"} for name, color in named]
    return json.dumps(labels, ensure_ascii=False, indent=1) + "\n"


def is_export(record: Any) -> bool:
    """Whether a line is one of an export of such a project."""
    return isinstance(record, dict) and "text" in record and isinstance(record.get("cats"), list)


def answers(records: Iterable[tuple[int, Any]], name: str) -> Iterator[Answer | str]:
    """An answer for each confirmed line, or in words why there is none."""
    for number, record in records:
        where = f"{name}:{number}"
        try:
            yield _answer(record, where)
        except DatasetError as error:
            yield str(error)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield f"{where}: not a line as doccano exports it (text, cats, entities)"


def _answer(record: Mapping[str, Any], where: str) -> Answer | str:
    cats = [str(cat) for cat in record["cats"]]
    if UNSEEN in cats:
        return f"{where}: still {UNSEEN}; whoever looks at it removes that label"
    by_title = {question.title: question.name for question in questions()}
    chosen: dict[str, list[str]] = {}
    for cat in cats:
        title, _, words = cat.partition(_COLON)
        if title not in by_title:
            raise DatasetError(f"{where}: a category that the label file does not have")
        chosen.setdefault(by_title[title], []).append(words)
    marked = ((start, end, label, None) for start, end, label in record.get("entities", record.get("label")) or [])
    return answer_of(record, chosen, marked, SOURCE, where)
