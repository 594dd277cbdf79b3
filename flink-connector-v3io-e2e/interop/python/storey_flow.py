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

"""Flows of storey that write to a stream and to a table, and read them back with storey's V3IO driver.

storey_flow.py write CONTAINER PREFIX writes a stream in each of several ways, PREFIX-field and so on, of which PREFIX-existing is
there already; it prints for each event where it must be and what it must be.
storey_flow.py read CONTAINER PREFIX prints the records of these streams as the driver's client finds them.
storey_flow.py table CONTAINER TABLE writes a table and reads it back.
storey_flow.py golden CONTAINER STREAM prints records as storey makes them, which tests of storey-json keep as a file.
storey_flow.py unwrap reads records and prints the events that a flow makes of them.
storey_flow.py shards COUNT reads keys and prints the shards that StreamTarget chooses for them.
"""

import asyncio
import datetime
import json
import sys

import storey
import xxhash
from storey.drivers import V3ioDriver

import lines
import records

EVENTS = 60
SHARDS = 3
# storey does not say when; events get a time of their own, so that golden records are the same every day.
TIME = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


def driver():
    return V3ioDriver(v3io_client_kwargs={"logger": records.new_logger()})


def bodies():
    return [{"n": number, "user": "usér-%d" % (number % 7), "score": number / 4} for number in range(EVENTS)]


def run(target, events):
    flow = storey.build_flow([storey.SyncEmitSource(), target]).run()
    for number, body in enumerate(events):
        key = body["user"] if isinstance(body, dict) else body
        flow.emit(storey.Event(body, key=key, id="id-%d" % number, processing_time=TIME))
    flow.terminate()
    flow.await_termination()


def hashed(text, shards):
    return xxhash.xxh32(text.encode("utf-8")).intdigest() % shards


# How a target is told where events go, and where they must be then. The stream of "existing" has 5 shards, whatever the target
# is told.
WAYS = {
    "field": ("user", lambda body: hashed(body["user"], SHARDS)),
    "number": (2, lambda body: 2),
    "callable": (lambda event: event.body["n"], lambda body: body["n"] % SHARDS),
    "full": (lambda event: event.body["n"], lambda body: body["n"] % SHARDS),
    "existing": (lambda event: event.body["n"], lambda body: body["n"] % 5),
}


def write(container, prefix):
    for how, (sharding, shard_of) in WAYS.items():
        target = storey.StreamTarget(
            driver(),
            "%s/%s-%s" % (container, prefix, how),
            sharding_func=sharding,
            shards=SHARDS,
            retention_period_hours=7,
            batch_size=8,
            full_event=how == "full",
        )
        run(target, bodies())
        for number, body in enumerate(bodies()):
            expected = body
            if how == "full":
                expected = {"full_event_wrapper": True, "body": body, "key": body["user"], "id": "id-%d" % number}
            lines.write({"how": how, "shard": shard_of(body), "body": json.dumps(expected)})


async def read(container, prefix):
    storage = driver()
    try:
        for how in WAYS:
            await read_stream(storage, container, "%s-%s" % (prefix, how), how)
    finally:
        await storage.close()


async def read_stream(storage, container, stream, how):
    """Describes and reads the stream as a flow would; a whole event is unwrapped as a flow does it."""
    description = await storage._describe(container, stream)
    client = storage._v3io_client
    for shard in range(description.shard_count):
        seek = await client.stream.seek(container, stream, shard, "EARLIEST", raise_for_status=[200, 404])
        if seek.status_code == 404:
            # A shard is born with its first record.
            continue
        output = (await client.stream.get_records(container, stream, shard, seek.output.location)).output
        item = await storage._get_item(container, stream, str(shard), ["__last_sequence_num"])
        newest = item.output.item.get("__last_sequence_num")
        for record in output.records:
            event = storey.utils.unpack_event_if_wrapped(storey.Event(json.loads(record.data)))
            lines.write(
                {
                    "how": how,
                    "shard": shard,
                    "newest": newest,
                    "body": json.dumps(event.body),
                    "key": event.key,
                    "id": event.id,
                }
            )


def table(container, path):
    name = "%s/%s" % (container, path)
    run(storey.NoSqlTarget(storey.Table(name, driver()), columns=["n", "user", "score"]), bodies())

    async def load():
        storage = driver()
        try:
            for user in sorted({body["user"] for body in bodies()}):
                attributes = await storage._load_by_key(container, path, user, "*")
                lines.write({"user": user, "attributes": attributes})
        finally:
            await storage.close()

    asyncio.run(load())


