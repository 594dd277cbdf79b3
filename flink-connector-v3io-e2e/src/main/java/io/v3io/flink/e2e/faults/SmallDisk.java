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

package io.v3io.flink.e2e.faults;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A directory on a file system of its own that can be full. Takes the right to mount one. */
final class SmallDisk implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SmallDisk.class);

    private static final int SIZE_MEGABYTES = 128;
    private static final byte[] BLOCK = new byte[64 * 1024];

    private final Path directory;
    private final boolean mounted;

    /** For a JVM that is asked to end in the middle of a run. */
    private final Thread unmounting = new Thread(this::unmount, "unmount-small-disk");

    /** Mounts it there, if this user may. */
    SmallDisk(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        Files.createDirectories(directory);
        this.mounted =
                succeeds(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + SIZE_MEGABYTES + "m",
                        "tmpfs",
                        directory.toString());
        if (mounted) {
            Runtime.getRuntime().addShutdownHook(unmounting);
        } else {
            LOG.warn("This user may not mount a file system: no disk will be full.");
        }
    }

    /** Whether it can be full. */
    boolean canBeFull() {
        return mounted;
    }

    /** Not one byte more can be written, until {@link #free}. */
    void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(filler())) {
            for (long written = 0; written < SIZE_MEGABYTES * 1024L * 1024; ) {
                filler.write(BLOCK);
                written += BLOCK.length;
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** There is room again. */
    void free() throws IOException {
        Files.deleteIfExists(filler());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private void unmount() {
        try {
            // Lazily, for a process that was killed a moment ago.
            if (!succeeds("umount", "-l", directory.toString())) {
                throw new IOException(directory + " cannot be unmounted.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (mounted) {
            Runtime.getRuntime().removeShutdownHook(unmounting);
            unmount();
        }
    }
}
