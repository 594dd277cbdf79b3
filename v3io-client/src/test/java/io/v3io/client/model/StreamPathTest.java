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

package io.v3io.client.model;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StreamPathTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "users/me/words, users, me/words",
        "/users/me/words/, users, me/words",
        "v3io:///users/me/words, users, me/words",
        "v3io://webapi/users/me/words/, users, me/words",
        "http://host:8081/users/me/a%20b%2Bc+d, users, me/a b+c+d",
        "https://host/users/%E4%B8%96/s%40x, users, 世/s@x",
        "users/a%20b, users, a%20b"
    })
    void parsesTheFormsOfThePlatformsTools(String text, String container, String path) {
        StreamPath parsed = StreamPath.parse(text);
        assertThat(parsed.container()).isEqualTo(container);
        assertThat(parsed.path()).isEqualTo(path);
        assertThat(StreamPath.parse(parsed.toString())).isEqualTo(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "users",
                "users/",
                "/users",
                "//me",
                "users//me",
                "users/me//",
                "users/../x",
                "users/./x",
                "../users/x",
                "users/a\nb",
                "users/\ud83d",
                "v3io://host",
                "v3io://host/users",
                "http://host/users/me@group",
                "http://host/users/me?x=1",
                "http://host/users/me#f",
                "http://host/users/a%2Fb",
                "http://host/users/a%zz",
                "ftp://host/users/me"
            })
    void refusesWhatNamesNoStream(String text) {
        assertThatThrownBy(() -> StreamPath.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAPathOverTheLimitInBytes() {
        assertThat(StreamPath.of("c", "x".repeat(4_096)).path()).hasSize(4_096);
        assertThatThrownBy(() -> StreamPath.of("c", "x".repeat(4_097)))
                .hasMessageContaining("4097 bytes");
        assertThatThrownBy(() -> StreamPath.of("c", "\u4e16".repeat(1_366)))
                .hasMessageContaining("4098 bytes");
        assertThatThrownBy(() -> StreamPath.of("a/b", "x")).hasMessageContaining("'/'");
    }

    @Test
    void shardsAreComparedByStreamAndThenByNumber() {
        StreamPath a = StreamPath.parse("users/a");
        StreamPath b = StreamPath.parse("users/b");
        assertThat(a.shard(10)).isGreaterThan(a.shard(9)).isLessThan(b.shard(0));
        assertThat(a.shard(3)).hasToString("users/a/3").isEqualTo(new ShardId(a, 3));
        assertThatThrownBy(() -> a.shard(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> a.shard(4_096)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noTextFormShowsWhatIsInARecord() {
        PutRecord put =
                PutRecord.of("canary".getBytes(StandardCharsets.UTF_8))
                        .withPartitionKey("canary")
                        .withClientInfo("canary".getBytes(StandardCharsets.UTF_8));
        StreamRecord received =
                new StreamRecord(
                        StreamPath.parse("users/a").shard(1),
                        5,
                        1_700_000_000,
                        999_999_999,
                        put.data(),
                        put.partitionKey(),
                        put.clientInfo());
        assertThat(put.toString()).contains("dataBytes=6").doesNotContain("canary");
        assertThat(received.toString()).contains("users/a/1", "5").doesNotContain("canary");
        assertThat(received.arrivalTimeMillis()).isEqualTo(1_700_000_000_999L);
    }
}
