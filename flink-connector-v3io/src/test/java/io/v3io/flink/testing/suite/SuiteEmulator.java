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

package io.v3io.flink.testing.suite;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.connector.testframe.TestResource;

import java.util.concurrent.atomic.AtomicInteger;

/** One emulator for all tests of a suite of Flink's, which each have a stream of their own. */
public final class SuiteEmulator implements TestResource {

    private final AtomicInteger names = new AtomicInteger();
    private EmulatedStreams streams;

    @Override
    public void startUp() {
        if (streams == null) {
            streams = EmulatedStreams.start(e -> e.accessKey(EmulatedStreams.ACCESS_KEY));
        }
    }

    @Override
    public void tearDown() {
        if (streams != null) {
            streams.close();
        }
    }

    EmulatedStreams streams() {
        return streams;
    }

    /** The name of a stream that is not there yet. */
    StreamPath newStream() {
        return StreamPath.parse("users/me/suite-" + names.incrementAndGet());
    }
}
