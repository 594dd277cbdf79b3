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

package io.v3io.emulator.admin;

import io.v3io.emulator.Dialect;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.operations.RecordDecoder;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.ShardSummary;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.Stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** What the page shows, as JSON; bounded, however much the emulator holds. */
final class StateJson {
    private static final int MAX_STREAMS = 100;
    private static final int MAX_SHARDS_PER_STREAM = 128;
    private static final int MAX_RECORDS_PER_STREAM = 10;

    /** Newest records are looked for in so many shards, those that have got a record last. */
    private static final int MAX_SHARDS_FOR_RECORDS = 5;

    private static final int MAX_RECORD_BYTES = 1 << 18;
    private static final int PREVIEW_BYTES = 160;

    private final Store store;
    private final Dialect dialect;

    StateJson(Store store, Dialect dialect) {
        this.store = store;
        this.dialect = dialect;
    }

    ObjectNode write() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("now", store.clock().now().toString());
        json.put("dialect", dialect.toString());
        json.set("dialectSettings", DialectJson.write(dialect));
        List<Stream> streams = new ArrayList<>();
        for (Container container : store.containers()) {
            streams.addAll(container.streams());
        }
        json.put("streamCount", streams.size());
        ArrayNode array = json.putArray("streams");
        streams.stream().limit(MAX_STREAMS).forEach(stream -> write(stream, array.addObject()));
        return json;
    }

    private static void write(Stream stream, ObjectNode json) {
        List<ShardSummary> born = stream.summaries().stream().filter(ShardSummary::born).toList();
        json.put("path", stream.container() + "/" + stream.path());
        json.put("shardCount", stream.shardCount());
        json.put("retentionPeriodHours", stream.retentionHours());
        json.put("bornShards", born.size());
        json.put("records", born.stream().mapToLong(ShardSummary::records).sum());
        json.put("bytes", born.stream().mapToLong(ShardSummary::bytes).sum());
        ArrayNode shards = json.putArray("shards");
        born.stream()
                .limit(MAX_SHARDS_PER_STREAM)
                .forEach(shard -> write(shard, shards.addObject()));
        writeNewest(stream, born, json.putArray("newestRecords"));
    }

    private static void write(ShardSummary shard, ObjectNode json) {
        json.put("shardId", shard.shardId());
        json.put("records", shard.records());
        json.put("firstSequenceNumber", shard.firstSequence());
        json.put("lastSequenceNumber", shard.lastSequence());
        json.put("bytes", shard.bytes());
        json.put("newestArrival", EmulatorClock.toInstant(shard.lastArrivalNanos()).toString());
        ObjectNode committed = json.putObject("committed");
        Stream.committedByGroup(shard.userAttributes()).forEach(committed::put);
    }

    private static void writeNewest(Stream stream, List<ShardSummary> born, ArrayNode json) {
        record Found(int shardId, StoredRecord record) {}

        List<Found> found = new ArrayList<>();
        born.stream()
                .sorted(Comparator.comparingLong(ShardSummary::lastArrivalNanos).reversed())
                .limit(MAX_SHARDS_FOR_RECORDS)
                .forEach(
                        shard -> {
                            ByteBuf records =
                                    stream.shard(shard.shardId())
                                            .newest(MAX_RECORDS_PER_STREAM, MAX_RECORD_BYTES);
                            try {
                                RecordDecoder.decode(records)
                                        .forEach(
                                                record ->
                                                        found.add(
                                                                new Found(
                                                                        shard.shardId(), record)));
                            } finally {
                                records.release();
                            }
                        });
        found.stream()
                .sorted(
                        Comparator.comparing((Found one) -> one.record().arrivalTime())
                                .thenComparing(one -> one.record().sequenceNumber())
                                .reversed())
                .limit(MAX_RECORDS_PER_STREAM)
                .forEach(one -> write(one.shardId(), one.record(), json.addObject()));
    }

    private static void write(int shardId, StoredRecord record, ObjectNode json) {
        json.put("shardId", shardId);
        json.put("sequenceNumber", record.sequenceNumber());
        json.put("arrival", record.arrivalTime().toString());
        json.put("partitionKey", record.partitionKey());
        json.put("clientInfo", record.clientInfo() == null ? null : preview(record.clientInfo()));
        json.put("bytes", record.data().length);
        json.put("preview", preview(record.data()));
    }

    /** Text where it is text, else hexadecimal. */
    private static String preview(byte[] data) {
        int length = Math.min(data.length, PREVIEW_BYTES);
        // The cut may be inside of a character: up to three bytes less make it whole again.
        for (int end = length; end >= Math.max(0, length - 3); end--) {
            try {
                String text =
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .decode(ByteBuffer.wrap(data, 0, end))
                                .toString();
                return end < data.length ? text + "\u2026" : text;
            } catch (CharacterCodingException notTheEndOfACharacter) {
                if (data.length <= PREVIEW_BYTES) {
                    break;
                }
            }
        }
        String hex = HexFormat.of().formatHex(data, 0, Math.min(length, PREVIEW_BYTES / 2));
        return "0x" + hex + (length < data.length ? "\u2026" : "");
    }
}
