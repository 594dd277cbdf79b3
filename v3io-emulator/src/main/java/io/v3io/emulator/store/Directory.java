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

import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A directory. Looking up needs no lock; only {@link Container} changes it, under its own lock. */
public sealed class Directory implements Node permits Stream {
    private final long inode;
    private final long createdNanos;
    private final ConcurrentSkipListMap<String, Node> children = new ConcurrentSkipListMap<>();

    Directory(long inode, long createdNanos) {
        this.inode = inode;
        this.createdNanos = createdNanos;
    }

    /** The child of this name, or null. */
    Node child(String name) {
        return children.get(name);
    }

    void put(String name, Node child) {
        children.put(name, child);
    }

    void remove(String name) {
        children.remove(name);
    }

    /** All children by name, as of some moment during the call. */
    NavigableMap<String, Node> children() {
        return children;
    }

    boolean isEmpty() {
        return children.isEmpty();
    }

    @Override
    public long inode() {
        return inode;
    }

    @Override
    public long createdNanos() {
        return createdNanos;
    }

    @Override
    public long mtimeNanos() {
        return createdNanos;
    }

    /** Gives back the memory of everything inside. */
    void release() {
        children.values()
                .forEach(
                        child -> {
                            if (child instanceof Directory directory) {
                                directory.release();
                            }
                        });
    }
}
