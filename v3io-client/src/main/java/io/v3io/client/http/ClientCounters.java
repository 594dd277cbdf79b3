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

import io.v3io.client.ClientMetrics;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one client; written by all of its threads. */
final class ClientCounters implements ClientMetrics {

    private final LongAdder requests = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private final AtomicInteger inFlight = new AtomicInteger();

    void requestStarted(boolean isRetry) {
        requests.increment();
        if (isRetry) {
            retries.increment();
        }
        inFlight.incrementAndGet();
    }

    void requestEnded() {
        inFlight.decrementAndGet();
    }

    void failed() {
        failures.increment();
    }

    void sent(int bytes) {
        bytesSent.add(bytes);
    }

    void received(int bytes) {
        bytesReceived.add(bytes);
    }

    @Override
    public long requests() {
        return requests.sum();
    }

    @Override
    public long retries() {
        return retries.sum();
    }

    @Override
    public long failures() {
        return failures.sum();
    }

    @Override
    public long bytesSent() {
        return bytesSent.sum();
    }

    @Override
    public long bytesReceived() {
        return bytesReceived.sum();
    }

    @Override
    public int requestsInFlight() {
        return inFlight.get();
    }

    @Override
    public String toString() {
        return "ClientMetrics{requests="
                + requests
                + ", retries="
                + retries
                + ", failures="
                + failures
                + ", bytesSent="
                + bytesSent
                + ", bytesReceived="
                + bytesReceived
                + ", requestsInFlight="
                + inFlight
                + "}";
    }
}
