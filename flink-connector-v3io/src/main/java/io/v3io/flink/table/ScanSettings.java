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

package io.v3io.flink.table;

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.watermark.WatermarkEmitStrategy;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Takes a table's options for reading over into a source. */
final class ScanSettings {

    private final ReadableConfig options;
    private final ReadableConfig session;
    private final ScanPositions positions;
    private boolean isPlatformToBeAsked;

    /**
     * Settings of a table.
     *
     * @param session the configuration that the statement is planned with
     * @throws ValidationException if options contradict each other
     */
    ScanSettings(ReadableConfig options, ReadableConfig session) {
        this.options = options;
        this.session = session;
        this.isPlatformToBeAsked = PlanningCheck.isWanted(options, session);
        this.positions =
                TableOptions.validated(OptionWords.READING, () -> new ScanPositions(options));
    }

    ScanPositions positions() {
        return positions;
    }

    /** Whether the scan is bounded to Flink. */
    boolean isBounded() {
        return options.get(V3ioSourceOptions.BOUNDED_MODE)
                        != V3ioSourceOptions.BoundedMode.UNBOUNDED
                && !options.get(V3ioSourceOptions.BOUNDED_AS_STREAM);
    }

    /** Null for that of the job. */
    @Nullable
    Integer parallelism() {
        return options.getOptional(FactoryUtil.SOURCE_PARALLELISM).orElse(null);
    }

    /**
     * Watermarks of arrival times, which never go back in a shard, with what the table's options
     * and the session say about idle and aligned sources.
     *
     * @throws ValidationException if an option has no effect with them
     */
    WatermarkStrategy<RowData> arrivalWatermarks() {
        if (options.get(FactoryUtil.WATERMARK_EMIT_STRATEGY) == WatermarkEmitStrategy.ON_EVENT) {
            throw new ValidationException(
                    "Option '"
                            + FactoryUtil.WATERMARK_EMIT_STRATEGY.key()
                            + "' = 'on-event' has no effect with SOURCE_WATERMARK(), whose watermarks are"
                            + " emitted periodically. Remove it, or declare the watermark as an expression.");
        }
        WatermarkStrategy<RowData> strategy = WatermarkStrategy.forMonotonousTimestamps();
        Duration idleTimeout =
                options.getOptional(FactoryUtil.SOURCE_IDLE_TIMEOUT)
                        .orElseGet(
                                () ->
                                        session.get(
                                                ExecutionConfigOptions
                                                        .TABLE_EXEC_SOURCE_IDLE_TIMEOUT));
        if (!idleTimeout.isZero()) {
            strategy = strategy.withIdleness(idleTimeout);
        }
        Optional<String> group = options.getOptional(FactoryUtil.WATERMARK_ALIGNMENT_GROUP);
        return group.isEmpty()
                ? strategy
                : strategy.withWatermarkAlignment(
                        group.get(),
                        options.get(FactoryUtil.WATERMARK_ALIGNMENT_MAX_DRIFT),
                        options.get(FactoryUtil.WATERMARK_ALIGNMENT_UPDATE_INTERVAL));
    }

    /**
     * The source.
     *
     * @param deserializer makes rows
     * @param region what to read
     * @param limit rows after which a reader may end; null for none
     * @throws ValidationException if the builder refuses the options, or the platform has not what
     *     they name
     */
    V3ioSource<RowData> source(
            V3ioDeserializationSchema<RowData> deserializer,
            ScanRegion region,
            @Nullable Long limit) {
        V3ioSource<RowData> source =
                TableOptions.validated(
                        OptionWords.READING, () -> build(deserializer, region, limit));
        if (isPlatformToBeAsked) {
            PlanningCheck.run(options, expectedStreams());
            // The planner asks several times for what it uses once.
            isPlatformToBeAsked = false;
        }
        return source;
    }

    private ExpectedStreams expectedStreams() {
        List<StreamPath> streams =
                options.getOptional(V3ioConnectionOptions.STREAM).orElse(List.of()).stream()
                        .map(text -> StreamAddress.parse(text).stream())
                        .toList();
        ExpectedStreams.Matching matching = null;
        if (streams.isEmpty()) {
            String directory = options.get(V3ioSourceOptions.STREAM_DIRECTORY);
            StreamPath inside =
                    StreamPath.parse(directory + (directory.endsWith("/") ? "" : "/") + "any");
            matching =
                    new ExpectedStreams.Matching(
                            inside.container(),
                            inside.path().substring(0, Math.max(0, inside.path().lastIndexOf('/'))),
                            compile(options.get(V3ioSourceOptions.STREAM_PATTERN)));
        }
        return new ExpectedStreams(
                streams,
                matching,
                options.get(V3ioSourceOptions.ON_MISSING_STREAM) == OnMissingStream.FAIL
                        ? "Create it, or let the job wait for it with '"
                                + V3ioSourceOptions.ON_MISSING_STREAM.key()
                                + "' = 'wait'."
                        : null,
                ExpectedStreams.DeadLetters.of(
                        options, V3ioSourceOptions.DEAD_LETTER_STREAM, "Create it."),
                positions.namedShards());
    }

    /**
     * Finds out what the builder would refuse, when the table is looked up and not only when a job
     * is made of it.
     *
     * @throws ValidationException if it refuses the options
     */
    void check() {
        TableOptions.validated(OptionWords.READING, () -> builder(ScanRegion.ALL, null));
    }

