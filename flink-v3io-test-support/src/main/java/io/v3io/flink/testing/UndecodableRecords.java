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

package io.v3io.flink.testing;

import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Texts, of which it refuses those that begin with "bad". */
public final class UndecodableRecords extends AbstractDeserializationSchema<String> {

    private static final long serialVersionUID = 1L;

    /** How many it has refused; the test and the job run in the same JVM. */
    public static final AtomicLong REFUSED = new AtomicLong();

    public UndecodableRecords() {
        super(String.class);
    }

    @Override
    public String deserialize(byte[] data) throws IOException {
        if (data.length >= 3 && data[0] == 'b' && data[1] == 'a' && data[2] == 'd') {
            REFUSED.incrementAndGet();
            throw new IOException("it is bad");
        }
        return new String(data, UTF_8);
    }
}
