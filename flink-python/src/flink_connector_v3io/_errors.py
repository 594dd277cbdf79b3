# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""What Java says, without the eighty lines that Py4J puts around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from py4j.protocol import Py4JJavaError

_SETTER = re.compile(r"\b(set|configure)((?:[A-Z][a-z0-9]*)+)\b")
_SETTER_OF_JAVA_ONLY = {"setShardAssigner", "setInvalidRecordHandler"}

# The name of a setting by itself, such as maxBatchSize; not a part of a path, an address or a quotation.
_SETTING = re.compile(r"(?<![\w'\"./@-])(?!set[A-Z])[a-z]+(?:[A-Z][a-z0-9]*)+(?![\w'\"/@-])")


class V3ioJobError(Exception):
    """A job has failed. The message is that of the connector, or of Flink, from the outermost cause to the root."""


def in_words_of_python(message: str) -> str:
    """Name Java's setters as this package does: ``setMaxBatchSize`` is ``set_max_batch_size``."""

    def rename(match: re.Match[str]) -> str:
        if match.group() in _SETTER_OF_JAVA_ONLY:
            return match.group()
        return snake_case(match.group())

    return _SETTER.sub(rename, message)


def snake_case(name: str) -> str:
    """Write ``camelCase`` as ``camel_case``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match.group().lower(), name).lower()


def call(function: Any, *arguments: Any) -> Any:
    """Call Java; a value that it refuses becomes a ``ValueError`` with its message."""
    try:
        return function(*arguments)
    except Py4JJavaError as error:
        raise _refusal(error.java_exception) from None


def _refusal(exception: Any) -> Exception:
    message = in_words_of_python(str(exception.getMessage() or exception.toString()))
    message = _SETTING.sub(lambda match: snake_case(match.group()), message)
    name = str(exception.getClass().getName())
    if name in ("java.lang.IllegalArgumentException", "java.lang.IllegalStateException") or (
        name == "java.lang.NullPointerException"
    ):
        return ValueError(message)
    return V3ioJobError(message)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn what Py4J raises in the block into a ``V3ioJobError`` with the messages of all causes.

    Each cause that says something new has a line of its own; what wraps another's message is left out.
    The whole stack is in Flink's log, and in ``error.__cause__``::

        with readable_errors():
            env.execute()
    """
    try:
        yield
    except Py4JJavaError as error:
        raise V3ioJobError(_messages(error.java_exception)) from _Quiet(error)


class _Quiet(Exception):
    """The original, of which a traceback prints one line."""

    def __init__(self, original: Py4JJavaError) -> None:
        super().__init__("raised by Java; the whole stack is in error.__cause__.original and in Flink's log")
        self.original = original


def _messages(exception: Any) -> str:
    lines: list[str] = []
    while exception is not None:
        message = exception.getMessage()
        text = in_words_of_python(str(message)) if message is not None else ""
        text = text or str(exception.getClass().getSimpleName())
        # A throwable without a message of its own has its cause's, with the name of the class.
        if not (lines and text in lines[-1]):
            cause = exception.getCause()
            own = cause is None or str(message) != str(cause.toString())
            if own:
                lines.append(text)
        exception = exception.getCause()
    return "\n  because: ".join(lines)
