"""The errors this package raises on purpose.

ClassifierError
├── TranscriptError      a text or file cannot be scored: empty, binary, unreadable
│   └── ColumnError          a table lacks a column, or none is recognised as the text
├── ModelError           a model folder is missing a part, damaged, or made for something else
├── DatasetError         a record breaks the schema, or a file must not be used here
│   └── UnknownLabelError    a label that is not in the taxonomy
├── FeedbackError        a store of corrections cannot be read or written
├── BatchError           a batch cannot begin or go on: nothing to read, another model or input, no workers
├── UnknownPrefectureError   a place that is none of the 47 prefectures
└── ServiceError         the service cannot start as asked

A message says what was found, where, and what to do. It never holds the text that was being scored.
"""

_LONGEST_SHOWN = 20  # characters; a longer label is a text in the wrong place, and texts are not shown


def shown(value: object) -> str:
    """A label or name for a message: as it is where it is short, its length where it may be a text."""
    word = str(value)
    return repr(value) if len(word) <= _LONGEST_SHOWN else f"of {len(word)} characters"


class ClassifierError(Exception):
    """Base of every error raised on purpose."""


class TranscriptError(ClassifierError):
    """A text or file cannot be scored."""


class ColumnError(TranscriptError):
    """A table lacks a column. The message names the columns that exist, nothing else of the table."""


class ModelError(ClassifierError):
    """A model folder cannot be used."""


class DatasetError(ClassifierError):
    """A training or evaluation record cannot be used."""


class UnknownLabelError(DatasetError):
    """A label that is not in the taxonomy."""


class FeedbackError(ClassifierError):
    """A store of corrections cannot be read or written."""


class BatchError(ClassifierError):
    """A batch cannot begin or go on."""


class UnknownPrefectureError(ClassifierError):
    """A place that is none of the 47 prefectures."""


class ServiceError(ClassifierError):
    """The service cannot start as asked."""
