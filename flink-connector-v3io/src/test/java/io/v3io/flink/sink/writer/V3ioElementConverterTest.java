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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.sink.ClientInfoSelector;
import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.ShardIdSelector;
import io.v3io.flink.sink.TestTask;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.util.FlinkRuntimeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioElementConverterTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");
    private static final RecordLimits LIMITS =
            new RecordLimits(V3ioLimits.MAX_DATA_BYTES, V3ioLimits.MAX_PUT_BODY_BYTES);

    @Test
    void leavesTheShardToThePlatformWithoutARoute() {
        PutRecord record = converter(null, null, null).apply("wolf", null).record();
        assertThat(record.data()).isEqualTo("wolf".getBytes(UTF_8));
        assertThat(record.partitionKey()).isNull();
        assertThat(record.shardId()).isEmpty();
        assertThat(record.clientInfo()).isNull();
    }

    @Test
    void routesByKeyOrByShard() {
        assertThat(converter(s -> "k" + s, null, null).apply("wolf", null).record().partitionKey())
                .isEqualTo("kwolf");
        assertThat(converter(null, String::length, null).apply("wolf", null).record().shardId())
                .hasValue(4);
    }

    @ParameterizedTest
    @NullAndEmptySource
    void sendsNoKeyForANullOrEmptyOne(String key) {
        PutRecord record = converter(s -> key, null, null).apply("wolf", null).record();
        assertThat(record.partitionKey()).isNull();
        assertThat(record.shardId()).isEmpty();
    }

    @Test
    void attachesClientInfo() {
        byte[] info = {1, 2};
        assertThat(converter(null, null, s -> info).apply("wolf", null).record().clientInfo())
                .isEqualTo(info);
        assertThat(converter(null, null, s -> null).apply("wolf", null).record().clientInfo())
                .isNull();
    }

    @Test
    void refusesARecordOverALimit() {
        assertThatThrownBy(() -> converter(null, s -> -1, null).apply("wolf", null))
                .isInstanceOf(InvalidRecordException.class);
        assertThatThrownBy(() -> converter(null, null, s -> new byte[17]).apply("wolf", null))
                .isInstanceOf(InvalidRecordException.class);
    }

    @Test
    void opensTheSchemaWithTheContextOfTheWriter() throws Exception {
        try (TestTask task = new TestTask()) {
            OpenedSchema schema = new OpenedSchema();
            new V3ioElementConverter<>(
                            List.of(STREAM), LIMITS, null, schema, null, null, null, false)
                    .open(task.context());
            assertThat(schema.context).isNotNull();
            assertThat(schema.context.getUserCodeClassLoader()).isNotNull();
        }
    }

    @Test
    void saysWhichSinkHasASchemaThatCannotBeOpened() throws Exception {
        try (TestTask task = new TestTask()) {
            OpenedSchema schema = new OpenedSchema();
            schema.failure = new IOException("no registry");
            assertThatThrownBy(
                            () ->
                                    new V3ioElementConverter<>(
                                                    List.of(STREAM),
                                                    LIMITS,
                                                    null,
                                                    schema,
                                                    null,
                                                    null,
                                                    null,
                                                    false)
                                            .open(task.context()))
                    .isInstanceOf(FlinkRuntimeException.class)
                    .hasMessageContaining("users/me/orders")
                    .hasRootCauseMessage("no registry");
        }
    }

    @Test
    void refusesASchemaThatReturnsNull() {
        assertThatThrownBy(
                        () ->
                                new V3ioElementConverter<>(
                                                List.of(STREAM),
                                                LIMITS,
                                                null,
                                                new OpenedSchema(),
                                                null,
                                                null,
                                                null,
                                                false)
                                        .apply("wolf", null))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("OpenedSchema")
                .hasMessageContaining("returned null");
    }

    private static V3ioElementConverter<String> converter(
            @Nullable PartitionKeySelector<String> key,
            @Nullable ShardIdSelector<String> shard,
            @Nullable ClientInfoSelector<String> info) {
        return new V3ioElementConverter<>(
                List.of(STREAM), LIMITS, null, new SimpleStringSchema(), key, shard, info, false);
    }

    private static final class OpenedSchema implements SerializationSchema<String> {

        private static final long serialVersionUID = 1L;

        private transient InitializationContext context;
        private transient IOException failure;

        @Override
        public void open(InitializationContext context) throws IOException {
            if (failure != null) {
                throw failure;
            }
            this.context = context;
        }

        @Override
        public byte[] serialize(String element) {
            return null;
        }
    }
}
