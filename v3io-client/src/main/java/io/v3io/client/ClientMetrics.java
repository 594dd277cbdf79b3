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

package io.v3io.client;

import io.v3io.client.annotation.PublicEvolving;

/**
 * Counters of one client, growing from 0 at its birth. Thread-safe; each call reads the value of
 * that moment.
 */
@PublicEvolving
public interface ClientMetrics {

    /** HTTP requests sent, repetitions included. */
    long requests();

    /** Repetitions among {@link #requests()}. */
    long retries();

    /** Operations that ended with an error, after all repetitions. */
    long failures();

    /** Bytes of request bodies handed to the network. */
    long bytesSent();

    /** Bytes of response bodies received. */
    long bytesReceived();

    /** Requests that wait for their answer now. */
    int requestsInFlight();
}
