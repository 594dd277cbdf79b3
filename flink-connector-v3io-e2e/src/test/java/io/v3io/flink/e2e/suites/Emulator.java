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

package io.v3io.flink.e2e.suites;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;

import org.apache.flink.connector.testframe.TestResource;

import java.util.concurrent.atomic.AtomicInteger;

/** One emulator for all tests of a class, which each have a stream of their own. */
final class Emulator implements TestResource {

    static final String ACCESS_KEY = "test-key";

    private final AtomicInteger streams = new AtomicInteger();
    private V3ioEmulator emulator;
    private V3ioClient client;

    @Override
    public void startUp() {
        if (emulator == null) {
            emulator = V3ioEmulator.builder().accessKey(ACCESS_KEY).start();
            client =
                    V3ioClient.builder()
                            .setEndpoint(emulator.endpoint())
                            .setAccessKey(ACCESS_KEY)
                            .build();
        }
    }

    @Override
    public void tearDown() {
        if (emulator != null) {
            client.close();
            emulator.close();
        }
    }

    String endpoint() {
        return emulator.endpoint();
    }

    V3ioClient client() {
        return client;
    }

    /** The name of a stream that is not there yet. */
    StreamPath newStream() {
        return StreamPath.parse("users/e2e/suite-" + streams.incrementAndGet());
    }
}
