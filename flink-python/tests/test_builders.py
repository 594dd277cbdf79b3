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
import re
from datetime import datetime, timedelta, timezone

import pytest
from py4j.java_gateway import get_java_class
from pyflink.common import SimpleStringSchema
from pyflink.java_gateway import get_gateway

from flink_connector_v3io import (
    OnDataLoss,
    OnDeserializationFailure,
    OnInvalidRecord,
    RetryPolicy,
    StartingPosition,
    StoppingPosition,
    V3ioClientSettings,
    V3ioSink,
    V3ioSinkBuilder,
    V3ioSource,
    V3ioSourceBuilder,
)
from flink_connector_v3io._errors import in_words_of_python, snake_case
from flink_connector_v3io._java import java_class

# What takes an implementation of a Java interface; docs/python.md says so.
OF_JAVA_ONLY = {"setShardAssigner", "setInvalidRecordHandler"}


def setters(name):
    methods = get_java_class(java_class(name)).getMethods()
    names = {method.getName() for method in methods}
    return {name for name in names if re.match("(set|configure)[A-Z]", name)}


@pytest.mark.parametrize(
    ("java", "python"),
    [
        ("io.v3io.flink.source.V3ioSourceBuilder", V3ioSourceBuilder),
        ("io.v3io.flink.sink.V3ioSinkBuilder", V3ioSinkBuilder),
    ],
)
def test_has_every_option_of_the_java_builder(java, python):
    of_java = {snake_case(name) for name in setters(java) - OF_JAVA_ONLY}
    of_python = {name for name in vars(python) if re.match("(set|configure)_", name)}
    assert of_python == of_java


def test_has_every_setting_of_the_java_client():
    of_java = {snake_case(name) for name in setters("io.v3io.client.V3ioClientBuilder")}
    # The builders of source and sink have these themselves.
    of_java -= {"set_endpoint", "set_access_key", "set_access_key_file", "set_max_record_bytes"}
    assert {name for name in vars(V3ioClientSettings) if name.startswith("set_")} == of_java


@pytest.mark.parametrize("name", ["StartingPosition", "StoppingPosition"])
def test_has_every_position(name):
    methods = get_java_class(java_class("io.v3io.flink.source." + name)).getMethods()
    modifier = get_gateway().jvm.java.lang.reflect.Modifier
    of_java = {snake_case(m.getName()) for m in methods if modifier.isStatic(m.getModifiers())}
    python = StartingPosition if name == "StartingPosition" else StoppingPosition
    of_python = {key for key, value in vars(python).items() if isinstance(value, staticmethod)}
    # For SQL, where a time may be an expression.
    assert of_python == of_java - {"computed_timestamp"}


@pytest.mark.parametrize(
    "name",
    ["OnDataLoss", "OnDeserializationFailure", "OnMissingStream", "OnDeletedStream", "OnUnsubscribedStream"],
)
def test_has_every_choice(name):
    import flink_connector_v3io

    of_java = {str(value.name()) for value in java_class("io.v3io.flink.source." + name).values()}
    choice = getattr(flink_connector_v3io, name)
    assert {value.name for value in choice} == of_java
    assert all(value._to_java().name() == value.name for value in choice)


@pytest.mark.parametrize("name", ["OnInvalidRecord", "Partitioner"])
def test_has_every_choice_of_the_sink(name):
    import flink_connector_v3io

    of_java = {str(value.name()) for value in java_class("io.v3io.flink.sink." + name).values()}
    assert {value.name for value in getattr(flink_connector_v3io, name)} == of_java


def test_dead_letters_need_a_stream_and_the_choice():
    source = V3ioSource.builder().set_stream("users/a").set_deserializer(SimpleStringSchema())
    with pytest.raises(ValueError, match="set_dead_letter_stream needs set_on_deserialization_failure with DEAD"):
        source.set_dead_letter_stream("users/b").build()
    source.set_on_deserialization_failure(OnDeserializationFailure.DEAD_LETTER).build()
    sink = V3ioSink.builder().set_stream("users/a").set_serialization_schema(SimpleStringSchema())
    with pytest.raises(ValueError, match="set_dead_letter_stream needs set_on_invalid_record with DEAD"):
        sink.set_dead_letter_stream("users/b").build()
    sink.set_on_invalid_record(OnInvalidRecord.DEAD_LETTER).build()


