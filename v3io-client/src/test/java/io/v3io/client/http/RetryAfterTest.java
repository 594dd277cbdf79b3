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

package io.v3io.client.http;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;

import static org.assertj.core.api.Assertions.assertThat;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-23T07:28:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"3 | 3", " 120  | 120", "Mon, 23 Nov 2026 07:28:10 GMT | 10"})
    void readsSecondsAndDates(String header, long seconds) {
        assertThat(RetryAfter.read(header, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "Mon, 23 Nov 2026 07:27:50 GMT",
                "",
                "-1",
                "1.5",
                "soon",
                "Mon, 99 Nov 2026",
                "99999999999999999999"
            })
    void ignoresWhatIsNoWaitOrCannotBeRead(String header) {
        assertThat(RetryAfter.read(header, NOW)).isEmpty();
    }

    @Test
    void aMissingHeaderIsNoWait() {
        assertThat(RetryAfter.read(null, NOW)).isEmpty();
    }

    @Test
    void aWaitOfAgesDoesNotOverflow() {
        assertThat(RetryAfter.read("9999999999", NOW)).contains(Duration.ofDays(365));
        assertThat(RetryAfter.read("Fri, 31 Dec 9999 23:59:59 GMT", NOW))
                .contains(Duration.ofDays(365));
    }
}
