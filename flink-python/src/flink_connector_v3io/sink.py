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
"""A sink that writes records into V3IO streams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from typing import Any, Callable

from pyflink.common import Row, Types
from pyflink.common.serialization import SerializationSchema
from pyflink.datastream.connectors.base import (
    DeliveryGuarantee,
    Sink,
    StreamTransformer,
    SupportsPreprocessing,
)

from ._errors import call
from ._java import Size, V3ioClientSettings, duration, java_class, java_list, memory_size, path


class OnInvalidRecord(Enum):
    """What to do with a record that can never be stored."""

    FAIL = "fail"
    DROP = "drop"
    #: Store it, where it was to go and why it cannot be stored in the stream of ``set_dead_letter_stream``.
    DEAD_LETTER = "dead-letter"


class OrderGuarantee(Enum):
    """In which order records that belong together are stored: those of one partition key or one shard id."""

    #: In any order.
    NONE = "none"
    #: As a subtask got them, unless the platform fails single records of a request.
    RELAXED = "relaxed"
    #: As a subtask got them, whatever fails: one record of a key for each round trip.
    STRICT = "strict"


class Partitioner(Enum):
    """Who chooses the shard of an element that names none itself."""

    #: The platform: by the partition key, or as it likes without one.
    DEFAULT = "default"
    #: Each subtask writes to one shard, its index modulo the number of shards.
    FIXED = "fixed"
    #: The shard that storey's StreamTarget takes for the partition key, which is a text.
    STOREY = "storey"


class V3ioSink(Sink, SupportsPreprocessing):
    """A sink of V3IO streams; see :meth:`builder`."""

    def __init__(self, j_sink: Any, transformer: StreamTransformer | None) -> None:
        super().__init__(j_sink)
        self._transformer = transformer

    @staticmethod
    def builder() -> V3ioSinkBuilder:
        """Begin to describe a sink."""
        return V3ioSinkBuilder()

    def get_transformer(self) -> StreamTransformer | None:
        """Return what calls the Python functions for each element; PyFlink puts it before the sink."""
        return self._transformer


class V3ioSinkBuilder:
    """Collects and checks what a sink shall be.

    Each method returns the builder, and raises a ``ValueError`` for a value that is out of range. What
    contradicts each other is found by :meth:`build`. Functions are called in the Python workers, once for
    each element and in its order; they are pickled into the job.
    """

    def __init__(self) -> None:
        self._j_builder = java_class("io.v3io.flink.sink.V3ioSink").builder()
        self._chosen = java_class("io.v3io.flink.python.ChosenRow")
        self._j_schema: Any = None
        self._functions: dict[str, Callable[[Any], Any]] = {}

    def set_endpoint(self, endpoint: str) -> V3ioSinkBuilder:
        """Set the server, as ``[http://|https://]host[:port]``.

        Default: the environment variable ``V3IO_API`` where the job is built, else
        ``http://v3io-webapi:8081``.
        """
        return self._set("setEndpoint", endpoint)

    def set_access_key(self, access_key: str) -> V3ioSinkBuilder:
        """Set the access key itself, which becomes part of the job graph; prefer the environment or a file.

        Default: the environment variable ``V3IO_ACCESS_KEY`` of the task managers.
        """
        return self._set("setAccessKey", access_key)

    def set_access_key_file(self, file: str) -> V3ioSinkBuilder:
        """Set a file on the task managers that holds the access key; it is read again when it changes."""
        return self._set("setAccessKeyFile", path(file))

    def configure_client(self, settings: V3ioClientSettings) -> V3ioSinkBuilder:
        """Set everything else about the client: TLS, proxy, connections, timeouts, and the retry policy."""
        return self._set("configureClient", settings._j_settings)

    def set_stream(self, stream: str) -> V3ioSinkBuilder:
        """Set the stream, as ``container/path``, ``http://host:port/container/path`` or ``v3io:///container/path``.

        A server that it names need not be set otherwise.
        """
        return self._set("setStream", stream)

    def set_streams(self, streams: Iterable[str]) -> V3ioSinkBuilder:
        """Set the streams that elements may go to; :meth:`set_stream_selector` chooses among them."""
        return self._set("setStreams", java_list(streams))

    def set_stream_selector(self, selector: Callable[[Any], str]) -> V3ioSinkBuilder:
        """Choose the stream of an element among those of :meth:`set_streams`."""
        self._functions["stream"] = selector
        return self._set("setStreamSelector", self._chosen.stream())

    def set_create_stream(self, shard_count: int, retention_hours: int) -> V3ioSinkBuilder:
        """Create each stream that is missing when the job starts. Default: a missing stream fails the job.

        :param shard_count: shards of a new stream, 1 to 4,096.
        :param retention_hours: hours that it keeps records, 1 to 8,760.
        """
        return self._set("setCreateStream", shard_count, retention_hours)

    def set_serialization_schema(self, schema: SerializationSchema | Callable[[Any], bytes | str]) -> V3ioSinkBuilder:
        """Make the data of a record.

        :param schema: a schema of PyFlink, which wants elements with a type, or a function that returns
            bytes, or text for its UTF-8 bytes.
        """
        if isinstance(schema, SerializationSchema):
            self._functions.pop("data", None)
            self._j_schema = schema._j_serialization_schema
        else:
            self._functions["data"] = schema
            self._j_schema = None
        return self

    def set_partition_key(self, selector: Callable[[Any], str | None]) -> V3ioSinkBuilder:
        """Choose the partition key of an element, at most 256 bytes as UTF-8; None for no key."""
        self._functions["partition_key"] = selector
        return self._set("setPartitionKey", self._chosen.partitionKey())

    def set_shard_id(self, selector: Callable[[Any], int | None]) -> V3ioSinkBuilder:
        """Choose the shard of an element; None leaves it to the platform."""
        self._functions["shard_id"] = selector
        return self._set("setShardId", self._chosen.shardId())

    def set_client_info(self, selector: Callable[[Any], bytes | None]) -> V3ioSinkBuilder:
        """Choose the client info of an element, at most 16 bytes; None for none."""
        self._functions["client_info"] = selector
        return self._set("setClientInfo", self._chosen.clientInfo())

    def set_partitioner(self, partitioner: Partitioner) -> V3ioSinkBuilder:
        """Choose who chooses the shard of an element. Default: DEFAULT."""
        choices = java_class("io.v3io.flink.sink.Partitioner")
        return self._set("setPartitioner", getattr(choices, partitioner.name))

    def set_shard_discovery_interval(self, interval: timedelta) -> V3ioSinkBuilder:
        """Set how often a sink that needs the number of shards looks for it."""
        return self._set("setShardDiscoveryInterval", duration(interval))

    def set_order(self, order: OrderGuarantee) -> V3ioSinkBuilder:
        """Choose in which order records of one key or shard id are stored.

        Default: RELAXED where a key or a shard is chosen, otherwise NONE.
        """
        choices = java_class("io.v3io.flink.sink.OrderGuarantee")
        return self._set("setOrder", getattr(choices, order.name))

    def set_delivery_guarantee(self, guarantee: DeliveryGuarantee) -> V3ioSinkBuilder:
        """Choose the guarantee. Default: AT_LEAST_ONCE."""
        return self._set("setDeliveryGuarantee", guarantee._to_j_delivery_guarantee())

    def set_tag_records(self, tag: bool) -> V3ioSinkBuilder:
        """Give each record a tag in its client info, by which a source can drop its copies. Default: false.

        Exactly once always does so. Not together with :meth:`set_client_info`.
        """
        return self._set("setTagRecords", tag)

    def set_on_invalid_record(self, choice: OnInvalidRecord) -> V3ioSinkBuilder:
        """Choose what to do with a record that can never be stored. Default: FAIL."""
        choices = java_class("io.v3io.flink.sink.OnInvalidRecord")
        return self._set("setOnInvalidRecord", getattr(choices, choice.name))

    def set_dead_letter_stream(self, stream: str) -> V3ioSinkBuilder:
        """Store records that can never be stored where they were to go in another stream, and why.

        Needs ``set_on_invalid_record(OnInvalidRecord.DEAD_LETTER)``. A checkpoint waits until they are stored; the
        job fails when that cannot be done. Of data over 700,000 bytes the beginning is stored. Default: none.

        :param stream: as in :meth:`set_stream`, and not one that elements go to. :meth:`set_create_stream` creates
            it, too.
        """
        return self._set("setDeadLetterStream", stream)

    def set_max_batch_size(self, records: int) -> V3ioSinkBuilder:
        """Set how many records a request has at the most, 1 to 1,000."""
        return self._set("setMaxBatchSize", records)

    def set_max_batch_size_in_bytes(self, size: Size) -> V3ioSinkBuilder:
        """Set how many bytes of JSON a request has at the most."""
        return self._set("setMaxBatchSizeInBytes", memory_size(size))

    def set_max_record_size_in_bytes(self, size: Size) -> V3ioSinkBuilder:
        """Set the largest record in bytes of data. Default: 1 MiB."""
        return self._set("setMaxRecordSizeInBytes", memory_size(size))

    def set_max_time_in_buffer(self, time: timedelta) -> V3ioSinkBuilder:
        """Set after which time a record is sent though its request is not full. Default: 1 second."""
        return self._set("setMaxTimeInBuffer", duration(time))

    def set_max_in_flight_requests(self, requests: int) -> V3ioSinkBuilder:
        """Set how many requests of a subtask are under way together at the most."""
        return self._set("setMaxInFlightRequests", requests)

    def set_max_buffered_requests(self, records: int) -> V3ioSinkBuilder:
        """Set how many records of a subtask wait to be sent at the most."""
        return self._set("setMaxBufferedRequests", records)

    def set_max_pending_bytes(self, size: Size) -> V3ioSinkBuilder:
        """Set how many bytes of a subtask wait or are under way, from which on the job is held back."""
        return self._set("setMaxPendingBytes", memory_size(size))

    def set_staging_directory(self, directory: str) -> V3ioSinkBuilder:
        """Set where an exactly-once sink keeps large epochs, as ``container/path``, outside of all streams."""
        return self._set("setStagingDirectory", directory)

    def set_max_inline_size(self, size: Size) -> V3ioSinkBuilder:
        """Set how many bytes of an exactly-once epoch travel in the checkpoint itself."""
        return self._set("setMaxInlineSize", memory_size(size))

    def set_landing_timeout(self, timeout: timedelta) -> V3ioSinkBuilder:
        """Set after which time a request of unknown fate takes no effect any more (exactly once)."""
        return self._set("setLandingTimeout", duration(timeout))

    def set_takeover_delay(self, delay: timedelta) -> V3ioSinkBuilder:
        """Set how long a predecessor that was given up may still send requests (exactly once)."""
        return self._set("setTakeoverDelay", duration(delay))

    def build(self) -> V3ioSink:
        """Return the sink.

        :raises ValueError: if something is missing, or options contradict each other.
        """
        if not self._functions:
            if self._j_schema is not None:
                self._set("setSerializationSchema", self._j_schema)
            return V3ioSink(call(self._j_builder.build), None)
        if "data" in self._functions:
            self._set("setSerializationSchema", self._chosen.bytes())
        elif self._j_schema is not None:
            self._set("setSerializationSchema", self._chosen.element(self._j_schema))
        return V3ioSink(call(self._j_builder.build), _CallFunctions(dict(self._functions)))

    def _set(self, setter: str, *arguments: Any) -> V3ioSinkBuilder:
        call(getattr(self._j_builder, setter), *arguments)
        return self


class _CallFunctions(StreamTransformer):
    """Puts each element, and what the functions choose for it, into a row that the Java sink takes apart."""

    def __init__(self, functions: dict[str, Callable[[Any], Any]]) -> None:
        self._functions = functions

    def apply(self, ds: Any) -> Any:
        functions = self._functions
        data = functions.get("data")
        choices = [functions.get(name) for name in ("stream", "partition_key", "shard_id", "client_info")]

        def to_row(element: Any) -> Row:
            chosen = [None if choose is None else choose(element) for choose in choices]
            if data is not None:
                made = data(element)
                element = made.encode("utf-8") if isinstance(made, str) else made
            return Row(element, *chosen)

        binary = Types.PRIMITIVE_ARRAY(Types.BYTE())
        row = Types.ROW(
            [
                ds.get_type() if data is None else binary,
                Types.STRING(),
                Types.STRING(),
                Types.INT(),
                binary,
            ]
        )
        return ds.map(to_row, output_type=row).name("Choose")
