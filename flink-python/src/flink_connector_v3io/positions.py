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
"""Where a source begins and ends in the shards of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ._errors import call
from ._java import instant, java_class, java_list, python_values

#: A stream as ``container/path``, and the number of a shard in it.
Shard = tuple[str, int]


class StartingPosition:
    """Where a source begins in shards that no checkpoint knows.

    Shards that come by growth are read from their first record whatever the starting position is.
    """

    def __init__(self, j_position: Any) -> None:
        self._j_position = j_position

    @staticmethod
    def earliest() -> StartingPosition:
        """Begin with the oldest record that is kept."""
        return StartingPosition(_starting().earliest())

    @staticmethod
    def latest() -> StartingPosition:
        """Begin after the newest record at the start of the job."""
        return StartingPosition(_starting().latest())

    @staticmethod
    def timestamp(arrival_time: datetime) -> StartingPosition:
        """Begin with the first record that arrived at a time or later.

        :param arrival_time: with a time zone.
        :raises ValueError: without a time zone, before 2015, or more than a year ahead.
        """
        return StartingPosition(call(_starting().timestamp, instant(arrival_time)))

    @staticmethod
    def sequence_numbers(numbers: Mapping[Shard, int], fallback: StartingPosition | None = None) -> StartingPosition:
        """Begin with a sequence number in each shard.

        :param numbers: for each shard, such as ``("users/me/words", 0)``, the number of the first record.
        :param fallback: for shards without a number. Default: the job fails if there are any.
        """
        arguments = [_numbers(numbers)] + ([fallback._j_position] if fallback is not None else [])
        return StartingPosition(call(_starting().sequenceNumbers, *arguments))

    @staticmethod
    def committed(consumer_group: str, fallback: StartingPosition) -> StartingPosition:
        """Begin where a consumer group of v3io-go, Nuclio or Flink has got to.

        :param consumer_group: letters, digits and underscores.
        :param fallback: for shards of which the group has committed nothing.
        """
        return StartingPosition(call(_starting().committed, consumer_group, fallback._j_position))


class StoppingPosition:
    """Where a source ends."""

    def __init__(self, j_position: Any) -> None:
        self._j_position = j_position

    @staticmethod
    def latest() -> StoppingPosition:
        """End with the newest record at the start of the job."""
        return StoppingPosition(_stopping().latest())

    @staticmethod
    def timestamp(arrival_time: datetime) -> StoppingPosition:
        """End before the first record that arrived at a time or later.

        :param arrival_time: with a time zone.
        :raises ValueError: without a time zone, before 2015, or more than a year ahead.
        """
        return StoppingPosition(call(_stopping().timestamp, instant(arrival_time)))

    @staticmethod
    def sequence_numbers(numbers: Mapping[Shard, int]) -> StoppingPosition:
        """End with a sequence number, included, in each shard.

        :param numbers: for each shard, such as ``("users/me/words", 0)``, the number of the last record.
        """
        return StoppingPosition(call(_stopping().sequenceNumbers, _numbers(numbers)))

    @staticmethod
    def committed(consumer_group: str) -> StoppingPosition:
        """End with the record, included, that a consumer group has got to at the start of the job.

        :param consumer_group: letters, digits and underscores.
        """
        return StoppingPosition(call(_stopping().committed, consumer_group))


def _numbers(numbers: Mapping[Shard, int]) -> Any:
    return call(
        python_values().sequenceNumbers,
        java_list(stream for stream, _ in numbers),
        java_list(shard for _, shard in numbers),
        # As text, because Py4J makes integers of small numbers.
        java_list(str(number) for number in numbers.values()),
    )


def _starting() -> Any:
    return java_class("io.v3io.flink.source.StartingPosition")


def _stopping() -> Any:
    return java_class("io.v3io.flink.source.StoppingPosition")
