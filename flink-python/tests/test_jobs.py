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
import ast
import json
from base64 import b64decode

import pytest
from pyflink.common import Row, SimpleStringSchema, Types, WatermarkStrategy
from pyflink.datastream.formats.json import JsonRowDeserializationSchema
from pyflink.table import EnvironmentSettings, TableEnvironment

from flink_connector_v3io import (
    DeliveryGuarantee,
    OnDeserializationFailure,
    OnInvalidRecord,
    OrderGuarantee,
    StartingPosition,
    StoppingPosition,
    V3ioJobError,
    V3ioSink,
    V3ioSource,
    add_jar,
    readable_errors,
    record_type,
)


def source(emulator, stream):
    return (
        V3ioSource.builder()
        .set_endpoint(emulator.endpoint)
        .set_stream(stream)
        .set_starting_position(StartingPosition.earliest())
        .set_bounded(StoppingPosition.latest())
    )


def sink(emulator, stream):
    return V3ioSink.builder().set_endpoint(emulator.endpoint).set_stream(stream).set_create_stream(2, 24)


def test_a_record_is_a_row_of_all_that_it_has(emulator, env):
    emulator.create("users/rows", 3)
    emulator.put(
        "users/rows",
        {"Data": "wörd".encode(), "PartitionKey": "schlüssel", "ClientInfo": "aW5mbw=="},
        {"Data": b"\x00\xff", "ShardId": 2},
    )

    stream = env.from_source(source(emulator, "users/rows").build(), WatermarkStrategy.no_watermarks(), "rows")
    assert stream.get_type() == record_type()
    # Through a Python worker, so that its coders are part of the test.
    seen = stream.map(
        lambda row: repr(
            (
                row.data,
                row.partition_key,
                row.client_info,
                row.stream,
                row.shard,
                row.sequence_number,
                row.arrival_time.seconds > 1_700_000_000,
            )
        ),
        output_type=Types.STRING(),
    )
    with seen.execute_and_collect() as collected:
        rows = [ast.literal_eval(row) for row in collected]

    assert len(rows) == 2
    keyed = next(row for row in rows if row[1] is not None)
    assert keyed[:4] == ("wörd".encode(), "schlüssel", b"info", "users/rows")
    assert keyed[5:] == (1, True)
    bare = next(row for row in rows if row[1] is None)
    assert bare[0] == b"\x00\xff"
    assert bare[2:5] == (None, "users/rows", 2)


def test_functions_choose_stream_key_shard_and_client_info(emulator, env):
    elements = [Row(f"k{i % 3}", i) for i in range(30)]
    built = (
        V3ioSink.builder()
        .set_endpoint(emulator.endpoint)
        .set_streams(["users/even", "users/odd"])
        .set_stream_selector(lambda row: "users/even" if row[1] % 2 == 0 else "users/odd")
        .set_create_stream(4, 24)
        .set_serialization_schema(lambda row: f"{row[0]}:{row[1]}")
        .set_partition_key(lambda row: row[0])
        .set_client_info(lambda row: None if row[1] == 0 else str(row[1]).encode())
        .set_order(OrderGuarantee.STRICT)
        .build()
    )
    stream = env.from_collection(elements, type_info=Types.ROW([Types.STRING(), Types.INT()]))
    stream.sink_to(built)
    env.execute()

    even, odd = emulator.read("users/even"), emulator.read("users/odd")
    assert {record["Data"].decode() for record in even} == {f"k{i % 3}:{i}" for i in range(0, 30, 2)}
    assert {record["Data"].decode() for record in odd} == {f"k{i % 3}:{i}" for i in range(1, 30, 2)}
    for record in even + odd:
        key, number = record["Data"].decode().split(":")
        assert record["PartitionKey"] == key
        assert ("ClientInfo" in record) == (number != "0")
    for key in ("k0", "k1", "k2"):
        of_key = [record for record in even if record["PartitionKey"] == key]
        assert len({record["ShardId"] for record in of_key}) == 1
        numbers = [int(record["Data"].decode().split(":")[1]) for record in of_key]
        assert numbers == sorted(numbers)


