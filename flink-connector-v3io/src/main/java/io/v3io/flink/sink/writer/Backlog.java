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

package io.v3io.flink.sink.writer;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How much was handed over for delivery and is not stored yet. Thread-safe. */
final class Backlog {

    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean isRoomWanted = new AtomicBoolean();

    /** Records that wait for their request or for its answer. */
    int records() {
        return records.get();
    }

    /** Bytes of JSON of these records. */
    long bytes() {
        return bytes.get();
    }

    /** So much more, or less where it is negative. */
    void change(int recordsMore, long bytesMore) {
        records.addAndGet(recordsMore);
        bytes.addAndGet(bytesMore);
    }

    /** Somebody is about to wait until there is less, and looks once more before. */
    void wantRoom() {
        isRoomWanted.set(true);
    }

    /** Whether somebody waits, who is now to be told that there is less. */
    boolean takeWish() {
        return isRoomWanted.get() && isRoomWanted.getAndSet(false);
    }
}
