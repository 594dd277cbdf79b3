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

package io.v3io.flink.source;

import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.deadletter.DeadLetterSettings;
import io.v3io.flink.source.enumerator.StreamReading;
import io.v3io.flink.source.enumerator.StreamSubscription;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.Boundedness;

import javax.annotation.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a source reads, as its builder is told: which streams, of each from where, until where and
 * which shards, the group whose positions follow, and the stream of the dead letters. Checks what
 * does not fit together.
 */
@Internal
final class SubscribedStreams {

    private List<StreamAddress> addresses = List.of();
    @Nullable private StreamSubscription subscription;
    @Nullable private String consumerGroup;
    @Nullable private StreamAddress deadLetters;
    @Nullable private Boundedness boundedness;

    private StartingPosition startingPosition = StartingPosition.earliest();
    @Nullable private StoppingPosition stoppingPosition;
    @Nullable private Set<Integer> shardIds;

    private final Map<StreamPath, StartingPosition> startingPositions = new HashMap<>();
    private final Map<StreamPath, StoppingPosition> stoppingPositions = new HashMap<>();
    private final Map<StreamPath, Set<Integer>> shardIdsOfStreams = new HashMap<>();

    void name(List<String> texts) {
        List<StreamAddress> given = texts.stream().map(StreamAddress::parse).toList();
        given.stream()
                .map(StreamAddress::consumerGroup)
                .filter(Objects::nonNull)
                .forEach(ConsumerGroupName::check);
        List<StreamPath> parsed = given.stream().map(StreamAddress::stream).toList();
        if (parsed.isEmpty()) {
            throw new IllegalArgumentException("The list of streams must not be empty.");
        }
        if (new HashSet<>(parsed).size() < parsed.size()) {
            throw new IllegalArgumentException("A stream stands twice in " + parsed + ".");
        }
        subscribe(new StreamSubscription.Named(parsed));
        this.addresses = given;
    }

    void match(String directory, Pattern names) {
        Objects.requireNonNull(names, "names");
        // Read as a stream in it would be, so that a directory is refused for the same reasons.
        StreamAddress address = StreamAddress.parse(trimLastSlash(directory) + "/stream");
        StreamPath inside = address.stream();
        int end = inside.path().lastIndexOf('/');
        subscribe(
                new StreamSubscription.Matching(
                        inside.container(), inside.path().substring(0, Math.max(0, end)), names));
        this.addresses = List.of(new StreamAddress(directory, inside, address.endpoint(), null));
    }

    private static String trimLastSlash(String directory) {
        return directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
    }

    private void subscribe(StreamSubscription wanted) {
        if (subscription != null && subscription.getClass() != wanted.getClass()) {
            throw new IllegalArgumentException(
                    "Either streams or a stream pattern can be set, not both: "
                            + subscription
                            + " and "
                            + wanted
                            + ".");
        }
        subscription = wanted;
    }

    void startAt(StartingPosition position) {
        startingPosition = Objects.requireNonNull(position, "startingPosition");
    }

    void startAt(StreamPath stream, StartingPosition position) {
        startingPositions.put(stream, Objects.requireNonNull(position, "startingPosition"));
    }

    void stopAt(StoppingPosition position, Boundedness kind) {
        Objects.requireNonNull(position, "stoppingPosition");
        if (boundedness != null && boundedness != kind) {
            throw new IllegalArgumentException(
                    "Either setBounded or setUnbounded can be called, not both.");
        }
        this.stoppingPosition = position;
        this.boundedness = kind;
    }

    void stopAt(StreamPath stream, StoppingPosition position) {
        stoppingPositions.put(stream, Objects.requireNonNull(position, "stoppingPosition"));
    }

    void readShards(Set<Integer> ids) {
        shardIds = checkShardIds(ids);
    }

    void readShards(StreamPath stream, Set<Integer> ids) {
        shardIdsOfStreams.put(stream, checkShardIds(ids));
    }

