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

import io.v3io.client.AccessKeyText;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioClientConfig;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.UnaryOperator;

/** Where the secret of the next request comes from. Thread-safe. */
interface Authentication {

    /** The secret to send now. Never blocks. */
    Secret current();

    /**
     * Looks at the source again after a server refused a secret; the same one comes when there is
     * no other. Never blocks: where the source is slow, the future ends on the thread of {@link
     * #watch}.
     *
     * @throws java.util.concurrent.RejectedExecutionException if that thread has been shut down
     */
    CompletableFuture<Secret> afterRefusal(Secret refused);

    /** From now on looks at a source that may change on this thread, which is not closed here. */
    default void watch(ScheduledExecutorService timer) {}

    /** What a person would have to look at. */
    String origin();

    /**
     * Takes the key from where the settings say.
     *
     * @throws IllegalStateException if the environment or the file has no key
     */
    static Authentication of(V3ioClientConfig config, UnaryOperator<String> environment) {
        if (config.accessKeyFile().isPresent()) {
            return new AccessKeyFile(
                    config.accessKeyFile().get(), config.settingName("setAccessKeyFile"));
        }
        if (config.user().isPresent()) {
            String user = config.user().get();
            return fixed(
                    Secret.user(user, config.password().orElseThrow()),
                    "the password of user '" + user + "'");
        }
        if (config.accessKey().isPresent()) {
            return fixed(
                    Secret.accessKey(config.accessKey().get()),
                    "the access key that was set on the client");
        }
        String variable = V3ioClientBuilder.ACCESS_KEY_VARIABLE;
        String key = environment.apply(variable);
        if (key == null || key.isBlank()) {
            throw new IllegalStateException(
                    "No access key: the environment variable "
                            + variable
                            + " is not set here, and neither an access key nor a file with it was"
                            + " configured.");
        }
        String trimmed = key.trim();
        String complaint = AccessKeyText.refuse(trimmed);
        if (complaint != null) {
            throw new IllegalStateException(
                    "The access key in environment variable " + variable + " " + complaint);
        }
        return fixed(
                Secret.accessKey(trimmed), "the access key in environment variable " + variable);
    }

    private static Authentication fixed(Secret secret, String origin) {
        return new Authentication() {
            @Override
            public Secret current() {
                return secret;
            }

            @Override
            public CompletableFuture<Secret> afterRefusal(Secret refused) {
                return CompletableFuture.completedFuture(secret);
            }

            @Override
            public String origin() {
                return origin;
            }
        };
    }
}
