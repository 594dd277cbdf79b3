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

package io.v3io.emulator.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A data directory that belongs to this emulator as long as it is not closed. */
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private DataDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Takes a directory, and makes it if need be.
     *
     * @throws IOException when another emulator has it, or it cannot be used
     */
    static DataDirectory take(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new IOException(
                    "the data directory " + path + " cannot be made: " + e.getMessage(), e);
        }
        FileChannel lockFile =
                FileChannel.open(
                        path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = tryLock(lockFile);
        } finally {
            if (!taken) {
                lockFile.close();
            }
        }
        if (!taken) {
            throw new IOException("the data directory " + path + " is in use by another emulator");
        }
        return new DataDirectory(path, lockFile);
    }

    /** The operating system lets go of the lock when the process dies, however it dies. */
    private static boolean tryLock(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Another emulator in this very process.
            return false;
        }
    }

    Path database() {
        return path.resolve("v3io-emulator.sqlite");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