    private static Set<Integer> checkShardIds(Set<Integer> ids) {
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("The set of shard ids must not be empty.");
        }
        for (int id : ids) {
            if (id < 0 || id >= V3ioLimits.MAX_SHARDS) {
                throw new IllegalArgumentException(
                        "A shard id must be 0 to "
                                + (V3ioLimits.MAX_SHARDS - 1)
                                + ", not "
                                + id
                                + ".");
            }
        }
        return ids;
    }

    void commitFor(String group) {
        ConsumerGroupName.check(group);
        consumerGroup = group;
    }

    void deadLettersGoTo(String text) {
        StreamAddress address = StreamAddress.parse(text);
        if (address.consumerGroup() != null) {
            throw new IllegalArgumentException(
                    "The dead-letter stream '"
                            + text
                            + "' names consumer group '"
                            + address.consumerGroup()
                            + "', which is for streams that are read; leave '@' and the group out.");
        }
        deadLetters = address;
    }

    void checkSet() {
        if (subscription == null) {
            throw new IllegalArgumentException(
                    "No stream is set: call setStream, setStreams or setStreamPattern.");
        }
    }

    StreamSubscription subscription() {
        return subscription;
    }

    /** What is read and where dead letters go, as it was given, which may name the server. */
    List<StreamAddress> addresses() {
        return Stream.concat(addresses.stream(), Stream.ofNullable(deadLetters)).toList();
    }

    /** How dead letters are stored; null if there is no stream for them. */
    @Nullable
    DeadLetterSettings deadLetters(V3ioClientConfig client) {
        return deadLetters == null
                ? null
                : DeadLetterSettings.of(
                        deadLetters.stream(),
                        SettingNames.of(V3ioSourceOptions.DEAD_LETTER_STREAM),
                        SettingNames.of(
                                V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM,
                                OnUnsubscribedStream.DROP),
                        client);
    }

    void checkDeadLetters(OnDeserializationFailure onFailure) {
        boolean areWanted = onFailure == OnDeserializationFailure.DEAD_LETTER;
        if (areWanted != (deadLetters != null)) {
            throw new IllegalArgumentException(
                    areWanted
                            ? "setOnDeserializationFailure with DEAD_LETTER needs setDeadLetterStream."
                            : "setDeadLetterStream needs setOnDeserializationFailure with"
                                    + " DEAD_LETTER.");
        }
        if (areWanted && subscription.contains(deadLetters.stream())) {
            throw new IllegalArgumentException(
                    "Stream "
                            + deadLetters.stream()
                            + " is read, and so cannot take the dead letters: each of them would make"
                            + " another one. Correct setDeadLetterStream.");
        }
    }

    Boundedness boundedness() {
        return boundedness == null ? Boundedness.CONTINUOUS_UNBOUNDED : boundedness;
    }

    /**
     * The group to commit for, which is set or named by the addresses of the streams; null for
     * none.
     *
     * @throws IllegalArgumentException if there are two, or if reading ends where the group is
     */
    @Nullable
    String consumerGroup() {
        String group = consumerGroup;
        StreamAddress first = null;
        for (StreamAddress address : addresses) {
            if (address.consumerGroup() == null) {
                continue;
            }
            if (group != null && !group.equals(address.consumerGroup())) {
                throw new IllegalArgumentException(
                        "The stream '"
                                + address.text()
                                + "' names another consumer group than "
                                + (first == null
                                        ? "setConsumerGroup '" + group
                                        : "the stream '" + first.text())
                                + "' does; a source has one.");
            }
            group = address.consumerGroup();
            first = address;
        }
        checkThatGroupDoesNotGoBack(group);
        return group;
    }

    /** What the group has committed since the start would be overwritten by what it had then. */
    private void checkThatGroupDoesNotGoBack(@Nullable String committing) {
        Stream.concat(Stream.ofNullable(stoppingPosition), stoppingPositions.values().stream())
                .filter(StoppingPosition.Committed.class::isInstance)
                .map(stop -> ((StoppingPosition.Committed) stop).consumerGroup())
                .filter(group -> group.equals(committing))
                .findAny()
                .ifPresent(
                        group -> {
                            throw new IllegalArgumentException(
                                    "A source cannot stop where group '"
                                            + group
                                            + "' is and commit for it, too, because that would set the"
                                            + " group back. Commit for another group, or for none.");
                        });
    }

    /**
     * What is read of each stream.
     *
     * @throws IllegalArgumentException if a position or shards are set for a stream that is not
     *     read
     */
    StreamReading.OfStreams readings() {
        Map<StreamPath, StreamReading> exceptions = new HashMap<>();
        Set<StreamPath> streams = new HashSet<>(startingPositions.keySet());
        streams.addAll(stoppingPositions.keySet());
        streams.addAll(shardIdsOfStreams.keySet());
        for (StreamPath stream : streams) {
            if (!subscription.contains(stream)) {
                throw new IllegalArgumentException(
                        "A position or shards are set for stream "
                                + stream
                                + ", which is not one of "
                                + subscription
                                + ".");
            }
            exceptions.put(
                    stream,
                    new StreamReading(
                            startingPositions.getOrDefault(stream, startingPosition),
                            stoppingPositions.getOrDefault(stream, stoppingPosition),
                            shardIdsOfStreams.getOrDefault(stream, shardIds)));
        }
        if (!stoppingPositions.isEmpty() && stoppingPosition == null) {
            throw new IllegalArgumentException(
                    "A stopping position is set for "
                            + stoppingPositions.keySet()
                            + " only. Call setBounded or setUnbounded for the other streams, too: a source ends"
                            + " when all its streams do.");
        }
        startingPositions.forEach(
                (stream, position) -> checkNamedShards("starting", position, stream::equals));
        stoppingPositions.forEach(
                (stream, position) -> checkNamedShards("stopping", position, stream::equals));
        checkNamedShards("starting", startingPosition, subscription::contains);
        if (stoppingPosition != null) {
            checkNamedShards("stopping", stoppingPosition, subscription::contains);
        }
        return new StreamReading.OfStreams(
                new StreamReading(startingPosition, stoppingPosition, shardIds), exceptions);
    }

    private void checkNamedShards(
            String name, StartingPosition position, Predicate<StreamPath> isRead) {
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            checkStreamsAreRead(name, numbers.firstSequenceNumbers().keySet(), isRead);
        }
    }

    private void checkNamedShards(
            String name, StoppingPosition position, Predicate<StreamPath> isRead) {
        if (position instanceof StoppingPosition.SequenceNumbers numbers) {
            checkStreamsAreRead(name, numbers.lastSequenceNumbers().keySet(), isRead);
        }
    }

    private void checkStreamsAreRead(
            String position, Set<ShardId> named, Predicate<StreamPath> isRead) {
        for (ShardId shard : named) {
            if (!isRead.test(shard.stream())) {
                throw new IllegalArgumentException(
                        "The "
                                + position
                                + " position names shard "
                                + shard
                                + ", but its stream is not one of "
                                + subscription
                                + ", or the position is set for another stream.");
            }
        }
    }
}
