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

package io.v3io.flink.e2e.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of one of Flink's file sinks that a reader may see: those that are committed. */
public final class PartFiles {

    private PartFiles() {}

    /** What is committed until now, in the order of the names; nothing without the directory. */
    public static List<Path> committed(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !isHidden(file))
                    .sorted()
                    .toList();
        }
    }

    /** Lines of all committed files. */
    public static long countLines(Path directory) throws IOException {
        long lines = 0;
        for (Path file : committed(directory)) {
            lines += lines(file).size();
        }
        return lines;
    }

    static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    private static boolean isHidden(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(".") || name.startsWith("_");
    }
}
