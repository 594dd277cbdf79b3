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

import org.apache.flink.api.common.functions.MapFunction;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Lets records pass when the test has opened it: a job under backpressure. The test and the job run
 * in the same JVM.
 *
 * @param <T> type of the records
 */
public final class Gate<T> implements MapFunction<T, T> {

    private static final long serialVersionUID = 1L;

    private static final Map<String, CountDownLatch> LATCHES = new ConcurrentHashMap<>();

    private final String name;

    /** A closed gate. */
    public Gate(String name) {
        this.name = name;
        LATCHES.put(name, new CountDownLatch(1));
    }

    /** Opens the gate of a name for good. */
    public static void open(String name) {
        LATCHES.get(name).countDown();
    }

    @Override
    public T map(T record) throws InterruptedException {
        LATCHES.get(name).await();
        return record;
    }
}
