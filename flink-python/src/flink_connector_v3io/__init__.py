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

"""V3IO streams in PyFlink jobs.

A source, a sink, and the jar that both need::

    env = StreamExecutionEnvironment.get_execution_environment()
    add_jar(env)
    words = (
        V3ioSource.builder()
        .set_endpoint("http://127.0.0.1:8081")
        .set_stream("users/me/words")
        .set_starting_position(StartingPosition.earliest())
        .set_deserializer(SimpleStringSchema())
        .build()
    )
    env.from_source(words, WatermarkStrategy.no_watermarks(), "words").print()
    with readable_errors():
        env.execute()
"""

from pyflink.datastream.connectors.base import DeliveryGuarantee

from ._errors import V3ioJobError, readable_errors
from ._java import RetryPolicy, V3ioClientSettings
from .formats import StoreyDeserializationSchema, StoreyEvent, StoreySerializationSchema
from .jars import add_jar, jar_path
from .positions import StartingPosition, StoppingPosition
from .sink import OnInvalidRecord, OrderGuarantee, Partitioner, V3ioSink, V3ioSinkBuilder
from .source import (
    OnDataLoss,
    OnDeletedStream,
    OnDeserializationFailure,
    OnMissingStream,
    OnUnsubscribedStream,
    V3ioSource,
    V3ioSourceBuilder,
    record_type,
)

__all__ = [
    "DeliveryGuarantee",
    "OnInvalidRecord",
    "OnDataLoss",
    "OnDeletedStream",
    "OnDeserializationFailure",
    "OnMissingStream",
    "OnUnsubscribedStream",
    "OrderGuarantee",
    "Partitioner",
    "RetryPolicy",
    "StartingPosition",
    "StoppingPosition",
    "StoreyDeserializationSchema",
    "StoreyEvent",
    "StoreySerializationSchema",
    "V3ioClientSettings",
    "V3ioJobError",
    "V3ioSink",
    "V3ioSinkBuilder",
    "V3ioSource",
    "V3ioSourceBuilder",
    "add_jar",
    "jar_path",
    "readable_errors",
    "record_type",
]
