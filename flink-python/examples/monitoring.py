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

"""Rates of errors and latencies of models, from the events that MLRun's model servers write.

Reads such events from a stream, in the form of one event a record and in the form of a batch ("headers" and
"values"), counts them by model in windows of a minute of the events' own time, and writes each window's figures
exactly once into another stream. It runs until it is stopped, and goes on from a checkpoint:

    python monitoring.py --endpoint http://127.0.0.1:8081 --checkpoints /tmp/checkpoints
    python monitoring.py --endpoint http://127.0.0.1:8081 --checkpoints /tmp/checkpoints \
        --restore /tmp/checkpoints/JOB/chk-12
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from pyflink.common import Configuration, Row, Time, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import ProcessWindowFunction, StreamExecutionEnvironment
from pyflink.datastream.window import TumblingEventTimeWindows

from flink_connector_v3io import (
    DeliveryGuarantee,
    StartingPosition,
    V3ioSink,
    V3ioSource,
    add_jar,
    readable_errors,
)

EVENT = Types.ROW_NAMED(
    ["model", "when_millis", "micros", "failed"], [Types.STRING(), Types.LONG(), Types.LONG(), Types.BOOLEAN()]
)
FIGURES = Types.ROW_NAMED(["model", "json"], [Types.STRING(), Types.STRING()])


def events_of(record: Row) -> Iterator[Row]:
    """Yield the events of one record of the stream."""
    told: dict[str, Any] = json.loads(record.data)
    if "values" in told:
        for values in told["values"]:
            yield event_of({**told, **dict(zip(told["headers"], values))})
    else:
        yield event_of(told)


def event_of(told: dict[str, Any]) -> Row:
    """Return what the windows need of an event."""
    when = datetime.fromisoformat(told["when"])
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    failed = told.get("error") is not None
    return Row(
        model=told["model"],
        when_millis=int(when.timestamp() * 1000),
        micros=int(told.get("microsec") or 0),
        failed=failed,
    )


class TimeOfEvent(TimestampAssigner):
    """Takes the time that the model server has written."""

    def extract_timestamp(self, value: Row, record_timestamp: int) -> int:
        """Return it in milliseconds since 1970."""
        return int(value.when_millis)


class Figures(ProcessWindowFunction):
    """Makes the figures of one model in one window."""

    def process(self, key: str, context: Any, elements: Iterable[Row]) -> Iterable[Row]:
        """Yield one row."""
        events = list(elements)
        latencies = sorted(event.micros for event in events if not event.failed)
        figures = {
            "model": key,
            "from": datetime.fromtimestamp(context.window().start / 1000, timezone.utc).isoformat(),
            "events": len(events),
            "errors": sum(event.failed for event in events),
            "median_micros": latencies[len(latencies) // 2] if latencies else None,
            "p95_micros": latencies[len(latencies) * 95 // 100] if latencies else None,
        }
        yield Row(model=key, json=json.dumps(figures))


def environment(checkpoints: Path, restore: Optional[str]) -> StreamExecutionEnvironment:
    """Return an environment that keeps its checkpoints when it is killed."""
    configuration = Configuration()
    configuration.set_string("execution.checkpointing.interval", "1s")
    configuration.set_string("execution.checkpointing.dir", checkpoints.resolve().as_uri())
    configuration.set_string("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")
    if restore:
        configuration.set_string("execution.state-recovery.path", Path(restore).resolve().as_uri())
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(1)
    env.set_python_executable(sys.executable)
    add_jar(env)
    return env


def main() -> None:
    """Run the job until it is stopped."""
    parser = argparse.ArgumentParser(description="Figures of models, from model-monitoring events.")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--events", default="projects/examples/model-endpoints/stream")
    parser.add_argument("--figures", default="projects/examples/model-endpoints/figures")
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--restore", help="a checkpoint to go on from")
    arguments = parser.parse_args()
    os.environ.setdefault("V3IO_ACCESS_KEY", "any key will do for the emulator")

    source = (
        V3ioSource.builder()
        .set_endpoint(arguments.endpoint)
        .set_stream(arguments.events)
        .set_starting_position(StartingPosition.earliest())
        .build()
    )
    sink = (
        V3ioSink.builder()
        .set_endpoint(arguments.endpoint)
        .set_stream(arguments.figures)
        .set_create_stream(1, 24)
        .set_serialization_schema(lambda row: row.json)
        .set_partition_key(lambda row: row.model)
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .build()
    )
    env = environment(arguments.checkpoints, arguments.restore)
    (
        env.from_source(source, WatermarkStrategy.no_watermarks(), "events")
        .uid("events")
        .flat_map(events_of, output_type=EVENT)
        .assign_timestamps_and_watermarks(
            WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(TimeOfEvent())
        )
        .key_by(lambda event: event.model, key_type=Types.STRING())
        .window(TumblingEventTimeWindows.of(Time.minutes(1)))
        .process(Figures(), output_type=FIGURES)
        .uid("windows")
        .sink_to(sink)
        .uid("figures")
    )
    with readable_errors():
        env.execute("model monitoring")


if __name__ == "__main__":
    main()
