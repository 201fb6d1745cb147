"""Label Studio: the labelling interface, tasks with predictions, and its JSON and JSON-MIN exports."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from classifier.errors import DatasetError
from classifier.training.review.questions import MARKS, questions
from classifier.training.review.records import Answer, answer_of
from classifier.training.review.task import Task

_MARKS = "evidence"  # name of the tag with the stretches
_COLORS = {"for": "#d62728", "against": "#1f77b4"}
SOURCE = "Label Studio"


def interface() -> str:
    """The labelling interface (Settings → Labeling Interface → Code)."""
    asked = questions()
    words = asked[0].choices
    lines = ["<View>", '  <Header value="$name" size="5"/>', f'  <Labels name="{_MARKS}" toName="text">']
    lines += [f'    <Label value={quoteattr(ja)} background="{_COLORS[label]}"/>' for label, ja in MARKS.items()]
    lines += ["  </Labels>", '  <Text name="text" value="$text" granularity="character"/>']
    for question in asked:
        shown = ""
        if question.when:
            shown = (
                f' visibleWhen="choice-selected" whenTagName="label" whenChoiceValue={quoteattr(words[question.when])}'
            )
        lines += [f"  <View{shown}>", f'    <Header value={quoteattr(question.title)} size="6"/>']
        choice = "multiple" if question.several else "single"
        needed = ' required="true"' if question.name == "label" else ""
        lines.append(f'    <Choices name="{question.name}" toName="text" choice="{choice}" showInLine="true"{needed}>')
        lines += [f"      <Choice value={quoteattr(ja)}/>" for ja in question.choices.values()]
        lines += ["    </Choices>", "  </View>"]
    return "\n".join([*lines, "</View>"]) + "\n"


def as_tasks(tasks: Iterable[Task]) -> str:
    """Tasks to import; the model's answers are predictions, which a person accepts or changes."""
    return json.dumps([_task(task) for task in tasks], ensure_ascii=False, indent=1) + "\n"


def _task(task: Task) -> dict[str, Any]:
    transcript = task.transcript
    turns = [{"speaker": u.speaker, "text": u.text} for u in transcript.utterances if u.speaker]
    shown = {"text": transcript.text, "name": transcript.name or "", "key": task.key, "reason": task.reason}
    if task.channel:
        shown["told_channel"] = task.channel
    found: list[dict[str, Any]] = []
    for question in questions():
        chosen = [question.choices[label] for label in task.answers.get(question.name, ())]
        if chosen:
            found.append(_region(question.name, "choices", {"choices": chosen}))
    for at, (start, end, label) in enumerate(task.marks):
        value = {"start": start, "end": end, "text": transcript.text[start:end], "labels": [MARKS[label]]}
        found.append({"id": f"{task.key}-{at}", **_region(_MARKS, "labels", value)})
    prediction = {"model_version": task.signature, "score": round(task.probability, 6), "result": found}
    return {"data": {**shown, **({"turns": turns} if turns else {})}, "predictions": [prediction]}


def _region(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": kind, "value": value}


def is_export(found: Any) -> bool:
    """Whether a JSON value is an export of tasks, JSON or JSON-MIN."""
    return isinstance(found, list) and any(
        isinstance(item, dict) and ("annotation_id" in item or (isinstance(item.get("data"), dict))) for item in found
    )


def answers(found: Sequence[Any], name: str) -> Iterator[Answer | str]:
    """An answer for each labelled task, or in words why there is none. Offsets are code points, as the tool counts them."""
    for at, item in enumerate(found, 1):
        where = f"{name}: task {item.get('id', at) if isinstance(item, dict) else at}"
        try:
            yield _full(item, where) if isinstance(item, dict) and "data" in item else _flat(item, where)
        except (DatasetError, KeyError, TypeError, ValueError, AttributeError) as error:
            yield str(error) if isinstance(error, DatasetError) else f"{where}: not a task as Label Studio exports it"


def _full(item: Mapping[str, Any], where: str) -> Answer | str:
    """A task of the JSON export. Several people may have labelled it; skipped annotations do not count."""
    given = item.get("annotations", item.get("completions", []))
    kept = [a for a in given if not (a.get("was_cancelled") or a.get("skipped"))]
    kept = [a for a in kept if a.get("ground_truth")] or kept
    if not kept:
        return f"{where}: skipped or not labelled"
    kept.sort(key=lambda annotation: str(annotation.get("updated_at") or annotation.get("created_at") or ""))
    read = [_of_regions(annotation["result"], item["data"], where) for annotation in kept]
    if len({answer.label for answer in read if answer.label}) > 1:
        return f"{where}: its annotators disagree on the label; settle it in the tool and export again"
    return read[-1]


def _of_regions(regions: Sequence[Mapping[str, Any]], shown: Mapping[str, Any], where: str) -> Answer:
    chosen: dict[str, list[str]] = {}
    marks = []
    for region in regions:
        if region.get("type") == "choices":
            chosen.setdefault(region["from_name"], []).extend(region["value"]["choices"])
        elif region.get("from_name") == _MARKS:
            marks.append(region["value"])
    return _answer(chosen, marks, shown, where)


def _flat(item: Mapping[str, Any], where: str) -> Answer:
    """A task of the JSON-MIN export: one choice is a word, several are {"choices": [...]}."""
    chosen = {}
    for question in questions():
        value = item.get(question.name)
        if isinstance(value, dict):
            chosen[question.name] = list(value["choices"])
        elif isinstance(value, str):
            chosen[question.name] = [value]
        elif isinstance(value, list):
            chosen[question.name] = [
                v for part in value for v in (part["choices"] if isinstance(part, dict) else [part])
            ]
    return _answer(chosen, item.get(_MARKS) or [], item, where)


def _answer(
    chosen: Mapping[str, Sequence[str]], marks: Sequence[Mapping[str, Any]], shown: Mapping[str, Any], where: str
) -> Answer:
    marked = ((m["start"], m["end"], m["labels"][0], m.get("text")) for m in marks)
    return answer_of(shown, chosen, marked, SOURCE, where)
