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
"""A source of V3IO streams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from typing import Any

from pyflink.common import Types
from pyflink.common.serialization import DeserializationSchema
from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream.connectors.base import Source
from pyflink.java_gateway import get_gateway

from ._errors import call
from ._java import (
    Size,
    V3ioClientSettings,
    duration,
    java_class,
    java_list,
    java_set,
    memory_size,
    path,
)
from .positions import StartingPosition, StoppingPosition


class _Choice(Enum):
    def _to_java(self) -> Any:
        return getattr(java_class("io.v3io.flink.source." + type(self).__name__), self.name)


class OnDataLoss(_Choice):
    """What to do when retention has removed records that were not read yet."""

    FAIL = "fail"
    EARLIEST = "earliest"
    LATEST = "latest"


class OnDeserializationFailure(_Choice):
    """What to do with a record that cannot be deserialized."""

    FAIL = "fail"
    DROP = "drop"
    DEAD_LETTER = "dead-letter"


class OnMissingStream(_Choice):
    """What to do when a stream is not there at the start of the job."""

    FAIL = "fail"
    WAIT = "wait"


class OnDeletedStream(_Choice):
    """What to do when a stream is deleted while the job runs."""

    FAIL = "fail"
    END = "end"


class OnUnsubscribedStream(_Choice):
    """What to do with a stream that a checkpoint has and the job does not ask for any more."""

    READ_ON = "read-on"
    DROP = "drop"


def record_type() -> TypeInformation:
    """Return the type of the rows that a source without a deserialization schema makes.

    Fields: ``data`` (bytes), ``partition_key`` (str or None), ``client_info`` (bytes or None), ``stream``
    (str, ``container/path``), ``shard`` (int), ``sequence_number`` (int), ``arrival_time`` (PyFlink's
    ``Instant``, exact to the nanosecond).
    """
    data = Types.PRIMITIVE_ARRAY(Types.BYTE())
    return Types.ROW_NAMED(
        ["data", "partition_key", "client_info", "stream", "shard", "sequence_number", "arrival_time"],
        [data, Types.STRING(), data, Types.STRING(), Types.INT(), Types.LONG(), Types.INSTANT()],
    )


class V3ioSource(Source):
    """A source of V3IO streams; see :meth:`builder`."""

    @staticmethod
    def builder() -> V3ioSourceBuilder:
        """Begin to describe a source."""
        return V3ioSourceBuilder()


class V3ioSourceBuilder:
    """Collects and checks what a source shall be.

    Each method returns the builder, and raises a ``ValueError`` for a value that is out of range. What
    contradicts each other is found by :meth:`build`.
    """

    def __init__(self) -> None:
        self._j_builder = java_class("io.v3io.flink.source.V3ioSource").builder()
        self._deserializer: Any = None

    def set_endpoint(self, endpoint: str) -> V3ioSourceBuilder:
        """Set the server, as ``[http://|https://]host[:port]``.

        Default: the environment variable ``V3IO_API`` where the job is built, else
        ``http://v3io-webapi:8081``.
        """
        return self._set("setEndpoint", endpoint)

    def set_access_key(self, access_key: str) -> V3ioSourceBuilder:
        """Set the access key itself, which becomes part of the job graph; prefer the environment or a file.

        Default: the environment variable ``V3IO_ACCESS_KEY`` of the task managers.
        """
        return self._set("setAccessKey", access_key)

    def set_access_key_file(self, file: str) -> V3ioSourceBuilder:
        """Set a file on the task managers that holds the access key; it is read again when it changes."""
        return self._set("setAccessKeyFile", path(file))

    def configure_client(self, settings: V3ioClientSettings) -> V3ioSourceBuilder:
        """Set everything else about the client: TLS, proxy, connections, timeouts, and the retry policy."""
        return self._set("configureClient", settings._j_settings)

    def set_stream(self, stream: str) -> V3ioSourceBuilder:
        """Set the stream, as ``container/path``, ``http://host:port/container/path@group`` or ``v3io:///container/path``.

        A server and a consumer group that it names need not be set otherwise.
        """
        return self._set("setStream", stream)

    def set_streams(self, streams: Iterable[str]) -> V3ioSourceBuilder:
        """Set several streams, each as ``container/path``."""
        return self._set("setStreams", java_list(streams))

    def set_stream_pattern(self, directory: str, names: str) -> V3ioSourceBuilder:
        """Read all streams of a directory whose names match; new ones are found while the job runs.

        :param directory: as ``container/path``.
        :param names: a regular expression of Java for the whole name within the directory.
        """
        pattern = call(get_gateway().jvm.java.util.regex.Pattern.compile, names)
        return self._set("setStreamPattern", directory, pattern)

    def set_on_missing_stream(self, choice: OnMissingStream) -> V3ioSourceBuilder:
        """Choose what to do when a stream is not there. Default: FAIL."""
        return self._set("setOnMissingStream", choice._to_java())

    def set_on_deleted_stream(self, choice: OnDeletedStream) -> V3ioSourceBuilder:
        """Choose what to do when a stream is deleted. Default: FAIL."""
        return self._set("setOnDeletedStream", choice._to_java())

    def set_on_unsubscribed_stream(self, choice: OnUnsubscribedStream) -> V3ioSourceBuilder:
        """Choose what to do with streams of a checkpoint that are not asked for any more. Default: READ_ON."""
        return self._set("setOnUnsubscribedStream", choice._to_java())

    def set_starting_position(self, position: StartingPosition, stream: str | None = None) -> V3ioSourceBuilder:
        """Set where to begin where no checkpoint says it. Default: earliest.

        :param stream: the stream that it is for. Default: all that have none of their own.
        """
        return self._set("setStartingPosition", *_for_stream(stream), position._j_position)

    def set_bounded(self, position: StoppingPosition, stream: str | None = None) -> V3ioSourceBuilder:
        """Set where to end, which makes the source bounded. Default: the job never ends.

        :param stream: the stream that it is for. Default: all that have none of their own.
        """
        return self._set("setBounded", *_for_stream(stream), position._j_position)

    def set_unbounded(self, position: StoppingPosition) -> V3ioSourceBuilder:
        """Set where to end, and run as a streaming job all the same."""
        return self._set("setUnbounded", position._j_position)

    def set_consumer_group(self, group: str) -> V3ioSourceBuilder:
        """Commit the positions of complete checkpoints for a group, for others to see. Default: none.

        :param group: letters, digits and underscores, without an underscore at the beginning.
        """
        return self._set("setConsumerGroup", group)

    def set_shard_ids(self, ids: Iterable[int], stream: str | None = None) -> V3ioSourceBuilder:
        """Read some shards only. Default: all.

        :param stream: the stream that they are of. Default: all that have none of their own.
        """
        return self._set("setShardIds", *_for_stream(stream), java_set(ids))

    def set_element_limit(self, elements: int) -> V3ioSourceBuilder:
        """End each subtask after so many elements, 1 or more. Default: no limit."""
        return self._set("setElementLimit", elements)

    def set_deserializer(self, schema: DeserializationSchema) -> V3ioSourceBuilder:
        """Make elements of the data of records. Default: a row of the whole record, see :func:`record_type`."""
        self._deserializer = schema._j_deserialization_schema
        return self

    def set_shard_discovery_interval(self, interval: timedelta) -> V3ioSourceBuilder:
        """Set how often to look for new shards; zero never looks after the start. Default: 10 seconds."""
        return self._set("setShardDiscoveryInterval", duration(interval))

    def set_max_records_per_request(self, records: int) -> V3ioSourceBuilder:
        """Set how many records to ask for at a time, 1 or more."""
        return self._set("setMaxRecordsPerRequest", records)

    def set_buffer_size(self, size: Size) -> V3ioSourceBuilder:
        """Set the bytes of answers, under way and not emitted, of a subtask. A number, or text as ``"64 mb"``."""
        return self._set("setBufferSize", memory_size(size))

    def set_read_ahead(self, requests: int) -> V3ioSourceBuilder:
        """Set how many requests of one shard may be under way, 1 or more; 1 for never more than one. Default: 16."""
        return self._set("setReadAhead", requests)

    def set_idle_pause(self, shortest: timedelta, longest: timedelta) -> V3ioSourceBuilder:
        """Set how long a shard with nothing new rests, at first and at the most."""
        return self._set("setIdlePause", duration(shortest), duration(longest))

    def set_max_records_per_second(self, records: int) -> V3ioSourceBuilder:
        """Limit the whole job to so many records a second, 1 or more. Default: no limit."""
        return self._set("setMaxRecordsPerSecond", records)

    def set_max_bytes_per_second(self, size: Size) -> V3ioSourceBuilder:
        """Limit the whole job to so many bytes of data a second. Default: no limit."""
        return self._set("setMaxBytesPerSecond", memory_size(size))

    def set_backlog_threshold(self, threshold: timedelta) -> V3ioSourceBuilder:
        """Set how far behind a shard must start to be a backlog to Flink, until it has caught up. Default: never."""
        return self._set("setBacklogThreshold", duration(threshold))

    def set_drop_duplicates(self, drop: bool) -> V3ioSourceBuilder:
        """Drop a record whose tag, a client info of 16 bytes, was that of an earlier one in its shard. Default: false.

        For streams that this connector's sink writes, exactly once or with ``set_tag_records``.
        """
        return self._set("setDropDuplicates", drop)

    def set_drop_duplicates_window(self, max_records: int, max_time: timedelta) -> V3ioSourceBuilder:
        """Set for how long a record is remembered to know its copies; whichever bound is reached first.

        :param max_records: of one shard, 1 to 10,000,000. Default: 100,000.
        :param max_time: from its arrival to that of the newest record, 1 ms to 7 days. Default: 10 minutes.
        """
        return self._set("setDropDuplicatesWindow", max_records, duration(max_time))

    def set_on_data_loss(self, choice: OnDataLoss) -> V3ioSourceBuilder:
        """Choose what to do when records are gone before they were read. Default: FAIL."""
        return self._set("setOnDataLoss", choice._to_java())

    def set_on_deserialization_failure(self, choice: OnDeserializationFailure) -> V3ioSourceBuilder:
        """Choose what to do with a record that cannot be deserialized. Default: FAIL."""
        return self._set("setOnDeserializationFailure", choice._to_java())

    def set_dead_letter_stream(self, stream: str) -> V3ioSourceBuilder:
        """Store records that cannot be deserialized in another stream, with where they came from and why.

        Needs ``set_on_deserialization_failure(OnDeserializationFailure.DEAD_LETTER)``. A checkpoint waits until the
        dead letters of all records before it are stored; the job fails when that cannot be done. Default: none.

        :param stream: as in :meth:`set_stream`, without a consumer group. It must exist, and not be one of those that
            are read.
        """
        return self._set("setDeadLetterStream", stream)

    def build(self) -> V3ioSource:
        """Return the source.

        :raises ValueError: if something is missing, or options contradict each other.
        """
        schema = self._deserializer
        if schema is None:
            schema = java_class("io.v3io.flink.python.RecordRowSchema")()
        self._set("setDeserializer", schema)
        return V3ioSource(call(self._j_builder.build))

    def _set(self, setter: str, *arguments: Any) -> V3ioSourceBuilder:
        call(getattr(self._j_builder, setter), *arguments)
        return self


def _for_stream(stream: str | None) -> list[str]:
    return [] if stream is None else [stream]
