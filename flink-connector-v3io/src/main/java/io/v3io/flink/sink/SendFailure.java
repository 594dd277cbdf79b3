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

package io.v3io.flink.sink;

import io.v3io.client.V3ioException;

/** Why something is sent again; a metric counts each. */
enum SendFailure {
    /**
     * The server says that it is asked for too much: 429, 503, or a record's error of that name.
     */
    THROTTLED("retriesThrottled"),
    /** The server or a gateway does not serve for another reason: 408 and other 5xx. */
    UNAVAILABLE("retriesUnavailable"),
    /** No or no whole answer: refused, reset, timed out. */
    TRANSPORT("retriesTransport"),
    /** An answer that cannot be understood. */
    MALFORMED("retriesMalformed"),
    /** The server stored the others of the request. */
    PARTIAL("retriesPartial"),
    /** The server refused a request of many records as a whole, so that halves of it are sent. */
    REFUSED("retriesRefused");

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;

    private final String metric;

    SendFailure(String metric) {
        this.metric = metric;
    }

    /** The name of the counter, in the sink's group. */
    String metric() {
        return metric;
    }

    /** What a whole request's transient failure is. */
    static SendFailure of(V3ioException error) {
        int status = error.status().orElse(0);
        return switch (error.kind()) {
            case TRANSPORT -> TRANSPORT;
            case MALFORMED_RESPONSE -> MALFORMED;
            default ->
                    status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE
                            ? THROTTLED
                            : UNAVAILABLE;
        };
    }
}