    private V3ioSource<RowData> build(
            V3ioDeserializationSchema<RowData> deserializer,
            ScanRegion region,
            @Nullable Long limit) {
        return builder(region, limit).setDeserializer(deserializer).build();
    }

    private V3ioSourceBuilder<RowData> builder(ScanRegion region, @Nullable Long limit) {
        V3ioSourceBuilder<RowData> source = V3ioSource.builder();
        source.configureClient(ClientSettings.of(options, retryPolicy(), OptionWords.READING));
        subscribe(source);
        position(source, region);
        if (limit != null && isBounded()) {
            source.setElementLimit(limit);
        }
        options.getOptional(V3ioSourceOptions.CONSUMER_GROUP)
                .ifPresent(
                        group ->
                                TableOptions.named(
                                        V3ioSourceOptions.CONSUMER_GROUP,
                                        group,
                                        () -> source.setConsumerGroup(group)));
        options.getOptional(V3ioSourceOptions.BACKLOG_THRESHOLD)
                .ifPresent(source::setBacklogThreshold);
        options.getOptional(V3ioSourceOptions.RATE_LIMIT_RECORDS)
                .ifPresent(source::setMaxRecordsPerSecond);
        options.getOptional(V3ioSourceOptions.RATE_LIMIT_BYTES)
                .ifPresent(source::setMaxBytesPerSecond);
        options.getOptional(V3ioSourceOptions.DEAD_LETTER_STREAM)
                .ifPresent(
                        stream ->
                                TableOptions.named(
                                        V3ioSourceOptions.DEAD_LETTER_STREAM,
                                        stream,
                                        () -> source.setDeadLetterStream(stream)));
        return source.setDropDuplicates(options.get(V3ioSourceOptions.DROP_DUPLICATES))
                .setDropDuplicatesWindow(
                        options.get(V3ioSourceOptions.DROP_DUPLICATES_MAX_RECORDS),
                        options.get(V3ioSourceOptions.DROP_DUPLICATES_MAX_TIME))
                .setOnMissingStream(options.get(V3ioSourceOptions.ON_MISSING_STREAM))
                .setOnDeletedStream(options.get(V3ioSourceOptions.ON_DELETED_STREAM))
                .setOnUnsubscribedStream(options.get(V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM))
                .setShardDiscoveryInterval(options.get(V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL))
                .setMaxRecordsPerRequest(options.get(V3ioSourceOptions.FETCH_MAX_RECORDS))
                .setBufferSize(options.get(V3ioSourceOptions.FETCH_BUFFER_SIZE))
                .setReadAhead(options.get(V3ioSourceOptions.FETCH_READ_AHEAD))
                .setIdlePause(
                        options.get(V3ioSourceOptions.IDLE_PAUSE_MIN),
                        options.get(V3ioSourceOptions.IDLE_PAUSE_MAX))
                .setOnDataLoss(options.get(V3ioSourceOptions.ON_DATA_LOSS))
                .setOnDeserializationFailure(
                        options.get(V3ioSourceOptions.ON_DESERIALIZATION_FAILURE));
    }

    private RetryPolicy retryPolicy() {
        return new RetryPolicy(
                options.get(V3ioSourceOptions.RETRY_MAX_RETRIES),
                options.get(V3ioSourceOptions.RETRY_MAX_ELAPSED),
                options.get(V3ioSourceOptions.RETRY_INITIAL_BACKOFF),
                options.get(V3ioSourceOptions.RETRY_MAX_BACKOFF));
    }

    private void subscribe(V3ioSourceBuilder<RowData> source) {
        Optional<List<String>> streams = options.getOptional(V3ioConnectionOptions.STREAM);
        Optional<String> pattern = options.getOptional(V3ioSourceOptions.STREAM_PATTERN);
        if (streams.isPresent() == pattern.isPresent()) {
            throw new ValidationException(
                    "Either option '"
                            + V3ioConnectionOptions.STREAM.key()
                            + "' or option '"
                            + V3ioSourceOptions.STREAM_PATTERN.key()
                            + "' must be set for a table that is read"
                            + (pattern.isPresent() ? ", not both." : "."));
        }
        TableOptions.requireTogether(
                options, V3ioSourceOptions.STREAM_PATTERN, V3ioSourceOptions.STREAM_DIRECTORY);
        streams.ifPresent(
                names ->
                        TableOptions.named(
                                V3ioConnectionOptions.STREAM,
                                String.join(";", names),
                                () -> source.setStreams(names)));
        pattern.ifPresent(
                names ->
                        source.setStreamPattern(
                                options.get(V3ioSourceOptions.STREAM_DIRECTORY), compile(names)));
    }

    private static Pattern compile(String names) {
        try {
            return Pattern.compile(names);
        } catch (PatternSyntaxException e) {
            throw new ValidationException(
                    "Option '"
                            + V3ioSourceOptions.STREAM_PATTERN.key()
                            + "' is not a regular expression: "
                            + e.getMessage());
        }
    }

    private void position(V3ioSourceBuilder<RowData> source, ScanRegion region) {
        source.setStartingPosition(positions.starting(region.from()));
        Optional<StoppingPosition> stopping = positions.stopping(region.before());
        if (options.get(V3ioSourceOptions.BOUNDED_AS_STREAM)) {
            stopping.ifPresent(source::setUnbounded);
        } else {
            stopping.ifPresent(source::setBounded);
        }
        Set<Integer> shardIds = region.shardIds();
        if (shardIds != null) {
            source.setShardIds(shardIds);
        }
    }
}
