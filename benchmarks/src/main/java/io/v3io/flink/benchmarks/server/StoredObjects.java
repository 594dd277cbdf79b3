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

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plain objects. They are in files, because what an exactly-once sink writes between two
 * checkpoints may be larger than a heap.
 */
final class StoredObjects implements AutoCloseable {

    private final Path directory;
    private final Map<String, Path> files = new ConcurrentHashMap<>();

    StoredObjects() throws IOException {
        this.directory = Files.createTempDirectory("v3io-bench-objects");
    }

    /** An empty object, to be written. */
    FileChannel create(String name) throws IOException {
        Path file = Files.createTempFile(directory, "object", "");
        Path before = files.put(name, file);
        if (before != null) {
            Files.delete(before);
        }
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    @Nullable
    byte[] get(String name) throws IOException {
        Path file = files.get(name);
        return file == null ? null : Files.readAllBytes(file);
    }

    void delete(String name) throws IOException {
        Path file = files.remove(name);
        if (file != null) {
            Files.delete(file);
        }
    }

    @Override
    public void close() throws IOException {
        for (Path file : files.values()) {
            Files.deleteIfExists(file);
        }
        files.clear();
        Files.delete(directory);
    }
}
