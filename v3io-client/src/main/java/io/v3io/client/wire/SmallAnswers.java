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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;
import io.v3io.client.model.Location;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.V3ioLimits;

import com.fasterxml.jackson.core.JsonParser;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Decoders of the answers that hold a value or two. */
@Internal
public final class SmallAnswers {

    private static final int SHARD_COUNT = 1;
    private static final int RETENTION = 1 << 1;

    private SmallAnswers() {}

    /** See {@link AnswerDecoder#NOTHING}. */
    static Void nothing(byte[] body, int length) throws MalformedAnswerException {
        for (int i = 0; i < length; i++) {
            if (body[i] != ' ' && body[i] != '\r' && body[i] != '\n' && body[i] != '\t') {
                return JsonAnswer.read(body, length, SmallAnswers::noError);
            }
        }
        return null;
    }

    private static Void noError(JsonParser json) throws IOException, MalformedAnswerException {
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (name.equals("ErrorCode") || name.equals("ErrorMessage")) {
                throw new MalformedAnswerException("has an " + name + " in spite of its status");
            }
            json.skipChildren();
        }
        return null;
    }

    /** Reads GetItem: that there is an item, whatever it has. */
    public static Void item(byte[] body, int length) throws MalformedAnswerException {
        return JsonAnswer.read(
                body,
                length,
                json -> {
                    ShardItem.numbers(json, Set.of());
                    return null;
                });
    }

    /** Reads DescribeStream: shard count and retention. */
    public static StreamDescription description(byte[] body, int length)
            throws MalformedAnswerException {
        return JsonAnswer.read(body, length, SmallAnswers::description);
    }

    /** Reads Seek: where to read from. */
    public static Location location(byte[] body, int length) throws MalformedAnswerException {
        return JsonAnswer.read(
                body,
                length,
                json -> {
                    Location location = null;
                    for (String name = json.nextFieldName();
                            name != null;
                            name = json.nextFieldName()) {
                        json.nextToken();
                        if (name.equals("Location")) {
                            JsonAnswer.once(location == null ? 0 : 1, 1, name);
                            location = location(json, name);
                        } else {
                            json.skipChildren();
                        }
                    }
                    JsonAnswer.require(location == null ? 0 : 1, 1, "Location");
                    return location;
                });
    }

    static Location location(JsonParser json, String field)
            throws IOException, MalformedAnswerException {
        String text = JsonAnswer.text(json, field);
        if (text.isEmpty()) {
            throw new MalformedAnswerException("has an empty " + field);
        }
        return new Location(text);
    }

    /** Reads GetItem: the committed position of a group, empty when it has none. */
    public static AnswerDecoder<OptionalLong> committedSequenceNumber(String consumerGroup) {
        String attribute = CommittedPosition.attribute(consumerGroup);
        return (body, length) ->
                JsonAnswer.read(
                        body,
                        length,
                        json -> {
                            Map<String, Long> numbers = ShardItem.numbers(json, Set.of(attribute));
                            return numbers.containsKey(attribute)
                                    ? OptionalLong.of(numbers.get(attribute))
                                    : OptionalLong.empty();
                        });
    }

    /** Reads GetItem: the state of a consumer group, empty when its object has none. */
    public static Optional<String> groupState(byte[] body, int length)
            throws MalformedAnswerException {
        return JsonAnswer.read(
                body,
                length,
                json ->
                        Optional.ofNullable(
                                ShardItem.texts(json, Set.of(ApiRequests.GROUP_STATE))
                                        .get(ApiRequests.GROUP_STATE)));
    }

    /**
     * Reads GetItem: the newest sequence number of a shard. Empty if the server says that there is
     * none, or that what exists is no shard; if it says neither, nothing is known.
     */
    public static OptionalLong newestSequenceNumber(byte[] body, int length)
            throws MalformedAnswerException {
        return JsonAnswer.read(body, length, ShardItem::newestSequenceNumber);
    }

    private static StreamDescription description(JsonParser json)
            throws IOException, MalformedAnswerException {
        int seen = 0;
        int shardCount = 0;
        int retentionHours = 0;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "ShardCount" -> {
                    seen = JsonAnswer.once(seen, SHARD_COUNT, name);
                    shardCount = JsonAnswer.intValue(json, name, 1, V3ioLimits.MAX_SHARDS);
                }
                case "RetentionPeriodHours" -> {
                    seen = JsonAnswer.once(seen, RETENTION, name);
                    retentionHours = JsonAnswer.intValue(json, name, 0, Integer.MAX_VALUE);
                }
                default -> json.skipChildren();
            }
        }
        JsonAnswer.require(seen, SHARD_COUNT, "ShardCount");
        JsonAnswer.require(seen, RETENTION, "RetentionPeriodHours");
        return new StreamDescription(shardCount, retentionHours);
    }
}
