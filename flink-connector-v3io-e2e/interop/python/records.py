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

"""Writes records to a stream, or reads all that it holds, with v3io-py.

records.py write|read CONTAINER STREAM; endpoint and key are V3IO_API and V3IO_ACCESS_KEY.
"""

import sys

import v3io.dataplane
import v3io.logger

import lines

# Small on purpose: every stream of the tests takes several requests.
WRITE_BATCH = 100
READ_LIMIT = 7


def new_logger():
    """The clients' own logger writes to standard output, where the tests expect records."""
    logger = v3io.logger.Logger(level="INFO")
    logger.set_handler("stderr", sys.stderr, v3io.logger.HumanReadableFormatter())
    return logger


def new_client(**settings):
    return v3io.dataplane.Client(logger=new_logger(), **settings)


def to_put(line):
    record = {"data": lines.decode(line["data"])}
    if line.get("client") is not None:
        record["client_info"] = lines.decode(line["client"])
    if line.get("key") is not None:
        record["partition_key"] = line["key"]
    if line.get("shard") is not None:
        record["shard_id"] = line["shard"]
    return record


def put_all(client, container, stream, records):
    """Writes them in order; returns shard and sequence number of each."""
    stored = []
    for start in range(0, len(records), WRITE_BATCH):
        output = client.stream.put_records(container, stream, records[start : start + WRITE_BATCH]).output
        if output.failed_record_count:
            raise SystemExit("%d records were not stored" % output.failed_record_count)
        stored.extend((result.shard_id, result.sequence_number) for result in output.records)
    return stored


def read_shard(client, container, stream, shard, limit=READ_LIMIT):
    """Yields all records of a shard."""
    response = client.stream.seek(container, stream, shard, "EARLIEST", raise_for_status=[200, 404])
    if response.status_code == 404:
        # A shard is born with its first record.
        return
    location = response.output.location
    while True:
        output = client.stream.get_records(container, stream, shard, location, limit=limit).output
        yield from output.records
        if output.records_behind_latest == 0:
            return
        location = output.next_location


def to_line(shard, record):
    return {
        "shard": shard,
        "sequence": record.sequence_number,
        "data": lines.encode(record.data),
        "key": record.partition_key,
        "client": lines.encode(record.client_info),
    }


def main():
    command, container, stream = sys.argv[1:]
    client = new_client()
    if command == "write":
        for shard, sequence in put_all(client, container, stream, [to_put(line) for line in lines.read_all()]):
            lines.write({"shard": shard, "sequence": sequence})
    elif command == "read":
        for shard in range(client.stream.describe(container, stream).output.shard_count):
            for record in read_shard(client, container, stream, shard):
                lines.write(to_line(shard, record))
    else:
        raise SystemExit(__doc__)
    client.close()


if __name__ == "__main__":
    main()