def test_a_value_out_of_range_is_refused_at_once_in_words_of_python():
    with pytest.raises(ValueError, match="1,?000") as refused:
        V3ioSink.builder().set_max_batch_size(5000)
    assert str(refused.value) == "max_batch_size must be 1 to 1000, not 5000."
    assert "Py4J" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_refusal_of_a_setting_has_the_words_of_java():
    source, sink = V3ioSource.builder(), V3ioSink.builder()
    refused = [
        lambda: source.set_idle_pause(timedelta(seconds=2), timedelta(seconds=1)),
        lambda: source.set_element_limit(0),
        lambda: source.set_drop_duplicates_window(0, timedelta(minutes=1)),
        lambda: source.set_backlog_threshold(timedelta(0)),
        lambda: source.set_max_records_per_second(0),
        lambda: sink.set_max_time_in_buffer(timedelta(hours=2)),
        lambda: sink.set_create_stream(0, 24),
        lambda: sink.set_landing_timeout(timedelta(hours=2)),
        lambda: sink.set_streams([]),
    ]
    for setting in refused:
        with pytest.raises(ValueError, match="must be|needs") as error:
            setting()
        assert not re.search("[a-z][A-Z]", str(error.value)), error.value


def test_what_is_missing_is_named_in_words_of_python():
    with pytest.raises(ValueError, match="set_stream"):
        V3ioSource.builder().set_deserializer(SimpleStringSchema()).build()
    with pytest.raises(ValueError, match="set_serialization_schema"):
        V3ioSink.builder().set_stream("users/a").build()


def test_setters_in_messages_are_renamed_but_for_those_of_java_only():
    text = "Call setMaxBatchSizeInBytes or configureClient, not setShardAssigner; a reset is no setter."
    assert in_words_of_python(text) == (
        "Call set_max_batch_size_in_bytes or configure_client, not setShardAssigner; a reset is no setter."
    )


def test_what_a_job_says_names_the_setter_of_python_and_keeps_the_option_of_sql():
    text = (
        "use setOnDataLoss(EARLIEST) (in SQL 'scan.on-data-loss' = 'earliest') or LATEST ('latest'),"
        " or take them with setInvalidRecordHandler (in Java only)"
    )
    assert in_words_of_python(text) == text.replace("setOnDataLoss", "set_on_data_loss")


def test_a_time_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        StartingPosition.timestamp(datetime(2026, 1, 1))
    StartingPosition.timestamp(datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_a_time_that_no_stream_can_have_is_refused():
    with pytest.raises(ValueError, match="2015"):
        StoppingPosition.timestamp(datetime(1999, 1, 1, tzinfo=timezone.utc))


def test_small_and_large_sequence_numbers_are_taken():
    position = StartingPosition.sequence_numbers(
        {("users/a", 0): 1, ("users/a", 1): 2**40}, fallback=StartingPosition.latest()
    )
    text = position._j_position.toString()
    assert str(2**40) in text
    get_gateway().jvm.org.apache.flink.util.InstantiationUtil.serializeObject(position._j_position)


def test_all_of_a_source_can_be_set():
    (
        V3ioSource.builder()
        .set_endpoint("http://127.0.0.1:8081")
        .set_access_key_file("/var/run/key")
        .configure_client(
            V3ioClientSettings()
            .set_max_connections(4)
            .set_io_threads(1)
            .set_connect_timeout(timedelta(seconds=1))
            .set_response_timeout(timedelta(milliseconds=1500))
            .set_max_response_bytes("16 mb")
            .set_proxy("proxy:3128")
            .set_retry_policy(RetryPolicy(3, timedelta(seconds=5), timedelta(milliseconds=50), timedelta(seconds=1)))
        )
        .set_streams(["users/a", "users/b"])
        .set_starting_position(StartingPosition.committed("group", StartingPosition.earliest()))
        .set_starting_position(StartingPosition.latest(), stream="users/b")
        .set_shard_ids([0, 1], stream="users/a")
        .set_consumer_group("group")
        .set_on_data_loss(OnDataLoss.EARLIEST)
        .set_buffer_size(64 << 20)
        .set_read_ahead(4)
        .set_idle_pause(timedelta(milliseconds=50), timedelta(seconds=1))
        .set_max_records_per_second(1000)
        .set_max_bytes_per_second("1 mb")
        .build()
    )
