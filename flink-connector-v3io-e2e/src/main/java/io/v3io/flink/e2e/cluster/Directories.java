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

package io.v3io.flink.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories of processes, which shall not find what an earlier run has left. */
public final class Directories {

    private Directories() {}

    /** Makes a directory, empty, whatever it was, and its parents; returns its absolute path. */
    public static Path createEmpty(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        try {
            if (Files.exists(path)) {
                List<Path> old;
                try (Stream<Path> files = Files.walk(path)) {
                    old = files.sorted(Comparator.reverseOrder()).toList();
                }
                for (Path file : old) {
                    Files.delete(file);
                }
            }
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
