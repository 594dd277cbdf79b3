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

package io.v3io.flink.benchmarks.scale;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

import java.util.concurrent.atomic.LongAdder;

/** Counts the elements of all subtasks of this process, and drops them. */
final class AddingSink implements Sink<byte[]> {

    private static final long serialVersionUID = 1L;
    private static final LongAdder COUNT = new LongAdder();

    /** Elements of all jobs so far. */
    static long count() {
        return COUNT.sum();
    }

    @Override
    public SinkWriter<byte[]> createWriter(WriterInitContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(byte[] element, Context unused) {
                COUNT.increment();
            }

            @Override
            public void flush(boolean endOfInput) {
                // Nothing is held.
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }
}
