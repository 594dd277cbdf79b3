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

import io.v3io.emulator.Assumptions;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A plain object: bytes, attributes, or both. Thread-safe; guarded by the monitor of its {@link
 * ItemState}.
 */
public final class StoredObject implements Node, Item {
    private static final byte[] NOTHING = {};

    private final StoreContext context;
    private final String container;
    private final String path;
    private final long createdNanos;
    private final ItemState state;
    private byte[] content = NOTHING;
    private boolean deleted;

    StoredObject(
            StoreContext context,
            String container,
            String path,
            long createdNanos,
            long mtimeNanos,
            Map<String, AttributeValue> attributes,
            byte[] content) {
        this.context = context;
        this.container = container;
        this.path = path;
        this.createdNanos = createdNanos;
        this.state = new ItemState(attributes, mtimeNanos);
        this.content = content == null ? NOTHING : content;
    }

    /** The bytes; not to be changed. */
    public byte[] content() {
        synchronized (state) {
            return content;
        }
    }

    /** Replaces the bytes; attributes stay. */
    CompletableFuture<Void> write(byte[] newContent) {
        synchronized (state) {
            checkAlive();
            content = newContent;
            state.touch(context.clock().nowNanos());
            return context.journal().submit(mutation(newContent));
        }
    }

    /** Adds bytes at the end. */
    CompletableFuture<Void> append(byte[] more) {
        synchronized (state) {
            if (content.length + (long) more.length > Assumptions.MAX_BODY_BYTES) {
                throw ApiException.invalidArgument(
                        path + " would have more than " + Assumptions.MAX_BODY_BYTES + " bytes");
            }
            byte[] both = Arrays.copyOf(content, content.length + more.length);
            System.arraycopy(more, 0, both, content.length, more.length);
            return write(both);
        }
    }

    @Override
    public CompletableFuture<Long> change(Change change) {
        synchronized (state) {
            checkAlive();
            state.change(change, systemAttributes(), context.clock().nowNanos());
            long mtime = state.mtimeNanos();
            return context.journal().submit(mutation(null)).thenApply(safe -> mtime);
        }
    }

    /** After this nothing can be written any more. */
    CompletableFuture<Void> delete() {
        synchronized (state) {
            checkAlive();
            deleted = true;
            return context.journal().submit(new Mutation.DeleteNode(container, path));
        }
    }

    private void checkAlive() {
        if (deleted) {
            throw new ApiException(ApiError.NO_SUCH_FILE, path + " has been deleted meanwhile");
        }
    }

    /** The object as a whole, without content that the journal has already. */
    Mutation mutation(byte[] newContent) {
        return new Mutation.PutObject(
                container,
                path,
                createdNanos,
                state.mtimeNanos(),
                AttributeJson.write(state.attributes()),
                newContent);
    }

    @Override
    public Snapshot snapshot() {
        synchronized (state) {
            return new Snapshot(state.attributes(), systemAttributes());
        }
    }

    private Map<String, AttributeValue> systemAttributes() {
        return SystemAttributes.of(
                path.substring(path.lastIndexOf('/') + 1),
                content.length,
                inode(),
                state.mtimeNanos(),
                Assumptions.OBJECT_TYPE_PLAIN);
    }

    @Override
    public long inode() {
        return SystemAttributes.inode(container, path);
    }

    @Override
    public long createdNanos() {
        return createdNanos;
    }

    @Override
    public long mtimeNanos() {
        return state.mtimeNanos();
    }
}
