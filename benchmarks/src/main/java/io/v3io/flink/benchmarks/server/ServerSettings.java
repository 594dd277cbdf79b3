/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.benchmarks.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a canned server answers.
 *
 * @param workers threads that serve connections
 * @param shards shards of each stream, whatever its path
 * @param recordBytes payload of each record of a GetRecords answer
 * @param recordsPerAnswer records of a GetRecords answer if the request's limit allows them
 * @param putRecordBytes JSON bytes of each record of every PutRecords request, by which the records
 *     of a request are counted without a look at its body
 * @param tagged whether each record of a GetRecords answer has a tag in its client info
 * @param delay between a request and its answer
 */
public record ServerSettings(
        int workers,
        int shards,
        int recordBytes,
        int recordsPerAnswer,
        int putRecordBytes,
        boolean tagged,
        Duration delay) {

    /** 16 shards, 1,000 records of 1 KiB an answer, no delay. */
    public static ServerSettings standard() {
        return new ServerSettings(1, 16, 1_024, 1_000, 1, false, Duration.ZERO);
    }

    public ServerSettings withShards(int count) {
        return new ServerSettings(
                workers, count, recordBytes, recordsPerAnswer, putRecordBytes, tagged, delay);
    }

    public ServerSettings withRecords(int bytes, int perAnswer) {
        return new ServerSettings(workers, shards, bytes, perAnswer, putRecordBytes, tagged, delay);
    }

    public ServerSettings withPutRecordBytes(int bytes) {
        return new ServerSettings(
                workers, shards, recordBytes, recordsPerAnswer, bytes, tagged, delay);
    }

    /** Each record of an answer has a tag in its client info that no other one of its shard has. */
    public ServerSettings withTags() {
        return new ServerSettings(
                workers, shards, recordBytes, recordsPerAnswer, putRecordBytes, true, delay);
    }

    /** The same with so many threads, each with connections of its own. */
    public ServerSettings withWorkers(int count) {
        return new ServerSettings(
                count, shards, recordBytes, recordsPerAnswer, putRecordBytes, tagged, delay);
    }

    public ServerSettings withDelay(Duration time) {
        return new ServerSettings(
                workers, shards, recordBytes, recordsPerAnswer, putRecordBytes, tagged, time);
    }

    List<String> toArguments() {
        List<String> arguments = new ArrayList<>();
        for (long value :
                new long[] {
                    workers,
                    shards,
                    recordBytes,
                    recordsPerAnswer,
                    putRecordBytes,
                    tagged ? 1 : 0,
                    delay.toMillis()
                }) {
            arguments.add(Long.toString(value));
        }
        return arguments;
    }

    static ServerSettings ofArguments(String[] arguments) {
        return new ServerSettings(
                Integer.parseInt(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]),
                arguments[5].equals("1"),
                Duration.ofMillis(Long.parseLong(arguments[6])));
    }
}
