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

import io.v3io.client.ErrorName;
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the platform, while a statement is planned, what otherwise only its job would find out. A
 * job that fails at once may end the process that it runs in (FLINK-39330), and tells late.
 *
 * <p>Only what is certain fails the statement: a platform that is busy or slow, or a key or trust
 * store that is not on this machine, says nothing about the job.
 */
final class PlanningCheck {

    private static final Logger LOG = LoggerFactory.getLogger(PlanningCheck.class);

    private static final Duration LIMIT_OF_AN_ANSWER = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final RetryPolicy RETRY_POLICY =
            new RetryPolicy(2, LIMIT_OF_AN_ANSWER, Duration.ofMillis(100), Duration.ofMillis(500));
    private static final int CONNECTIONS = 8;

    /** Flink's {@code execution.target} in the process of a JobManager. */
    private static final String PLANNED_BY_JOB_MANAGER = "embedded";

    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    private final ReadableConfig options;
    private final V3ioClientConfig config;
    private final ExpectedStreams expected;

    private PlanningCheck(ReadableConfig options, ExpectedStreams expected) {
        this.options = options;
        this.expected = expected;
        V3ioClientBuilder client = V3ioClient.builder();
        ClientSettings.of(options, RETRY_POLICY, OptionWords.CONNECTING).accept(client);
        V3ioClientConfig configured = client.toConfig(addresses(options));
        this.config =
                configured.toBuilder()
                        .setMaxConnections(CONNECTIONS)
                        .setIoThreads(1)
                        .setConnectTimeout(shorter(configured.connectTimeout()))
                        .setResponseTimeout(shorter(configured.responseTimeout()))
                        .toConfig();
    }

    /** All that may name a server. */
    private static List<StreamAddress> addresses(ReadableConfig options) {
        List<String> all =
                new ArrayList<>(
                        options.getOptional(V3ioConnectionOptions.STREAM).orElse(List.of()));
        options.getOptional(V3ioSourceOptions.STREAM_DIRECTORY)
                .ifPresent(directory -> all.add(directory + "/any"));
        options.getOptional(V3ioSourceOptions.DEAD_LETTER_STREAM).ifPresent(all::add);
        options.getOptional(V3ioSinkOptions.DEAD_LETTER_STREAM).ifPresent(all::add);
        return all.stream().map(StreamAddress::parse).toList();
    }

    private static Duration shorter(Duration timeout) {
        return timeout.compareTo(LIMIT_OF_AN_ANSWER) < 0 ? timeout : LIMIT_OF_AN_ANSWER;
    }

    /**
     * Whether it is to be made. In application mode it is not, unless that is chosen: a JobManager
     * that takes over plans the job once more, and the whole application would end for an outage of
     * the platform that its job survives.
     *
     * @param session the configuration that the statement is planned with
     */
    static boolean isWanted(ReadableConfig options, ReadableConfig session) {
        return options.getOptional(V3ioConnectionOptions.PLANNING_CHECK)
                .orElse(!PLANNED_BY_JOB_MANAGER.equals(session.get(DeploymentOptions.TARGET)));
    }

    /**
     * Checks what a table needs.
     *
     * @throws ValidationException if a job could not do with it
     */
    static void run(ReadableConfig options, ExpectedStreams expected) {
        new PlanningCheck(options, expected).run();
    }

