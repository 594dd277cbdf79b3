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

package io.v3io.flink.testing.suite;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.external.ExternalSystemSplitDataWriter;
import org.apache.flink.connector.testframe.external.source.DataStreamSourceExternalContext;
import org.apache.flink.connector.testframe.external.source.TestingSourceSettings;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** What Flink's own tests of sources read: a stream with one shard for each of their writers. */
public final class SourceSuiteStream implements DataStreamSourceExternalContext<String> {

    private final EmulatedStreams streams;
    private final StreamPath stream;
    private final List<URL> jars;
    private int shards;

    /**
     * A stream that the first writer makes.
     *
     * @param jars that the cluster needs and does not have
     */
    public SourceSuiteStream(SuiteEmulator emulator, List<URL> jars) {
        this.streams = emulator.streams();
        this.stream = emulator.newStream();
        this.jars = List.copyOf(jars);
    }

    @Override
    public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
        V3ioSourceBuilder<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(stream.toString())
                        .setShardDiscoveryInterval(Duration.ofMillis(50))
                        .setDeserializer(new SimpleStringSchema());
        if (settings.getBoundedness() == Boundedness.BOUNDED) {
            source.setBounded(StoppingPosition.latest());
        }
        return source.build();
    }

    @Override
    public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
            TestingSourceSettings settings) {
        int shard = shards++;
        if (shard == 0) {
            streams.create(stream.toString(), shards);
        } else {
            streams.grow(stream, shards);
        }
        return new ShardWriter(streams, stream, shard);
    }

    /** Each record names split and seed, for the message of a test that misses it. */
    @Override
    public List<String> generateTestData(
            TestingSourceSettings settings, int splitIndex, long seed) {
        return IntStream.rangeClosed(1, 100 + new Random(seed).nextInt(900))
                .mapToObj(number -> splitIndex + "/" + number + " of seed " + seed)
                .toList();
    }

    @Override
    public TypeInformation<String> getProducedType() {
        return Types.STRING;
    }

    @Override
    public List<URL> getConnectorJarPaths() {
        return jars;
    }

    @Override
    public void close() {
        streams.client().deleteStream(stream).join();
    }

    @Override
    public String toString() {
        return stream.toString();
    }

    private record ShardWriter(EmulatedStreams streams, StreamPath stream, int shard)
            implements ExternalSystemSplitDataWriter<String> {

        @Override
        public void writeRecords(List<String> records) {
            List<PutRecord> data =
                    records.stream()
                            .map(record -> record.getBytes(StandardCharsets.UTF_8))
                            .map(bytes -> PutRecord.of(bytes).withShardId(shard))
                            .toList();
            streams.putAll(stream, data);
        }

        @Override
        public void close() {
            // The emulator goes on to be used.
        }
    }
}
