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

"""Reads a shard with v3io-py, one request after another: read_loop.py ENDPOINT SECONDS.

Prints the records and the CPU seconds of the process between the end of a warm-up and the end.
"""

import sys
import time

import v3io.dataplane

CONTAINER = "bench"
STREAM = "source"
LIMIT = 1000
WARM_UP_SECONDS = 1


def main(endpoint, seconds):
    client = v3io.dataplane.Client(endpoint=endpoint, access_key="any")
    location = client.stream.seek(CONTAINER, STREAM, 0, "EARLIEST").output.location

    def read_for(duration, location):
        records = 0
        end = time.monotonic() + duration
        while time.monotonic() < end:
            output = client.stream.get_records(CONTAINER, STREAM, 0, location, limit=LIMIT).output
            records += len(output.records)
            location = output.next_location
        return records, location

    _, location = read_for(WARM_UP_SECONDS, location)
    before = time.process_time()
    records, _ = read_for(seconds, location)
    print("read", records, time.process_time() - before)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