    private void run() {
        try (V3ioClient client = V3ioClient.create(config)) {
            if (expected.streams().isEmpty()) {
                checkPattern(client);
            } else {
                checkStreams(client);
            }
            if (expected.deadLetters() != null) {
                checkDeadLetters(client, expected.deadLetters());
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            LOG.info(
                    "A statement was planned without asking for the streams of its table: {} The job may have what is"
                            + " missing here.",
                    e.getMessage());
            checkConnection();
        }
    }

    private void checkStreams(V3ioClient client) {
        Map<StreamPath, CompletableFuture<StreamDescription>> pending = new LinkedHashMap<>();
        expected.streams().forEach(stream -> pending.put(stream, client.describeStream(stream)));
        pending.forEach(
                (stream, answer) ->
                        await(answer, "stream " + stream, missing(stream))
                                .ifPresent(description -> checkShards(stream, description)));
    }

    private void checkDeadLetters(V3ioClient client, ExpectedStreams.DeadLetters letters) {
        Optional<StreamDescription> unused =
                await(
                        client.describeStream(letters.stream()),
                        "stream " + letters.stream(),
                        missing(letters.stream(), letters.option(), letters.advice()));
    }

    private void checkShards(StreamPath stream, StreamDescription description) {
        expected.namedShards()
                .forEach(
                        (shard, option) -> {
                            if (shard.stream().equals(stream)
                                    && shard.number() >= description.shardCount()) {
                                throw shardOutOfRange(shard, option, description.shardCount());
                            }
                        });
    }

    private static ValidationException shardOutOfRange(ShardId shard, String option, int count) {
        return new ValidationException(
                "Option '"
                        + option
                        + "' names shard "
                        + shard.number()
                        + ", but stream "
                        + shard.stream()
                        + " has "
                        + (count == 1 ? "only shard 0." : "the shards 0 to " + (count - 1) + "."));
    }

    @Nullable
    private ValidationException missing(StreamPath stream) {
        return expected.adviceIfMissing() == null
                ? null
                : missing(stream, V3ioConnectionOptions.STREAM, expected.adviceIfMissing());
    }

    private ValidationException missing(StreamPath stream, ConfigOption<?> option, String advice) {
        return new ValidationException(
                "Stream '"
                        + stream
                        + "' (option '"
                        + option.key()
                        + "') does not exist on the V3IO platform at "
                        + config.endpoint()
                        + ". "
                        + advice);
    }

    private void checkPattern(V3ioClient client) {
        ExpectedStreams.Matching matching = expected.matching();
        ValidationException noMatch =
                expected.adviceIfMissing() == null
                        ? null
                        : new ValidationException(
                                "No stream directly under '"
                                        + options.get(V3ioSourceOptions.STREAM_DIRECTORY)
                                        + "' (option '"
                                        + V3ioSourceOptions.STREAM_DIRECTORY.key()
                                        + "') has a name that matches '"
                                        + matching.names()
                                        + "' (option '"
                                        + V3ioSourceOptions.STREAM_PATTERN.key()
                                        + "'). "
                                        + expected.adviceIfMissing());
        await(
                        client.listStreams(matching.container(), matching.directory()),
                        "directory " + options.get(V3ioSourceOptions.STREAM_DIRECTORY),
                        noMatch)
                .ifPresent(
                        listed -> {
                            if (noMatch != null
                                    && listed.stream()
                                            .noneMatch(one -> matching.contains(one.stream()))) {
                                throw noMatch;
                            }
                        });
    }

    /** Empty if nothing is to be said against the job without an answer. */
    private <T> Optional<T> await(
            CompletableFuture<T> answer, String what, @Nullable ValidationException ifNotFound) {
        try {
            return Optional.of(answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof V3ioException failure) {
                judge(failure, what, ifNotFound);
                return Optional.empty();
            }
            throw new ValidationException(
                    "The V3IO platform could not be asked for " + what + ": " + e.getCause());
        } catch (TimeoutException e) {
            throw unreachable("no answer within " + LIMIT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ValidationException(
                    "Interrupted while the V3IO platform was asked for " + what + ".", e);
        }
    }

    /** Neither is waited for nor created what has no container. */
    private ValidationException noContainer(String what) {
        return new ValidationException(
                "The V3IO platform at "
                        + config.endpoint()
                        + " has no container for "
                        + what
                        + " (Container not found). Correct the first part of the path, or create the container.");
    }

    private void judge(
            V3ioException failure, String what, @Nullable ValidationException ifNotFound) {
        switch (failure.kind()) {
            case NOT_FOUND -> {
                if (ifNotFound != null) {
                    throw failure.errorName() == ErrorName.CONTAINER_NOT_FOUND
                            ? noContainer(what)
                            : ifNotFound;
                }
            }
            case PERMISSION_DENIED ->
                    throw new ValidationException(
                            "The V3IO platform at "
                                    + config.endpoint()
                                    + " refuses "
                                    + ClientSettings.authentication(options)
                                    + " for "
                                    + what
                                    + " (HTTP "
                                    + failure.status().orElse(0)
                                    + ").");
            case NOT_A_STREAM ->
                    throw new ValidationException(
                            "On the V3IO platform at "
                                    + config.endpoint()
                                    + ", what is found as "
                                    + what
                                    + " is no stream.");
            default -> {
                if (failure.neverSent()) {
                    throw unreachable(lastReason(failure));
                }
                // Its advice is for the client of a job, whose timeouts may be longer.
                LOG.info(
                        "A statement was planned without an answer about {}, which may be different when its job"
                                + " starts: {} Planning waits for each answer for {} s at most, whatever"
                                + " the options say.",
                        what,
                        failure.description(),
                        LIMIT_OF_AN_ANSWER.toSeconds());
            }
        }
    }

    private static String lastReason(V3ioException failure) {
        String reason = failure.description();
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                reason = cause.getMessage();
            }
        }
        return reason;
    }

    private ValidationException unreachable(String reason) {
        return new ValidationException(
                "The V3IO platform at "
                        + config.endpoint()
                        + " ("
                        + originOfEndpoint()
                        + ") does not answer: "
                        + reason
                        + ". If the cluster can reach it, and only this machine, where the statement is planned, cannot,"
                        + " set '"
                        + V3ioConnectionOptions.PLANNING_CHECK.key()
                        + "' = 'false'.");
    }

    private String originOfEndpoint() {
        String option = "option '" + V3ioConnectionOptions.ENDPOINT.key() + "'";
        String variable = "environment variable " + V3ioClientBuilder.ENDPOINT_VARIABLE;
        if (options.getOptional(V3ioConnectionOptions.ENDPOINT).isPresent()) {
            return option;
        }
        return System.getenv(V3ioClientBuilder.ENDPOINT_VARIABLE) == null
                ? "the default, because neither "
                        + option
                        + " nor the "
                        + variable
                        + " is set where the statement is planned"
                : variable + " where the statement is planned";
    }

    /** Without a key there is nothing that the platform would answer. */
    private void checkConnection() {
        URI target = config.proxy().orElse(config.endpoint());
        int defaultPort = "https".equals(target.getScheme()) ? HTTPS_PORT : HTTP_PORT;
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            target.getHost(),
                            target.getPort() < 0 ? defaultPort : target.getPort()),
                    (int) config.connectTimeout().toMillis());
        } catch (IOException e) {
            throw unreachable(e.toString());
        }
    }
}
