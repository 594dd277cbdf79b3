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

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Where secrets come from, and that they go nowhere but into the one header. */
class SecretsTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";

    @TempDir Path directory;

    private volatile CannedServer.Handler handler =
            (request, connection) -> connection.json(DESCRIPTION);
    private CannedServer server;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void theAccessKeyIsInNoLogThoughEveryLoggerIsOn() {
        Recorder log = Recorder.startRecording();
        try (V3ioClient client =
                Clients.builder(server.endpoint())
                        .setRetryPolicy(Clients.quickRetries(1))
                        .build()) {
            get(client.describeStream(STREAM));
            handler = (request, connection) -> connection.error(403, -13, "Permission denied");
            error(client.describeStream(STREAM));
            handler = (request, connection) -> connection.reset();
            error(client.describeStream(STREAM));
        } finally {
            log.stop();
        }
        assertThat(server.requests().get(0).header("X-v3io-session-key")).isEqualTo(Clients.KEY);
        // The HTTP library has logged the request, but not the key.
        assertThat(log.lines).anyMatch(line -> line.contains("PUT /users/me/s/ HTTP/1.1"));
        assertThat(log.lines).noneMatch(line -> line.contains(Clients.KEY));
        assertThat(log.lines).noneMatch(line -> line.contains("unexpected exception"));
    }

    @Test
    void theAccessKeyIsInNoTextAndNoExceptionThoughTheServerSendsItBack() {
        StringBuilder seen = new StringBuilder();
        V3ioClient client =
                Clients.builder(server.endpoint()).setRetryPolicy(Clients.quickRetries(1)).build();
        List<CannedServer.Handler> echoes =
                List.of(
                        (request, connection) ->
                                connection.answer(500, "text/plain", request.headers().toString()),
                        (request, connection) ->
                                connection.answer(
                                        307,
                                        "text/plain",
                                        "Location: http://" + Clients.KEY + ".example/\r\n",
                                        new byte[0]),
                        (request, connection) -> connection.json(Clients.KEY),
                        (request, connection) ->
                                connection.json("{\"ShardCount\": \"" + Clients.KEY + "\"}"),
                        (request, connection) ->
                                connection.write("nonsense " + Clients.KEY + "\r\n".repeat(100)));
        try (client) {
            for (CannedServer.Handler echo : echoes) {
                handler = echo;
                note(seen, error(client.describeStream(STREAM)));
            }
            handler =
                    (request, connection) ->
                            connection.error(
                                    403, -13, "No " + request.header("X-v3io-session-key") + "!");
            V3ioException refused = error(client.describeStream(STREAM));
            assertThat(refused.symbolicName()).isEqualTo("No ***!");
            note(seen, refused);
        }
        note(seen, error(client.describeStream(STREAM)));
        seen.append(client).append(client.metrics());
        seen.append(Clients.builder(server.endpoint()).toConfig());

        assertThat(seen.toString()).contains("***").doesNotContain(Clients.KEY);
    }

    @Test
    void readsTheKeyOfTheEnvironmentWhenTheClientIsCreated() {
        V3ioClientConfig config = V3ioClient.builder().setEndpoint(server.endpoint()).toConfig();
        try (V3ioClient client = create(config, Map.of("V3IO_ACCESS_KEY", " from-env \n"))) {
            get(client.describeStream(STREAM));
        }
        assertThat(server.requests().get(0).header("X-v3io-session-key")).isEqualTo("from-env");
        assertThatThrownBy(() -> create(config, Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("V3IO_ACCESS_KEY is not set here");
    }

    @Test
    void authenticatesAUser() {
        try (V3ioClient client =
                V3ioClient.builder()
                        .setEndpoint(server.endpoint())
                        .setUser("me", "p\u00e4ss")
                        .build()) {
            get(client.describeStream(STREAM));
        }
        assertThat(server.requests().get(0).header("Authorization"))
                .isEqualTo("Basic bWU6cMOkc3M=");
        assertThat(server.requests().get(0).header("X-v3io-session-key")).isNull();
    }

    @Test
    void aRotatedKeyIsReadAtOnceWhenTheOldOneIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("key"), "old-key\n");
        handler =
                (request, connection) -> {
                    if (request.header("X-v3io-session-key").equals("new-key")) {
                        connection.noContent();
                    } else {
                        connection.error(401, 0, "Unauthorized");
                    }
                };
        try (V3ioClient client = clientOf(file)) {
            assertThat(error(client.createStream(STREAM, 1, 1)).kind())
                    .isEqualTo(Kind.PERMISSION_DENIED);
            assertThat(server.requests()).hasSize(1);

            // Same size, and perhaps the same time: only a second look finds it.
            Files.writeString(file, "new-key\n");
            get(client.createStream(STREAM, 1, 1));
            assertThat(client.metrics().retries()).isEqualTo(1);
            get(client.createStream(STREAM, 1, 1));
            assertThat(client.metrics().retries()).isEqualTo(1);
        }
    }

    @Test
    void aNewKeyIsTriedOnlyOnce() throws IOException {
        Path file = Files.writeString(directory.resolve("key"), "key-0000");
        handler =
                (request, connection) -> {
                    Files.writeString(file, "key-" + (1000 + request.number()));
                    connection.error(403, -13, "Permission denied");
                };
        try (V3ioClient client = clientOf(file)) {
            assertThat(error(client.describeStream(STREAM)).kind())
                    .isEqualTo(Kind.PERMISSION_DENIED);
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aRefusalTellsThatTheKeyFileHasGone() throws IOException {
        Path file = Files.writeString(directory.resolve("key"), "some-key");
        handler = (request, connection) -> connection.error(401, 0, "Unauthorized");
        try (V3ioClient client = clientOf(file)) {
            Files.delete(file);
            assertThat(error(client.describeStream(STREAM)))
                    .hasMessageContaining(file + " (the last one read; now: Access key file")
                    .hasMessageContaining("cannot be read (NoSuchFileException)")
                    .hasMessageNotContaining("some-key");
        }
    }

    private V3ioClient clientOf(Path file) {
        return V3ioClient.builder().setEndpoint(server.endpoint()).setAccessKeyFile(file).build();
    }

    private static V3ioClient create(V3ioClientConfig config, Map<String, String> environment) {
        return new HttpV3ioClient(
                ClientRuntime.start(
                        config,
                        new ClientRuntime.Surroundings(
                                environment::get,
                                SystemDefaultDnsResolver.INSTANCE,
                                new CallRunner.Time(
                                        Clock.systemUTC(), System::nanoTime, () -> 0.5))));
    }

    private static void note(StringBuilder seen, Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        seen.append(text).append(error);
    }

    /** Everything that is logged, at the finest level. */
    private static final class Recorder extends AbstractAppender {

        final List<String> lines = new CopyOnWriteArrayList<>();

        private Recorder() {
            super("recorder", null, null, true, Property.EMPTY_ARRAY);
        }

        static Recorder startRecording() {
            Recorder recorder = new Recorder();
            recorder.start();
            return recorder;
        }

        @Override
        public void start() {
            super.start();
            LoggerContext context = LoggerContext.getContext(false);
            // Not to the console: whoever runs the test need not see it.
            context.getConfiguration()
                    .getRootLogger()
                    .getAppenders()
                    .keySet()
                    .forEach(context.getConfiguration().getRootLogger()::removeAppender);
            context.getConfiguration().getRootLogger().addAppender(this, Level.ALL, null);
            context.getConfiguration().getRootLogger().setLevel(Level.ALL);
            context.updateLoggers();
        }

        @Override
        public void append(LogEvent event) {
            StringWriter text = new StringWriter();
            text.append(event.getLoggerName())
                    .append(' ')
                    .append(event.getMessage().getFormattedMessage());
            if (event.getThrown() != null) {
                event.getThrown().printStackTrace(new PrintWriter(text));
            }
            lines.add(text.toString());
        }

        @Override
        public void stop() {
            LoggerContext.getContext(false).reconfigure();
            super.stop();
        }
    }
}