def test_a_schema_of_pyflink_and_a_shard_id(emulator, env):
    built = (
        sink(emulator, "users/by_shard")
        .set_serialization_schema(SimpleStringSchema())
        .set_shard_id(lambda word: len(word) % 2)
        .build()
    )
    env.from_collection(["a", "bb", "ccc"], type_info=Types.STRING()).sink_to(built)
    env.execute()

    placed = {record["Data"].decode(): record["ShardId"] for record in emulator.read("users/by_shard")}
    assert placed == {"a": 1, "bb": 0, "ccc": 1}


def test_without_functions_nothing_passes_through_a_python_worker(emulator, env):
    built = sink(emulator, "users/plain").set_serialization_schema(SimpleStringSchema()).build()
    assert built.get_transformer() is None
    env.from_collection(["a", "b"], type_info=Types.STRING()).sink_to(built)
    env.execute()

    assert sorted(record["Data"] for record in emulator.read("users/plain")) == [b"a", b"b"]


def test_what_cannot_be_stored_or_read_goes_to_a_stream_of_its_own(emulator, env):
    built = (
        sink(emulator, "users/checked")
        .set_serialization_schema(lambda number: "[" if number == 1 else json.dumps({"n": number}))
        .set_partition_key(lambda number: "k" * (257 if number == 2 else 1))
        .set_on_invalid_record(OnInvalidRecord.DEAD_LETTER)
        .set_dead_letter_stream("users/unwritten")
        .build()
    )
    env.from_collection([0, 1, 2, 3], type_info=Types.INT()).sink_to(built)
    env.execute()

    (unwritten,) = [json.loads(record["Data"]) for record in emulator.read("users/unwritten")]
    assert (unwritten["stream"], b64decode(unwritten["data"])) == ("users/checked", b'{"n": 2}')
    assert "257" in unwritten["reason"]

    emulator.create("users/unread", 1)
    schema = JsonRowDeserializationSchema.builder().type_info(Types.ROW_NAMED(["n"], [Types.INT()])).build()
    read = (
        source(emulator, "users/checked")
        .set_deserializer(schema)
        .set_on_deserialization_failure(OnDeserializationFailure.DEAD_LETTER)
        .set_dead_letter_stream("users/unread")
        .build()
    )
    rows = env.from_source(read, WatermarkStrategy.no_watermarks(), "checked")
    with rows.execute_and_collect() as collected:
        assert sorted(row[0] for row in collected) == [0, 3]
    (unread,) = [json.loads(record["Data"]) for record in emulator.read("users/unread")]
    assert (unread["stream"], unread["partition_key"], b64decode(unread["data"])) == ("users/checked", "k", b"[")


def test_exactly_once_writes_each_element_once(emulator, env):
    built = (
        sink(emulator, "users/once")
        .set_serialization_schema(lambda number: str(number))
        .set_partition_key(lambda number: str(number % 7))
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .build()
    )
    env.from_collection(list(range(200)), type_info=Types.INT()).sink_to(built)
    env.execute()

    assert sorted(int(record["Data"]) for record in emulator.read("users/once")) == list(range(200))


def test_a_job_that_fails_says_why_and_not_how_py4j_works(emulator, env):
    stream = env.from_source(source(emulator, "users/nowhere").build(), WatermarkStrategy.no_watermarks(), "nowhere")
    stream.print()
    with pytest.raises(V3ioJobError) as failed, readable_errors():
        env.execute()

    message = str(failed.value)
    assert "users/nowhere" in message
    assert "or wait until it is there with set_on_missing_stream(WAIT) (in SQL 'scan.on-missing-stream'" in message
    assert "\tat " not in message
    assert "Py4J" not in message
    assert len(message.splitlines()) < 10


def test_streams_are_tables(emulator):
    table = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    add_jar(table)
    table.execute_sql(
        f"""
        CREATE TABLE words (word STRING, k STRING METADATA FROM 'partition-key') WITH (
          'connector' = 'v3io', 'endpoint' = '{emulator.endpoint}', 'stream' = 'users/table_words',
          'format' = 'raw', 'scan.bounded.mode' = 'latest', 'sink.create-stream.shard-count' = '4')
        """
    )
    table.execute_sql("INSERT INTO words VALUES ('wolf', 'a'), ('lamb', 'a'), ('wolf', 'b')").wait()
    with table.execute_sql("SELECT word, COUNT(*) FROM words GROUP BY word").collect() as rows:
        assert {row[0]: row[1] for row in rows} == {"wolf": 2, "lamb": 1}
