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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.types.Row;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What the platform says against a job, it says while the statement is planned. */
@Timeout(120)
class PlanningCheckITCase {

    private static final String STREAM = "users/me/orders";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 1);

    private final EmulatedStreams streams = PLATFORM.start();
    private final SqlSession session = SqlSession.streaming();

    @BeforeEach
    void start() {
        streams.create(STREAM, 2);
    }

    private void refused(String statement, String... words) {
        assertThatThrownBy(() -> session.explain(statement))
                .satisfies(
                        refusal -> {
                            Throwable last = refusal;
                            while (last.getCause() != null) {
                                last = last.getCause();
                            }
                            assertThat(last)
                                    .isInstanceOf(ValidationException.class)
                                    .hasMessageNotContaining(EmulatedStreams.ACCESS_KEY);
                            assertThat(last.getMessage()).contains(words);
                        });
    }

    private void table(String stream, String... options) {
        session.tables().executeSql("DROP TABLE IF EXISTS t");
        session.createTable("t (a INT)", streams.endpoint(), stream, options);
    }

    @Test
    void aStreamThatIsMissingIsNamed() {
        table("users/me/ordres");

        refused(
                "SELECT a FROM t",
                "Stream 'users/me/ordres' (option 'stream') does not exist",
                streams.endpoint(),
                "'scan.on-missing-stream' = 'wait'");
        refused(
                "INSERT INTO t VALUES (1)",
                "Stream 'users/me/ordres' (option 'stream') does not exist",
                "'sink.create-stream.shard-count'");
    }

    @Test
    void aStreamThatMayBeMissingIsNot() {
        table(
                "users/me/later",
                "scan.on-missing-stream",
                "wait",
                "sink.create-stream.shard-count",
                "2");

        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");
        assertThat(session.explain("INSERT INTO t VALUES (1)")).contains("Sink");
    }

    @Test
    void aPatternWithoutAMatchIsRefused() {
        table("", "stream-pattern", "o.*", "stream-directory", "users/me");
        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");

        table("", "stream-pattern", "p.*", "stream-directory", "users/me");
        refused("SELECT a FROM t", "'p.*' (option 'stream-pattern')", "'users/me'");

        table("", "stream-pattern", "o.*", "stream-directory", "users/nobody");
        refused("SELECT a FROM t", "'users/nobody' (option 'stream-directory')");
    }

    @Test
    void aShardThatTheStreamHasNotIsRefused() {
        table(
                STREAM,
                "scan.startup.mode",
                "sequence-numbers",
                "scan.startup.sequence-numbers",
                "shard:1,sequence-number:1;shard:2,sequence-number:1");
        refused(
                "SELECT a FROM t",
                "Option 'scan.startup.sequence-numbers' names shard 2",
                "the shards 0 to 1");

        table(
                STREAM,
                "scan.bounded.mode",
                "sequence-numbers",
                "scan.bounded.sequence-numbers",
                "shard:7,sequence-number:1");
        refused("SELECT a FROM t", "Option 'scan.bounded.sequence-numbers' names shard 7");
    }

    @Test
    void aKeyThatIsRefusedIsNamedButNotShown() {
        streams.emulator().acceptAccessKeys("another");
        table(STREAM);

        refused(
                "SELECT a FROM t",
                "refuses the access key of option 'secret.access-key'",
                "HTTP 40");
        refused("INSERT INTO t VALUES (1)", "refuses the access key of option 'secret.access-key'");
    }

    @Test
    void aKeyThatIsElsewhereIsLeftToTheJob() {
        table(
                STREAM,
                "secret.access-key",
                "",
                "secret.access-key-file",
                Path.of("no", "such", "key").toAbsolutePath().toString());

        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");
    }

    @Test
    void anEndpointThatDoesNotAnswerIsRefusedUnlessToldOtherwise() throws IOException {
        String nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = "http://127.0.0.1:" + free.getLocalPort();
        }
        table(STREAM, "endpoint", nobody);
        refused(
                "SELECT a FROM t",
                "The V3IO platform at " + nobody + " (option 'endpoint') does not answer: ",
                "Connection refused",
                "'planning-check' = 'false'");
        refused("INSERT INTO t VALUES (1)", nobody, "Connection refused");

        table(STREAM, "endpoint", nobody, "secret.access-key", "", "secret.access-key-file", "/no");
        refused("SELECT a FROM t", nobody, "Connection refused");

        table(STREAM, "endpoint", nobody, "planning-check", "false");
        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");
        assertThat(session.explain("INSERT INTO t VALUES (1)")).contains("Sink");
    }

    /** It may answer the job, which has more patience. */
    @Test
    void aPlatformThatIsSlowIsNoReasonToRefuse() {
        table(STREAM, "client.response-timeout", "200 ms");
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.DESCRIBE_STREAM).latency(Duration.ofSeconds(20)));

        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");
        assertThat(session.explain("INSERT INTO t VALUES (1)")).contains("Sink");
    }

    /** Its own limit is shorter than that option, so it must not advise to raise the option. */
    @Test
    void whatIsToldOfASlowPlatformSaysHowLongPlanningWaits() {
        List<String> told = new CopyOnWriteArrayList<>();
        Logger logger = (Logger) LogManager.getLogger(PlanningCheck.class);
        AbstractAppender appender =
                new AbstractAppender("told", null, null, true, Property.EMPTY_ARRAY) {
                    @Override
                    public void append(LogEvent event) {
                        told.add(event.getMessage().getFormattedMessage());
                    }
                };
        appender.start();
        Level level = logger.getLevel();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
        try {
            aPlatformThatIsSlowIsNoReasonToRefuse();
        } finally {
            logger.setLevel(level);
            logger.removeAppender(appender);
        }

        assertThat(told)
                .isNotEmpty()
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .contains("no whole answer within 200 ms")
                                        .contains("Planning waits for each answer for 5 s at most")
                                        .doesNotContain("raise", "client.response-timeout"));
    }

    @Test
    void anEndpointThatNobodyHasNamedIsToldToBeTheDefault() {
        assumeThat(System.getenv("V3IO_API")).isNull();
        table(STREAM, "endpoint", "", "client.connect-timeout", "1 s");

        refused(
                "SELECT a FROM t",
                "http://v3io-webapi:8081 (the default, because neither option 'endpoint' nor the environment variable"
                        + " V3IO_API is set where the statement is planned) does not answer");
    }

    /** A JobManager that takes over plans again, and the job survives what the plan would not. */
    @Test
    void nothingIsAskedWhereAJobManagerPlansUnlessThatIsChosen() {
        session.set("execution.target", "embedded");
        table("users/me/ordres");
        assertThat(session.explain("SELECT a FROM t")).contains("TableSourceScan");
        assertThat(session.explain("INSERT INTO t VALUES (1)")).contains("Sink");

        table("users/me/ordres", "planning-check", "true");
        refused("SELECT a FROM t", "Stream 'users/me/ordres' (option 'stream') does not exist");
    }

    /** A platform that is only busy will do for the job, which asks for longer. */
    @Test
    void aPlatformThatIsBusyIsNoReasonToRefuse() throws Exception {
        streams.putAll(
                StreamPath.parse(STREAM), List.of(PutRecord.of("{\"a\": 1}".getBytes(UTF_8))));
        table(STREAM, "scan.bounded.mode", "latest");
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .respond(503, "text/plain", "busy")
                                .times(3));

        assertThat(session.rows("SELECT a FROM t")).containsExactly(Row.of(1));
    }
}
