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

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Flink's own jars, in the folders of its binary distribution: {@code lib} for every process,
 * {@code opt} for what a user adds.
 */
public final class FlinkHome {

    /** The folder; the build sets it, and it is where the build puts it. */
    public static final String PROPERTY = "v3io.flink.home";

    private final Path directory;

    private FlinkHome(Path directory) {
        this.directory = directory;
    }

    /** The one that the build made, see {@link #PROPERTY}. */
    public static FlinkHome ofBuild() {
        String property = System.getProperty(PROPERTY);
        if (property == null) {
            throw new IllegalStateException("The system property " + PROPERTY + " is not set.");
        }
        return of(Path.of(property));
    }

    /** The distribution of Flink in a folder. */
    public static FlinkHome of(Path directory) {
        if (!Files.isDirectory(directory.resolve("lib"))) {
            throw new IllegalStateException(
                    directory.toAbsolutePath()
                            + " has no lib; 'mvn process-resources -pl"
                            + " flink-connector-v3io-e2e/flink' makes it.");
        }
        return new FlinkHome(directory.toAbsolutePath().normalize());
    }

    /** The version of Flink, for example {@code 2.3.0}. */
    public String version() {
        String jar = jar("lib", "flink-runtime-").getFileName().toString();
        return jar.substring("flink-runtime-".length(), jar.length() - ".jar".length());
    }

    /** What every process of a cluster has on its class path. */
    public String classPath() {
        return classPath(jars("lib"));
    }

    /** The class path of Flink's SQL client, which cannot do without Python's jar. */
    public String sqlClientClassPath() {
        List<Path> jars = new ArrayList<>(jars("lib"));
        jars.add(jar("opt", "flink-sql-client-"));
        jars.add(jar("opt", "flink-sql-gateway-"));
        jars.add(jar("opt", "flink-python-"));
        return classPath(jars);
    }

    /** The first jar in a folder, by name, whose name starts so. */
    public Path jar(String folder, String prefix) {
        return jars(folder).stream()
                .filter(jar -> jar.getFileName().toString().startsWith(prefix))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "No " + prefix + "*.jar in " + directory.resolve(folder)));
    }

    private List<Path> jars(String folder) {
        try (Stream<Path> files = Files.list(directory.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath(List<Path> jars) {
        return String.join(File.pathSeparator, jars.stream().map(Path::toString).toList());
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
