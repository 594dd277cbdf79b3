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

"""Events of storey, the flow engine of MLRun, as its StreamTarget writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyflink.common.serialization import DeserializationSchema, SerializationSchema

from ._java import java_class

_MARKER = "full_event_wrapper"


@dataclass
class StoreyEvent:
    """An event of storey, for functions in Python.

    A source without a schema has records as rows: ``StoreyEvent.from_data(record.data)`` makes an event of one. A
    sink writes events with ``set_serialization_schema(lambda event: event.to_data())``.
    """

    #: What JSON can hold; the data itself of a record that is no JSON.
    body: Any
    #: Usually a text or a list of texts; None without a key.
    key: Any = None
    #: None without an id.
    id: Any = None

    @staticmethod
    def from_data(data: bytes) -> StoreyEvent:
        """Return the event of a record, taken out of its envelope if it is in one (``full_event=True``).

        :param data: the data of a record.
        """
        try:
            told = json.loads(data)
        except ValueError:
            return StoreyEvent(data)
        if isinstance(told, dict) and told.get(_MARKER):
            return StoreyEvent(told.get("body"), told.get("key"), told.get("id"))
        return StoreyEvent(told)

    def to_data(self) -> bytes:
        """Return the event in its envelope, as the data of a record.

        As in storey, what JSON cannot hold is written as its text.
        """
        told: dict[str, Any] = {_MARKER: True, "body": self.body}
        for name, value in (("key", self.key), ("id", self.id)):
            if value is not None:
                told[name] = value.isoformat() if isinstance(value, datetime) else value
        return json.dumps(told, default=str).encode("utf-8")


class StoreyDeserializationSchema(DeserializationSchema):
    """Reads the bodies of events, in their envelopes or not, by another schema."""

    def __init__(self, body: DeserializationSchema) -> None:
        """Wrap a schema.

        :param body: a schema of PyFlink that reads the JSON of a body, and records that are no JSON.
        """
        schema = java_class("io.v3io.flink.formats.StoreyDeserializationSchema")
        super().__init__(schema.ofBodies(body._j_deserialization_schema))


class StoreySerializationSchema(SerializationSchema):
    """Writes events without key and id, whose bodies another schema makes; see :class:`StoreyEvent` for those with."""

    def __init__(self, body: SerializationSchema) -> None:
        """Wrap a schema.

        :param body: a schema of PyFlink that writes JSON; a job whose schema does not fails.
        """
        schema = java_class("io.v3io.flink.formats.StoreySerializationSchema")
        super().__init__(schema.ofBodies(body._j_serialization_schema))
