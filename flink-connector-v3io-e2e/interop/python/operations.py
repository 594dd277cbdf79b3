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

"""Every stream operation of v3io-py: one by one, in batches, and with asyncio.

operations.py httpclient|requests|batch|asyncio CONTAINER STREAM. The last line printed is the number of checks; a check
that fails ends the program.
"""

import asyncio
import sys

import v3io.aio.dataplane
import v3io.dataplane

import lines
import records

NEVER = v3io.dataplane.RaiseForStatus.never
SHARDS = 4
checks = 0


def expect(what, actual, expected):
    global checks
    checks += 1
    if actual != expected:
        raise SystemExit("%s: %r, expected %r" % (what, actual, expected))


def to_write():
    return [
        {"shard_id": 1, "data": "first of shard 1", "client_info": b"\x00\xff info", "partition_key": "ключ"},
        {"shard_id": 1, "data": b"\x00\x01\xfe\xff"},
        {"shard_id": 10, "data": "no such shard"},
        {"shard_id": 2, "data": ""},
        {"data": "anywhere"},
    ]


def check_put(output):
    expect("failed", output.failed_record_count, 1)
    results = output.records
    expect("results", len(results), 5)
    expect("shards", [result.shard_id for result in results[:2]], [1, 1])
    expect("order in the shard", results[0].sequence_number < results[1].sequence_number, True)
    expect("error code", results[2].error_code, -201326594)
    expect("error message", results[2].error_message, "ShardIDOutOfRangeException")
    expect("no number", results[2].sequence_number, None)
    expect("shard", results[3].shard_id, 2)
    expect("any shard", results[4].shard_id in range(SHARDS), True)
    return results


def check_shard_1(output, last=True):
    first, second = output.records[:2]
    expect("data", first.data, b"first of shard 1")
    expect("client info", first.client_info, b"\x00\xff info")
    expect("bytes", second.data, b"\x00\x01\xfe\xff")
    expect("no client info", second.client_info or None, None)
    expect("no key", second.partition_key or None, None)
    expect("numbers", first.sequence_number < second.sequence_number, True)
    expect("arrival", first.arrival_time_sec > 1_600_000_000, True)
    expect("nanoseconds", 0 <= first.arrival_time_nsec < 1_000_000_000, True)
    if last:
        expect("behind", output.records_behind_latest, 0)
        expect("milliseconds behind", output.msec_behind_latest, 0)
    return first, second


def check_description(output, shards):
    expect("shard count", output.shard_count, shards)
    expect("retention", output.retention_period_hours, 48)


def check_listing(output, stream, shards):
    """The shards that were written to are objects of the stream's directory, with their newest number."""
    names = [content.key.rsplit("/", 1)[1] for content in output.contents]
    expect("shard 1 is listed", "1" in names, True)
    expect("shard 2 is listed", "2" in names, True)
    expect("only shards are listed", all(name.isdigit() and int(name) < shards for name in names), True)
    expect("name", output.contents[0].key.startswith(stream.strip("/") + "/"), True)


