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

package io.v3io.flink.benchmarks.source;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

import java.util.concurrent.atomic.AtomicLong;

/** Counts elements and drops them. Of one subtask in this process. */
public final class CountingSink<T> implements Sink<T> {

    private static final long serialVersionUID = 1L;

    /** Only one thread writes it, so that no atomic addition is needed. */
    private static final AtomicLong COUNT = new AtomicLong();

    /** Elements of all jobs so far. */
    public static long count() {
        return COUNT.get();
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(T element, Context unused) {
                COUNT.setRelease(COUNT.getPlain() + 1);
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
