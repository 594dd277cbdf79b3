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

package io.v3io.emulator.store;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The user attributes of an object or shard and the time of their last change. Thread-safe; its
 * monitor makes a condition and the change that depends on it one step.
 */
final class ItemState {
    private Map<String, AttributeValue> attributes;
    private long mtimeNanos;

    ItemState(Map<String, AttributeValue> attributes, long mtimeNanos) {
        this.attributes = Map.copyOf(attributes);
        this.mtimeNanos = mtimeNanos;
    }

    /** The user attributes; never changes. */
    synchronized Map<String, AttributeValue> attributes() {
        return attributes;
    }

    /** The last change, in nanoseconds since 1970; each change has a later one than all before. */
    synchronized long mtimeNanos() {
        return mtimeNanos;
    }

    /**
     * Notes a change of something else than attributes; to be called inside the monitor when more
     * depends on it.
     */
    synchronized void touch(long nowNanos) {
        mtimeNanos = Math.max(nowNanos, mtimeNanos + 1);
    }

    /** Changes the attributes; to be called inside the monitor when more depends on it. */
    synchronized void change(
            Item.Change change, Map<String, AttributeValue> systemAttributes, long nowNanos) {
        Map<String, AttributeValue> all = new TreeMap<>(attributes);
        all.putAll(systemAttributes);
        attributes = Collections.unmodifiableMap(new TreeMap<>(change.next(attributes, all)));
        touch(nowNanos);
    }
}
