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

package io.v3io.flink.examples;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.java.tuple.Tuple2;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CountSchemaTest {

    private static final RunId RUN = new RunId(42);

    private final List<Tuple2<String, Long>> read = new ArrayList<>();

    @Test
    void readsTheCountsOfItsRunOnly() throws IOException {
        byte[] count = CountSchema.serialize(Tuple2.of("wolf", 7L));
        read(count, RUN.toClientInfo());
        read(count, new RunId(43).toClientInfo());
        read(count, new byte[] {1});
        read(count, null);
        assertThat(read).containsExactly(Tuple2.of("wolf", 7L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wolf", "wolf\tmany", "wolf\t", ""})
    void refusesWhatIsNoCount(String text) {
        assertThatThrownBy(() -> read(text.getBytes(UTF_8), RUN.toClientInfo()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a word, a tab and a number");
    }

    private void read(byte[] data, byte[] clientInfo) throws IOException {
        new CountSchema(RUN)
                .deserialize(
                        new StreamRecord(
                                StreamPath.parse("users/counts").shard(0),
                                1,
                                0,
                                0,
                                data,
                                null,
                                clientInfo),
                        new ListCollector<>(read));
    }
}