# Events of every shape that storey writes, by a name for each: body, key, id.
WHOLE_EVENTS = {
    "nested": ({"user": "ada", "scores": {"best": 1.5, "all": [1, None, {"n": True}]}}, "ada", "id-1"),
    "text": ("one", "k", "id-2"),
    "number": (3, "k", "id-3"),
    "boolean": (True, "k", "id-4"),
    "list": ([1, "two", None], "k", "id-5"),
    "list of objects": ([{"user": "ada"}, {"user": "alan"}], "k", "id-6"),
    "nothing": (None, "k", "id-7"),
    "key of two": ({"user": "ada"}, ["ada", "london"], "id-8"),
    "key of three": ({"user": "ada"}, ["ada", 3, None], "id-9"),
    "key of one": ({"user": "ada"}, ["ada"], "id-10"),
    "number as key": ({"user": "ada"}, 7, "id-11"),
    "no id": ({"user": "ada"}, "ada", None),
    "no key": ({"user": "ada"}, None, "id-12"),
    "neither": ({"user": "ada"}, None, None),
    "time as key and id": ({"user": "ada"}, TIME, TIME),
    "time in the body": ({"user": "ada", "when": TIME, "day": TIME.date()}, "ada", "id-13"),
    "unicode": ({"user": "Zo\u00eb \u65e5\u672c \U0001f600", "q\"\\\n": "\t\u2028"}, "\u65e5\u672c", "\U0001f600"),
    "bytes in the body": ({"user": "ada", "raw": b"\x00\xff"}, "ada", "id-14"),
    "bytes": (b"raw", "ada", "id-15"),
    "no numbers": ({"user": "ada", "nan": float("nan"), "all": [float("inf"), -float("inf")]}, "ada", "id-16"),
    "large numbers": ({"user": "ada", "int": 2**70, "float": 1e300}, "ada", "id-17"),
    "wrapper in the body": ({"full_event_wrapper": True, "body": {"user": "eve"}, "key": "x"}, "ada", "id-18"),
    "empty": ({}, "", ""),
}

# What StreamTarget writes as it is.
PLAIN_EVENTS = {
    "plain": ({"user": "ada", "key": "k", "id": 1, "body": {"user": "eve"}}, "ada", "id-1"),
    "plain with no numbers": ({"user": "ada", "nan": float("nan")}, "ada", "id-2"),
    "plain text": ("one", "ada", "id-3"),
    "plain text, not ASCII": ("tw\u00f6", "ada", "id-4"),
}


def golden(container, stream):
    client = records.new_client()
    for how, events in {"whole": WHOLE_EVENTS, "plain": PLAIN_EVENTS}.items():
        name = "%s-%s" % (stream, how)
        target = storey.StreamTarget(
            driver(), "%s/%s" % (container, name), sharding_func=0, full_event=how == "whole"
        )
        flow = storey.build_flow([storey.SyncEmitSource(), target]).run()
        for body, key, event_id in events.values():
            flow.emit(storey.Event(body, key=key, id=event_id, processing_time=TIME))
        flow.terminate()
        flow.await_termination()
        stored = list(records.read_shard(client, container, name, 0))
        if len(stored) != len(events):
            raise SystemExit("%d of %d events were stored" % (len(stored), len(events)))
        for kind, record in zip(events, stored):
            lines.write({"kind": kind, "data": record.data.decode("utf-8")})
        client.stream.delete(container, name)
    client.close()


def unwrap():
    """Reads lines with the data of records, and prints what a flow gets of each."""
    for line in lines.read_all():
        event = storey.utils.unpack_event_if_wrapped(storey.Event(json.loads(lines.decode(line["data"]))))
        lines.write({"body": event.body, "key": event.key, "id": event.id})


class Placed:
    """A driver that notes where StreamTarget puts events, and stores nothing."""

    def __init__(self, shards):
        self.shards = shards
        self.places = {}

    async def _create_stream(self, container, stream, shards, retention):
        return 204

    async def _put_records(self, container, stream, payload):
        for record in payload:
            self.places[json.loads(record["data"])["n"]] = record["shard_id"]
        return Stored()

    async def close(self):
        pass


class Stored:
    """An answer that says that all is stored."""

    class output:
        failed_record_count = 0


def shards(count):
    """Reads lines with keys, and prints the shard that StreamTarget chooses for each."""
    keys = [line["key"] for line in lines.read_all()]
    storage = Placed(count)
    target = storey.StreamTarget(storage, "any/stream", sharding_func="key", shards=count, batch_size=100)
    flow = storey.build_flow([storey.SyncEmitSource(), target]).run()
    for n, key in enumerate(keys):
        flow.emit({"n": n, "key": key})
    flow.terminate()
    flow.await_termination()
    for n in range(len(keys)):
        lines.write({"shard": storage.places[n]})


def main():
    command = sys.argv[1]
    if command == "unwrap":
        unwrap()
        return
    if command == "shards":
        shards(int(sys.argv[2]))
        return
    container, stream = sys.argv[2:]
    if command == "write":
        write(container, stream)
    elif command == "read":
        asyncio.run(read(container, stream))
    elif command == "table":
        table(container, stream)
    elif command == "golden":
        golden(container, stream)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
