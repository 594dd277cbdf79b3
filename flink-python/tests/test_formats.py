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

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pyflink.common import Row, SimpleStringSchema, Types, WatermarkStrategy
from pyflink.datastream.formats.json import JsonRowDeserializationSchema, JsonRowSerializationSchema

from flink_connector_v3io import (
    Partitioner,
    StartingPosition,
    StoppingPosition,
    StoreyDeserializationSchema,
    StoreyEvent,
    StoreySerializationSchema,
    V3ioSink,
    V3ioSource,
)

GOLDEN = Path(__file__).resolve().parents[2] / "flink-connector-v3io/src/test/resources/storey/storey-1.11.7.jsonl"
RECORDS = {line["kind"]: line["data"] for line in map(json.loads, GOLDEN.read_text("utf-8").splitlines())}

TYPE = Types.ROW_NAMED(["user", "n"], [Types.STRING(), Types.INT()])


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if not kind.startswith("plain")])
def test_writes_again_what_storey_has_written(kind):
    event = StoreyEvent.from_data(RECORDS[kind].encode())
    assert event.to_data() == RECORDS[kind].encode()


def test_takes_events_out_of_their_envelopes():
    assert StoreyEvent.from_data(RECORDS["key of two"].encode()) == StoreyEvent(
        {"user": "ada"}, ["ada", "london"], "id-8"
    )
    assert StoreyEvent.from_data(RECORDS["plain"].encode()).body["user"] == "ada"
    assert StoreyEvent.from_data(RECORDS["plain"].encode()).key is None
    assert StoreyEvent.from_data(b"no JSON") == StoreyEvent(b"no JSON")
    assert StoreyEvent.from_data(b"\xff") == StoreyEvent(b"\xff")


def test_writes_what_json_cannot_hold_as_storey_does():
    time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert StoreyEvent({"user": "ada"}, time, time).to_data() == RECORDS["time as key and id"].encode()
    event = StoreyEvent({"user": "ada", "when": time, "day": time.date()}, "ada", "id-13")
    assert event.to_data() == RECORDS["time in the body"].encode()


def test_a_job_reads_and_writes_bodies_by_any_schema(emulator, env):
    emulator.create("users/storey-in", 1)
    emulator.put(
        "users/storey-in",
        {"Data": StoreyEvent({"user": "ada", "n": 1}, "k", "i").to_data()},
        {"Data": b'{"user": "alan", "n": 2}'},
    )
    source = (
        V3ioSource.builder()
        .set_endpoint(emulator.endpoint)
        .set_stream("users/storey-in")
        .set_starting_position(StartingPosition.earliest())
        .set_bounded(StoppingPosition.latest())
        .set_deserializer(StoreyDeserializationSchema(JsonRowDeserializationSchema.builder().type_info(TYPE).build()))
        .build()
    )
    sink = (
        V3ioSink.builder()
        .set_endpoint(emulator.endpoint)
        .set_stream("users/storey-out")
        .set_create_stream(5, 24)
        .set_serialization_schema(
            StoreySerializationSchema(JsonRowSerializationSchema.builder().with_type_info(TYPE).build())
        )
        .set_partitioner(Partitioner.STOREY)
        .set_partition_key(lambda row: "abc")
        .build()
    )
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "events")
    stream.map(lambda row: Row(row.user.upper(), row.n + 1), output_type=TYPE).sink_to(sink)
    env.execute()

    written = emulator.read("users/storey-out")
    assert sorted(StoreyEvent.from_data(record["Data"]).body["user"] for record in written) == ["ADA", "ALAN"]
    assert all(b"full_event_wrapper" in record["Data"] for record in written)
    # Where storey 1.11.7 writes this key, if there are five shards.
    assert {record["ShardId"] for record in written} == {2}


def test_a_body_may_be_a_text(emulator, env):
    emulator.create("users/storey-text", 1)
    emulator.put("users/storey-text", {"Data": b"no JSON"}, {"Data": RECORDS["number"].encode()})
    source = (
        V3ioSource.builder()
        .set_stream(f"{emulator.endpoint}/users/storey-text@python_group")
        .set_starting_position(StartingPosition.earliest())
        .set_bounded(StoppingPosition.latest())
        .set_deserializer(StoreyDeserializationSchema(SimpleStringSchema()))
        .build()
    )
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "texts")
    with stream.execute_and_collect() as texts:
        assert list(texts) == ["no JSON", "3"]


def test_what_contradicts_an_address_is_told_in_words_of_python():
    address = "http://h:1/c/a@one"
    builder = V3ioSource.builder().set_stream(address).set_deserializer(SimpleStringSchema())
    with pytest.raises(
        ValueError, match="'http://h:1/c/a@one' names another consumer group than set_consumer_group 'two'"
    ):
        builder.set_consumer_group("two").build()
    with pytest.raises(ValueError, match="'http://h:1/c/a@one' names another server than set_endpoint 'other:1'"):
        builder.set_consumer_group("one").set_endpoint("other:1").build()
