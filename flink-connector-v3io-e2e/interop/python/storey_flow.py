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
storey_flow.py golden CONTAINER STREAM prints records as storey makes them, for tests that need its form of a record.
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


def print_and_delete(client, container, stream, kind):
    for record in records.read_shard(client, container, stream, 0):
        lines.write({"kind": kind, "data": record.data.decode("utf-8")})
    client.stream.delete(container, stream)


def golden(container, stream):
    client = records.new_client()
    for how, settings in {
        "dictionary": {},
        "full_event": {"full_event": True},
        "columns": {"columns": ["n", "who=user", "event_key=$key"]},
    }.items():
        name = "%s-%s" % (stream, how)
        run(storey.StreamTarget(driver(), "%s/%s" % (container, name), sharding_func=0, **settings), bodies()[:2])
        print_and_delete(client, container, name, how)
    # What is no dictionary is written as it is.
    name = stream + "-text"
    run(storey.StreamTarget(driver(), "%s/%s" % (container, name), sharding_func=0), ["one", "tw\u00f6"])
    print_and_delete(client, container, name, "text")
    client.close()


def main():
    command, container, stream = sys.argv[1:]
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
