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

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How Nuclio and MLRun name streams. */
class StreamAddressTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "NULL",
            value = {
                "c/a/b, c/a/b, NULL, NULL",
                "c/a@b, c/a@b, NULL, NULL",
                "v3io:///c/a/b, c/a/b, NULL, NULL",
                "v3io:///c/a@b/, c/a@b, NULL, NULL",
                "v3io://h/c/a, c/a, http://h, NULL",
                "v3io://h:8081/c/a, c/a, http://h:8081, NULL",
                "v3ios://h/c/a, c/a, https://h, NULL",
                "v3ios:///c/a, c/a, NULL, NULL",
                "http://h:8081/c/a/b, c/a/b, http://h:8081, NULL",
                "http://h:8081/c/a/b@group1, c/a/b, http://h:8081, group1",
                "https://h/c/a/b/@group1, c/a/b, https://h, group1",
                "http://h/c/a%40b@group1, c/a@b, http://h, group1",
                "http://h/c/a%20b, c/a b, http://h, NULL"
            })
    void readsWhatTheToolsWrite(String text, String stream, String endpoint, String group) {
        StreamAddress address = StreamAddress.parse(text);

        assertThat(address.stream().toString()).isEqualTo(stream);
        assertThat(address.endpoint()).isEqualTo(endpoint);
        assertThat(address.consumerGroup()).isEqualTo(group);
        assertThat(address.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http:///c/a",
                "http://h",
                "http://h@g",
                "http://h/c@g/a",
                "http://h/c/a@b@g",
                "http://h/c/a?x=1",
                "ftp://h/c/a",
                "v3iox://h/c/a",
                "c"
            })
    void refusesTheRest(String text) {
        assertThatThrownBy(() -> StreamAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://me:secret@h/c/a",
                "v3io://me:secret@h/c/a",
                "https://me:secret@h/c/a@g",
                "http://me:secret@h:8081",
                "v3io://me:secret@h",
                "https://me:sec/secret@h/c/a",
                "v3io://me:/secret@h/c/a"
            })
    void aPasswordIsRefusedAndNotShown(String text) {
        for (Consumer<String> parse :
                List.<Consumer<String>>of(StreamAddress::parse, StreamPath::parse)) {
            assertThatThrownBy(() -> parse.accept(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("user information")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void whatFollowsAQuestionMarkIsNotShown() {
        assertThatThrownBy(() -> StreamAddress.parse("http://h/c/a?access_key=secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://h/c/a'")
                .hasMessageNotContaining("secret");
    }

    private static String endpoint(V3ioClientBuilder client, String... streams) {
        List<StreamAddress> addresses = Arrays.stream(streams).map(StreamAddress::parse).toList();
        return client.setAccessKey("key").toConfig(addresses).endpoint().toString();
    }

    @Test
    void aNamedServerIsTheEndpoint() {
        assertThat(endpoint(V3ioClient.builder(), "c/a", "http://h:1/c/b@g"))
                .isEqualTo("http://h:1");
        assertThat(endpoint(V3ioClient.builder(), "v3ios://H/c/a", "https://h:443/c/b"))
                .isEqualTo("https://h:443");
        // The same server in other words.
        assertThat(endpoint(V3ioClient.builder().setEndpoint("h"), "http://H:80/c/a"))
                .isEqualTo("http://h:80");
        assertThat(endpoint(V3ioClient.builder().setEndpoint("h:1"), "v3io:///c/a"))
                .isEqualTo("http://h:1");
    }

    @Test
    void theBuilderKeepsItsOwnEndpoint() {
        V3ioClientBuilder client = V3ioClient.builder();
        assertThat(endpoint(client, "http://h:1/c/b")).isEqualTo("http://h:1");
        assertThat(endpoint(client, "http://h:2/c/b")).isEqualTo("http://h:2");
    }

    @Test
    void differentServersAreRefusedAsTheyWereGiven() {
        assertThatThrownBy(
                        () ->
                                endpoint(
                                        V3ioClient.builder().setEndpoint("Other:8081"),
                                        "c/a",
                                        "http://h:1/c/b@g"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'http://h:1/c/b@g'")
                .hasMessageContaining("setEndpoint 'Other:8081'");
        assertThatThrownBy(() -> endpoint(V3ioClient.builder(), "http://h:1/c/b", "v3io://h:2/c/a"))
                .hasMessageContaining("'http://h:1/c/b' and 'v3io://h:2/c/a'");
    }
}
