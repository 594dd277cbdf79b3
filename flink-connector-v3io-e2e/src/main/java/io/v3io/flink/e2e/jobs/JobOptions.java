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

package io.v3io.flink.e2e.jobs;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.flink.sink.V3ioSinkBuilder;

import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What all jobs are told: {@code --endpoint}, {@code --stream}, where their output goes, and {@code
 * --access-key-file}; without one the access key is that of the environment of Flink's processes.
 * {@code --access-key} is for tests of what becomes of a key that is given inline.
 */
final class JobOptions {

    /** Longer than any fault lasts, so that a fault of the server alone restarts no job. */
    private static final RetryPolicy RETRY_POLICY =
            new RetryPolicy(
                    1_000, Duration.ofMinutes(3), Duration.ofMillis(50), Duration.ofSeconds(1));

    /** Longer than the longest random fault, after which a request may still be served. */
    private static final Duration LANDING_TIMEOUT = Duration.ofSeconds(20);

    /**
     * What the longest random fault, which may be a TaskManager that hangs, lasts beyond the
     * heartbeat's timeout, and as long again.
     */
    private static final Duration TAKEOVER_DELAY = Duration.ofSeconds(15);

    /** So little that a second's records go into the checkpoint or not. */
    private static final MemorySize MAX_INLINE_SIZE = new MemorySize(32 * 1024);

    private final ParameterTool parameters;

    private JobOptions(ParameterTool parameters) {
        this.parameters = parameters;
    }

    static JobOptions of(String[] args) {
        return new JobOptions(ParameterTool.fromArgs(args));
    }

    String get(String name) {
        return parameters.getRequired(name);
    }

    String get(String name, String defaultValue) {
        return parameters.get(name, defaultValue);
    }

    long getLong(String name) {
        return parameters.getLong(name);
    }

    /**
     * Checkpoints, restarts and parallelism are the cluster's, or the submission's. Flink's web
     * page shows what the job was told.
     */
    StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.getConfig().setGlobalJobParameters(parameters);
        // A job keeps its state over every parallelism that the tests choose.
        env.setMaxParallelism(16);
        return env;
    }

    /** What {@code --guarantee} says; at least once without it. */
    boolean isExactlyOnce() {
        return guarantee() == DeliveryGuarantee.EXACTLY_ONCE;
    }

    private DeliveryGuarantee guarantee() {
        return parameters.has("guarantee")
                ? DeliveryGuarantee.valueOf(get("guarantee"))
                : DeliveryGuarantee.AT_LEAST_ONCE;
    }

    /**
     * The guarantee; an exactly-once sink stages its records in {@code --staging}. {@code
     * --patience} is its landing timeout and its takeover delay, in ms, where no fault is random.
     */
    void configure(V3ioSinkBuilder<?> sink) {
        sink.setDeliveryGuarantee(guarantee());
        if (isExactlyOnce()) {
            sink.setStagingDirectory(get("staging"))
                    .setMaxInlineSize(MAX_INLINE_SIZE)
                    .setLandingTimeout(patience(LANDING_TIMEOUT))
                    .setTakeoverDelay(patience(TAKEOVER_DELAY));
        }
    }

    private Duration patience(Duration inRandomFaults) {
        return parameters.has("patience") ? Duration.ofMillis(getLong("patience")) : inRandomFaults;
    }

    void configure(V3ioClientBuilder client) {
        client.setEndpoint(get("endpoint"))
                .setResponseTimeout(Duration.ofSeconds(10))
                .setRetryPolicy(RETRY_POLICY);
        if (parameters.has("access-key-file")) {
            client.setAccessKeyFile(Path.of(get("access-key-file")));
        }
        if (parameters.has("access-key")) {
            client.setAccessKey(get("access-key"));
        }
        if (parameters.has("trust-store")) {
            client.setTrustStore(Path.of(get("trust-store")), get("trust-store-password"));
        }
    }
}
