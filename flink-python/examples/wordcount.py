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

"""Word count over a V3IO stream: writes fables word by word, reads them back, and counts.

    python wordcount.py --endpoint http://127.0.0.1:8081 [--fables fables.txt]

The access key is taken from the environment variable V3IO_ACCESS_KEY; any will do for the emulator.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pyflink.common import Row, SimpleStringSchema, Types, WatermarkStrategy
from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

from flink_connector_v3io import (
    StartingPosition,
    StoppingPosition,
    V3ioSink,
    V3ioSource,
    add_jar,
    readable_errors,
)

FABLES = Path(__file__).resolve().parents[2] / "examples/src/main/resources/io/v3io/flink/examples/fables.txt"


def environment() -> StreamExecutionEnvironment:
    """Return an environment for a bounded job with the connector on its class path."""
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    env.set_python_executable(sys.executable)
    add_jar(env)
    return env


def words_of(fables: list[str]) -> Iterator[Row]:
    """Yield each word with the name of its fable: split on white space, in lower case, a to z only."""
    for number, fable in enumerate(fables, start=1):
        for part in fable.split():
            word = re.sub("[^a-z]", "", part.lower())
            if word:
                yield Row(f"text_{number}", word)


def write(endpoint: str, stream: str, fables: list[str]) -> None:
    """Write the words, those of one fable with one partition key."""
    env = environment()
    sink = (
        V3ioSink.builder()
        .set_endpoint(endpoint)
        .set_stream(stream)
        .set_create_stream(8, 24)
        .set_serialization_schema(lambda row: row[1])
        .set_partition_key(lambda row: row[0])
        .build()
    )
    rows = Types.ROW([Types.STRING(), Types.STRING()])
    env.from_collection(list(words_of(fables)), type_info=rows).sink_to(sink)
    env.execute("write words")


def count(endpoint: str, stream: str) -> dict[str, int]:
    """Read the stream up to its newest record, and return how often each word is in it."""
    env = environment()
    source = (
        V3ioSource.builder()
        .set_endpoint(endpoint)
        .set_stream(stream)
        .set_starting_position(StartingPosition.earliest())
        .set_bounded(StoppingPosition.latest())
        .set_deserializer(SimpleStringSchema())
        .build()
    )
    counts = (
        env.from_source(source, WatermarkStrategy.no_watermarks(), "words")
        .map(lambda word: Row(word, 1), output_type=Types.ROW([Types.STRING(), Types.INT()]))
        .key_by(lambda row: row[0], key_type=Types.STRING())
        .reduce(lambda left, right: Row(left[0], left[1] + right[1]))
    )
    with counts.execute_and_collect("count words") as results:
        return {word: number for word, number in results}


def main() -> None:
    """Run both jobs and print the most frequent words."""
    parser = argparse.ArgumentParser(description="Word count over a V3IO stream.")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--stream", default="users/examples/python-words")
    parser.add_argument("--fables", type=Path, default=FABLES)
    arguments = parser.parse_args()
    os.environ.setdefault("V3IO_ACCESS_KEY", "any key will do for the emulator")
    fables = [line for line in arguments.fables.read_text(encoding="utf-8").splitlines() if line.strip()]

    with readable_errors():
        write(arguments.endpoint, arguments.stream, fables)
        counts = count(arguments.endpoint, arguments.stream)

    print(f"{sum(counts.values())} words, {len(counts)} distinct")
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    for rank, (word, number) in enumerate(ranked[:10], start=1):
        print(f"{rank:>4}  {word:<12} {number:>6}")


if __name__ == "__main__":
    main()
