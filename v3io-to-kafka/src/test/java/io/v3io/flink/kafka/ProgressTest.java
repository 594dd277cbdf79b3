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

package io.v3io.flink.kafka;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;

import static org.assertj.core.api.Assertions.assertThat;

class ProgressTest {

    private static String print(boolean forPrograms, long copied, double rate, long lag) {
        StringWriter out = new StringWriter();
        Progress.print(new Output(new PrintWriter(out), forPrograms), copied, rate, lag);
        return out.toString().strip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8   | 90      | ', caught up in about 11 s'",
                "90  | 90000   | ', caught up in about 16 min 40 s'",
                "1000| 8100000 | ', caught up in about 2 h 15 min'",
                "0   | 500     | ''",
                "1000| 0       | ''"
            })
    void saysWhenItWillHaveCaughtUp(double rate, long lag, String end) {
        assertThat(print(false, 12_345, rate, lag))
                .startsWith("copied up to 12,345, ")
                .endsWith(String.format(Locale.ROOT, "lag %,d%s", lag, end));
    }

    @Test
    void tellsProgramsTheSame() {
        assertThat(print(true, 7, 10, 100)).contains("\"secondsLeft\":10").contains("\"lag\":100");
        assertThat(print(true, 7, 0, 100)).contains("\"secondsLeft\":null");
        assertThat(print(true, 7, 0, 0)).contains("\"secondsLeft\":0");
    }
}
