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

"""The notebook of the platform's tutorial: a stream that grows while words are written, with v3io-py.

notebook.py write|read|delete CONTAINER STREAM; the words come in and go out as records.
"""

import sys

import lines
import records

FIRST_SHARDS = 8
MORE_SHARDS = 12
LIMIT = 10
WORDS_PER_REQUEST = 40


def put_words(client, container, stream, words):
    """The words of one key go in their order, in one request after the other; keys are written in parallel."""
    pending = {}
    for word in words:
        pending.setdefault(word["key"], []).append(records.to_put(word))
    while pending:
        for key in list(pending):
            client.batch.stream.put_records(container, stream, pending[key][:WORDS_PER_REQUEST])
            pending[key] = pending[key][WORDS_PER_REQUEST:]
            if not pending[key]:
                del pending[key]
        for response in client.batch.wait():
            if response.output.failed_record_count:
                raise SystemExit("Not stored: %s" % response.body)


def write(client, container, stream):
    words = lines.read_all()
    client.stream.create(container, stream, shard_count=FIRST_SHARDS)
    # What the notebook looks at first: two pages of ten records of one shard.
    records.put_all(
        client, container, stream, [{"shard_id": 0, "data": "page %d" % number} for number in range(25)]
    )
    location = client.stream.seek(container, stream, 0, "EARLIEST").output.location
    for page in (range(0, 10), range(10, 20)):
        output = client.stream.get_records(container, stream, 0, location, limit=LIMIT).output
        found = [record.data.decode() for record in output.records]
        if found != ["page %d" % number for number in page]:
            raise SystemExit("A page of ten has %s" % found)
        location = output.next_location
    half = len(words) // 2
    put_words(client, container, stream, words[:half])
    client.stream.update(container, stream, shard_count=MORE_SHARDS)
    if client.stream.describe(container, stream).output.shard_count != MORE_SHARDS:
        raise SystemExit("The stream has not grown")
    new = [{"shard_id": shard, "data": "new shard %d" % shard} for shard in (10, 11)]
    if [shard for shard, _ in records.put_all(client, container, stream, new)] != [10, 11]:
        raise SystemExit("The new shards do not take records by their ids")
    put_words(client, container, stream, words[half:])


def read(client, container, stream):
    for shard in range(client.stream.describe(container, stream).output.shard_count):
        for record in records.read_shard(client, container, stream, shard, limit=LIMIT):
            lines.write(records.to_line(shard, record))


def delete(client, container, stream):
    lines.write({"status": client.stream.delete(container, stream).status_code})


def main():
    command, container, stream = sys.argv[1:]
    client = records.new_client()
    {"write": write, "read": read, "delete": delete}[command](client, container, stream)
    client.close()


if __name__ == "__main__":
    main()