def one_by_one(client, container, stream):
    expect("missing", client.stream.describe(container, stream, raise_for_status=NEVER).status_code, 404)
    created = client.stream.create(container, stream, shard_count=SHARDS, retention_period_hours=48)
    expect("created", created.status_code, 204)
    expect(
        "exists", client.stream.create(container, stream, shard_count=1, raise_for_status=NEVER).status_code, 409
    )
    check_description(client.stream.describe(container, stream).output, SHARDS)
    unborn = client.stream.seek(container, stream, 1, "EARLIEST", raise_for_status=NEVER)
    expect("seek on an unborn shard", unborn.status_code, 404)

    results = check_put(client.stream.put_records(container, stream, to_write()).output)

    earliest = client.stream.seek(container, stream, 1, "EARLIEST").output.location
    first, second = check_shard_1(client.stream.get_records(container, stream, 1, earliest).output, last=False)
    one = client.stream.get_records(container, stream, 1, earliest, limit=1).output
    expect("limit", [record.data for record in one.records], [b"first of shard 1"])
    expect("still behind", one.records_behind_latest >= 1, True)
    rest = client.stream.get_records(container, stream, 1, one.next_location).output
    expect("after the limit", rest.records[0].data, b"\x00\x01\xfe\xff")
    expect("up to the end", rest.records_behind_latest, 0)

    by_number = client.stream.seek(
        container, stream, 1, "SEQUENCE", starting_sequence_number=results[1].sequence_number
    ).output.location
    found = client.stream.get_records(container, stream, 1, by_number, limit=1).output.records
    expect("by number", found[0].sequence_number, second.sequence_number)
    by_time = client.stream.seek(
        container,
        stream,
        1,
        "TIME",
        timestamp_sec=first.arrival_time_sec,
        timestamp_nsec=first.arrival_time_nsec,
    ).output.location
    found = client.stream.get_records(container, stream, 1, by_time, limit=1).output.records
    expect("by time", found[0].sequence_number, first.sequence_number)
    latest = client.stream.seek(container, stream, 1, "LATEST").output.location
    end = client.stream.get_records(container, stream, 1, latest).output
    expect("nothing after the latest", end.records, [])
    expect("not behind", end.records_behind_latest, 0)
    client.stream.put_records(container, stream, [{"shard_id": 1, "data": "late"}])
    late = client.stream.get_records(container, stream, 1, end.next_location).output.records
    expect("from the latest on", [record.data for record in late], [b"late"])

    expect("grown", client.stream.update(container, stream, shard_count=SHARDS + 2).status_code, 204)
    check_description(client.stream.describe(container, stream).output, SHARDS + 2)
    smaller = client.stream.update(container, stream, shard_count=SHARDS, raise_for_status=NEVER)
    expect("never smaller", smaller.status_code, 400)
    expect("says why", b"InvalidShardCountException" in smaller.body, True)
    outside = client.stream.seek(container, stream, 99, "EARLIEST", raise_for_status=NEVER)
    expect("no such shard", outside.status_code, 400)
    expect("says which", b"ShardIDOutOfRangeException" in outside.body, True)
    bad = client.stream.get_records(container, stream, 1, "bm90IGEgbG9jYXRpb24=", raise_for_status=NEVER)
    expect("no location", bad.status_code, 400)

    check_listing(client.container.list(container, stream, get_all_attributes=True).output, stream, SHARDS + 2)
    expect("deleted", client.stream.delete(container, stream).status_code, 204)
    expect("gone", client.stream.describe(container, stream, raise_for_status=NEVER).status_code, 404)
    missing = client.stream.put_records(container, stream, [{"data": "x"}], raise_for_status=NEVER)
    expect("put to a missing stream", missing.status_code, 404)


def in_batches(client, container, stream):
    """Requests of a batch are on several connections at once; the answers come in the order of the requests."""
    streams = ["%s-%d" % (stream, number) for number in range(12)]
    batch = client.batch
    for name in streams:
        batch.stream.create(container, name, shard_count=SHARDS, retention_period_hours=48)
    expect("created", [response.status_code for response in batch.wait()], [204] * len(streams))
    for name in streams:
        batch.stream.describe(container, name)
    for response in batch.wait():
        check_description(response.output, SHARDS)
    for name in streams:
        batch.stream.put_records(container, name, to_write())
    for response in batch.wait():
        check_put(response.output)
    for name in streams:
        batch.stream.seek(container, name, 1, "EARLIEST")
    locations = [response.output.location for response in batch.wait()]
    for name, location in zip(streams, locations):
        batch.stream.get_records(container, name, 1, location)
    for response in batch.wait():
        check_shard_1(response.output)
    for name in streams:
        batch.stream.update(container, name, shard_count=SHARDS + 1)
    expect("grown", [response.status_code for response in batch.wait()], [204] * len(streams))
    for name in streams:
        batch.container.list(container, name)
    for name, response in zip(streams, batch.wait()):
        check_listing(response.output, name, SHARDS + 1)
    batch.stream.describe(container, streams[0])
    batch.stream.describe(container, stream + "-missing")
    found = [response.status_code for response in batch.wait(raise_for_status=NEVER)]
    expect("each has its status", found, [200, 404])
    # The order of a batch is that of its requests, on whichever connections they were.
    for number in range(200):
        batch.stream.put_records(container, streams[number % 12], [{"shard_id": 3, "data": str(number)}])
    expect("no failure", sum(response.output.failed_record_count for response in batch.wait()), 0)
    for index, name in enumerate(streams):
        data = [int(record.data) for record in records.read_shard(client, container, name, 3) if record.data.isdigit()]
        expect("all of %s" % name, sorted(data), list(range(index, 200, 12)))
    for name in streams:
        expect("deleted", client.stream.delete(container, name).status_code, 204)


