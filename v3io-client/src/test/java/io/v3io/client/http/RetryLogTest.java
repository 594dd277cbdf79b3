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

import io.v3io.client.Operation;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/** Who reads the log learns that a server cannot be reached, soon and not all the time. */
class RetryLogTest {

    private final V3ioException unreachable =
            V3ioException.of(
                            Kind.TRANSPORT,
                            Operation.GET_RECORDS,
                            "users/me/s/0",
                            "GetRecords of users/me/s/0 at host:8081 failed: no connection.")
                    .neverSent(true)
                    .build();

    private final AtomicLong nowNanos = new AtomicLong(-5_000_000_000L);
    private final RetryLog retryLog = new RetryLog(nowNanos::get);
    private final Lines lines = new Lines();
    private Logger logger;

    @BeforeEach
    void listen() {
        logger = LoggerContext.getContext(false).getLogger(RetryLog.class.getName());
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stop() {
        logger.removeAppender(lines);
        LoggerContext.getContext(false).reconfigure();
    }

    private void repeat(int attempts, long elapsedSeconds) {
        retryLog.willRepeat(unreachable, attempts, TimeUnit.SECONDS.toNanos(elapsedSeconds));
    }

    @Test
    void aHiccupIsNoNews() {
        for (int i = 0; i < 1_000; i++) {
            repeat(i, 2);
            retryLog.succeeded();
        }
        assertThat(lines.text).isEmpty();
    }

    @Test
    void warnsOncePerHalfAMinuteAndSaysWhenItIsOver() {
        for (int second = 0; second < 100; second++) {
            for (int request = 0; request < 50; request++) {
                repeat(second + 1, second);
            }
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        }
        assertThat(lines.text).hasSize(4).allMatch(line -> line.startsWith("WARN GetRecords of"));
        assertThat(lines.text.get(0))
                .contains(
                        "failed: no connection. This was attempt 4 within 3 s, and it is repeated.")
                .contains("151 repetitions of this client");
        assertThat(lines.text.get(1)).contains("1500 repetitions of this client");

        retryLog.succeeded();
        retryLog.succeeded();

        assertThat(lines.text).hasSize(5);
        assertThat(lines.text.get(4)).startsWith("INFO The server answers again");
        // Where some are answered and some are not, neither line comes all the time.
        for (int i = 0; i < 100; i++) {
            repeat(9, 3);
            retryLog.succeeded();
        }
        assertThat(lines.text).hasSize(5);
        nowNanos.addAndGet(RetryLog.INTERVAL_NANOS);
        for (int i = 0; i < 100; i++) {
            repeat(9, 3);
            retryLog.succeeded();
        }
        assertThat(lines.text).hasSize(7);
        assertThat(lines.text.get(5)).startsWith("WARN ");
    }

    private static final class Lines extends AbstractAppender {

        private final List<String> text = new ArrayList<>();

        Lines() {
            super("lines", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            text.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
    }
}
