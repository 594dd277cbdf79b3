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

package io.v3io.flink.benchmarks.server;

import com.sun.management.OperatingSystemMXBean;

import javax.annotation.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Plain objects. An exactly-once sink may write gigabytes of them between two checkpoints, so they
 * are outside of the heap, and in files when they need more than half of the machine's memory. What
 * held an object that was deleted holds another one later: a kernel that finds, clears and drops
 * pages for each would cost more than all else that this server does.
 */
final class StoredObjects {

    /** Room for the head of an answer, so that it is written together with its object. */
    static final int HEAD_ROOM = 512;

    /** Sizes of objects are rounded up to multiples of it, so that one can follow another. */
    private static final int STEP_BYTES = 1 << 16;

    private final Map<String, StoredObject> byName = new ConcurrentHashMap<>();
    private final Map<Integer, Queue<ByteBuffer>> freeByCapacity = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long maxMemoryBytes =
            ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getTotalMemorySize()
                    / 2;

    /**
     * An object, complete or being written.
     *
     * @param buffer begins with room for a head
     */
    record StoredObject(ByteBuffer buffer, int length) {

        /** What is to be written, from its start. */
        ByteBuffer content() {
            return buffer.duplicate().position(HEAD_ROOM).limit(HEAD_ROOM + length);
        }

        /** This head and the object in one piece. */
        ByteBuffer after(byte[] head) {
            ByteBuffer answer = buffer.duplicate().limit(HEAD_ROOM + length);
            return answer.position(HEAD_ROOM - head.length)
                    .put(head)
                    .position(HEAD_ROOM - head.length);
        }
    }

    /** An empty object, to be written. */
    StoredObject create(String name, int length) throws IOException {
        int steps = (HEAD_ROOM + length + STEP_BYTES - 1) / STEP_BYTES;
        ByteBuffer free = free(steps * STEP_BYTES).poll();
        StoredObject object =
                new StoredObject(free == null ? allocate(steps * STEP_BYTES) : free, length);
        StoredObject before = byName.put(name, object);
        if (before != null) {
            free(before.buffer.capacity()).add(before.buffer);
        }
        return object;
    }

    private Queue<ByteBuffer> free(int capacity) {
        return freeByCapacity.computeIfAbsent(capacity, c -> new ConcurrentLinkedQueue<>());
    }

    private ByteBuffer allocate(int capacity) throws IOException {
        if (bytes.addAndGet(capacity) <= maxMemoryBytes) {
            return ByteBuffer.allocateDirect(capacity);
        }
        Path file = Files.createTempFile("v3io-bench-object", "");
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, capacity);
        }
    }

    @Nullable
    StoredObject get(String name) {
        return byName.get(name);
    }

    /** Nobody may be reading it, and nobody does: sinks delete what they have committed. */
    void delete(String name) {
        StoredObject object = byName.remove(name);
        if (object != null) {
            free(object.buffer.capacity()).add(object.buffer);
        }
    }
}
