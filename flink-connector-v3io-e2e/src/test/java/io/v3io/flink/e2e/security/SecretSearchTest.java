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

package io.v3io.flink.e2e.security;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;

/** A search that finds nothing proves something only if it would find what is there. */
class SecretSearchTest {

    private static final String SECRET = "key-7f2b";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key-7f2b",
                "%6b%65%79%2d%37%66%32%62",
                "%6B%65%79%2D%37%66%32%62",
                "%256B%2565%2579%252D%2537%2566%2532%2562",
                "\\u006b\\u0065\\u0079\\u002d\\u0037\\u0066\\u0032\\u0062",
                "\\u006B\\u0065\\u0079\\u002D\\u0037\\u0066\\u0032\\u0062",
                "6b65792d37663262",
                // Of "key-7f2b!", "=key-7f2b!" and "a=key-7f2b!".
                "a2V5LTdmMmIh",
                "PWtleS03ZjJiIQ==",
                "YT1rZXktN2YyYiE="
            })
    void findsASecretInEveryWriting(String writing, @TempDir Path directory) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("file"),
                        "a \" " + writing + " b",
                        StandardCharsets.UTF_8);
        Files.writeString(directory.resolve("other"), "key-7f2 and 6b65792d3766326");
        assertThat(SecretSearch.inFiles(directory, SECRET)).containsExactly(file);
        assertThat(
                        SecretSearch.inRest(
                                Map.of("/one", "[" + writing + "]", "/two", "key-7f2"), SECRET))
                .containsExactly("/one");
    }
}