async def with_asyncio(container, stream):
    client = v3io.aio.dataplane.Client(logger=records.new_logger())
    try:
        missing = await client.stream.describe(container, stream, raise_for_status=NEVER)
        expect("missing", missing.status_code, 404)
        created = await client.stream.create(container, stream, shard_count=SHARDS, retention_period_hours=48)
        expect("created", created.status_code, 204)
        again = await client.stream.create(container, stream, shard_count=1, raise_for_status=NEVER)
        expect("exists", again.status_code, 409)
        check_description((await client.stream.describe(container, stream)).output, SHARDS)
        results = check_put((await client.stream.put_records(container, stream, to_write())).output)
        earliest = (await client.stream.seek(container, stream, 1, "EARLIEST")).output.location
        batch = (await client.stream.get_records(container, stream, 1, earliest)).output
        first, second = check_shard_1(batch, last=False)
        expect("as acknowledged", first.sequence_number, results[0].sequence_number)
        seeks = await asyncio.gather(
            client.stream.seek(
                container, stream, 1, "SEQUENCE", starting_sequence_number=second.sequence_number
            ),
            client.stream.seek(
                container,
                stream,
                1,
                "TIME",
                timestamp_sec=first.arrival_time_sec,
                timestamp_nsec=first.arrival_time_nsec,
            ),
            client.stream.seek(container, stream, 1, "LATEST"),
        )
        read = await asyncio.gather(
            *(client.stream.get_records(container, stream, 1, seek.output.location, limit=1) for seek in seeks)
        )
        expect("by number", read[0].output.records[0].sequence_number, second.sequence_number)
        expect("by time", read[1].output.records[0].sequence_number, first.sequence_number)
        expect("nothing after the latest", read[2].output.records, [])
        # Many requests at once; each writes to one shard, so that every record has its place.
        stored = await asyncio.gather(
            *(
                client.stream.put_records(container, stream, [{"shard_id": 3, "data": str(number)}])
                for number in range(100)
            )
        )
        numbers = [response.output.records[0].sequence_number for response in stored]
        expect("a number for each", len(set(numbers)), 100)
        grown = await client.stream.update(container, stream, shard_count=SHARDS + 2)
        expect("grown", grown.status_code, 204)
        listing = (await client.container.list(container, stream, get_all_attributes=True)).output
        check_listing(listing, stream, SHARDS + 2)
        deleted = await client.stream.delete(container, stream)
        expect("deleted", deleted.status_code, 204)
        gone = await client.stream.describe(container, stream, raise_for_status=NEVER)
        expect("gone", gone.status_code, 404)
    finally:
        await client.close()


def main():
    how, container, stream = sys.argv[1:]
    if how == "asyncio":
        asyncio.run(with_asyncio(container, stream))
    else:
        client = records.new_client(transport_kind="httpclient" if how == "batch" else how)
        (in_batches if how == "batch" else one_by_one)(client, container, stream)
        client.close()
    lines.write({"checks": checks})


if __name__ == "__main__":
    main()
