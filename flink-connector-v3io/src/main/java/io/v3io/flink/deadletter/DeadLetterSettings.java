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

package io.v3io.flink.deadletter;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import java.io.Serializable;
import java.time.Duration;

/**
 * Where dead letters go and how long that is tried.
 *
 * @param stream takes them
 * @param setting how the user names it, in Java and in SQL
 * @param settingThatDrops how the user says that a stream of the checkpoint is not read any more
 * @param endpoint that they tell of
 * @param retryPolicy how transient failures are repeated
 * @param responseTimeout limit of one attempt's answer
 */
@Internal
public record DeadLetterSettings(
        StreamPath stream,
        String setting,
        String settingThatDrops,
        String endpoint,
        RetryPolicy retryPolicy,
        Duration responseTimeout)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Waits for a connection, and what a loaded machine takes. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    /** Dead letters that go the way of the records. */
    public static DeadLetterSettings of(
            StreamPath stream, String setting, String settingThatDrops, V3ioClientConfig client) {
        return new DeadLetterSettings(
                stream,
                setting,
                settingThatDrops,
                client.endpoint().toString(),
                client.retryPolicy(),
                client.responseTimeout());
    }

    /** After this time whatever was to be stored is stored, or has failed. */
    Duration limit() {
        return retryPolicy.maxElapsed().plus(responseTimeout).plus(MARGIN);
    }

    /** What an error says, and what to do about it. */
    String explain(V3ioException error) {
        String advice = advice(error.kind());
        return advice.isEmpty() ? error.getMessage() : error.description() + advice;
    }

    /** What the user can do, after a space; empty if there is nothing to say. */
    String advice(Kind kind) {
        return switch (kind) {
            case NOT_FOUND, NOT_A_STREAM -> " Create the stream, or correct " + setting + ".";
            case PERMISSION_DENIED ->
                    " Check the access key and its right to write to the stream, or correct "
                            + setting
                            + ".";
            default -> "";
        };
    }
}
