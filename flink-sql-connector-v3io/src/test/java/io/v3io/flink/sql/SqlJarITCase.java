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

package io.v3io.flink.sql;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The SQL jar holds all that the connector needs, moved out of the way of other jars. */
@Tag("quick")
class SqlJarITCase {

    private static final Path JAR = Path.of(System.getProperty("v3io.sql.jar"));
    private static final String SHADED = "io/v3io/flink/shaded/";

    /** It has 3.9 MB; a library that slips in would be noticed. */
    private static final long MAX_BYTES = 4_100_000L;

    @Test
    void holdsTheConnectorAndWhatItNeeds() throws IOException {
        assertThat(entries(JAR))
                .contains(
                        "io/v3io/flink/source/V3ioSource.class",
                        "io/v3io/flink/sink/V3ioSink.class",
                        "io/v3io/flink/table/V3ioTableFactory.class",
                        "io/v3io/client/V3ioClient.class",
                        SHADED + "org/apache/hc/client5/http/impl/async/HttpAsyncClients.class",
                        SHADED + "org/apache/hc/core5/reactor/IOReactor.class",
                        SHADED + "com/fasterxml/jackson/core/JsonFactory.class");
    }

    @Test
    void holdsNothingOutsideOfItsOwnPackageAndMetaInf() throws IOException {
        assertThat(entries(JAR))
                .allMatch(name -> name.startsWith("io/v3io/") || name.startsWith("META-INF/"))
                .noneMatch(name -> name.startsWith("META-INF/") && name.endsWith(".class"));
    }

    @Test
    void holdsNothingTwice() throws IOException {
        assertThat(entries(JAR)).doesNotHaveDuplicates();
    }

    @Test
    void hasInMetaInfOnlyWhatIsTrueOfIt() throws IOException {
        assertThat(entries(JAR).stream().filter(name -> name.startsWith("META-INF/")))
                .filteredOn(name -> !name.startsWith("META-INF/services/"))
                .containsExactlyInAnyOrder(
                        "META-INF/MANIFEST.MF",
                        "META-INF/LICENSE",
                        "META-INF/NOTICE",
                        "META-INF/FastDoubleParser-LICENSE",
                        "META-INF/FastDoubleParser-ThirdParty-LICENSE",
                        "META-INF/Schubfach-LICENSE");
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Multi-Release")).isNull();
            assertThat(manifest.getValue("Automatic-Module-Name")).isNull();
            assertThat(jar.getManifest().getEntries()).isEmpty();
        }
    }

    @Test
    void namesInServiceFilesOnlyClassesThatItHas() throws IOException {
        List<String> services =
                entries(JAR).stream().filter(n -> n.startsWith("META-INF/services/")).toList();
        assertThat(services)
                .containsExactlyInAnyOrder(
                        "META-INF/services/org.apache.flink.table.factories.Factory",
                        "META-INF/services/io.v3io.flink.shaded.com.fasterxml.jackson.core.JsonFactory");
        List<String> entries = entries(JAR);
        for (String service : services) {
            List<String> providers =
                    text(service)
                            .lines()
                            .map(line -> line.replaceAll("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .toList();
            assertThat(providers).as(service).isNotEmpty();
            for (String provider : providers) {
                assertThat(entries).as(service).contains(provider.replace('.', '/') + ".class");
            }
        }
    }

    /** The class path of this test has exactly what was put into the jar, and tests' libraries. */
    @Test
    void itsNoticeNamesExactlyTheLibrariesInIt() throws IOException {
        TreeSet<String> bundled = new TreeSet<>();
        TreeSet<String> moved = new TreeSet<>(entries(JAR));
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (element.endsWith(".jar")
                    && entries(Path.of(element)).stream()
                            .anyMatch(
                                    name ->
                                            name.endsWith(".class")
                                                    && moved.contains(SHADED + name))) {
                bundled.add(Path.of(element).getFileName().toString().replace(".jar", ""));
            }
        }

        List<String> named =
                Pattern.compile("^- [\\w.]+:([\\w-]+):([\\w.]+)$", Pattern.MULTILINE)
                        .matcher(text("META-INF/NOTICE"))
                        .results()
                        .map(SqlJarITCase::fileName)
                        .toList();

        assertThat(named).containsExactlyInAnyOrderElementsOf(bundled);
    }

    private static String fileName(MatchResult artifact) {
        return artifact.group(1) + "-" + artifact.group(2);
    }

    @Test
    void hasTheLicenceOfTheProject() throws IOException {
        assertThat(text("META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("..", "LICENSE")));
        assertThat(text("META-INF/NOTICE"))
                .contains(Files.readString(Path.of("..", "NOTICE")).lines().skip(1).toList());
    }

    /** The client loads classes by name before it may have to close without a class loader. */
    @Test
    void loadsTheClassesThatClosingNeedsFromTheirNewPlace() throws Exception {
        try (URLClassLoader loader = loaderOfTheJar()) {
            Class<?> closing = Class.forName("io.v3io.client.http.ClosingClasses", true, loader);
            Field names = closing.getDeclaredField("NAMES");
            names.setAccessible(true);
            List<String> byName = new ArrayList<>();
            for (Object name : (List<?>) names.get(null)) {
                byName.add((String) name);
            }

            assertThat(byName)
                    .anyMatch(name -> name.startsWith("io.v3io.flink.shaded.org.apache.hc."))
                    .allMatch(name -> name.startsWith("io.v3io."));
            for (String name : byName) {
                assertThat(Class.forName(name, false, loader).getClassLoader()).isSameAs(loader);
            }
        }
    }

    /** Which host names a certificate may stand for depends on a list that is found by its path. */
    @Test
    void findsTheDataOfTheHttpClientAtItsNewPlace() throws Exception {
        try (URLClassLoader loader = loaderOfTheJar()) {
            Class<?> suffixes =
                    Class.forName(
                            "io.v3io.flink.shaded.org.apache.hc.client5.http.psl"
                                    + ".PublicSuffixMatcherLoader",
                            true,
                            loader);
            Object matcher = suffixes.getMethod("getDefault").invoke(null);

            Object root =
                    matcher.getClass()
                            .getMethod("getDomainRoot", String.class)
                            .invoke(matcher, "a.example.kawasaki.jp");

            // Without the list: jp would be the suffix, and kawasaki.jp the root.
            assertThat(root).isEqualTo("a.example.kawasaki.jp");
        }
    }

    @Test
    void isSmall() throws IOException {
        assertThat(Files.size(JAR)).isLessThan(MAX_BYTES);
    }

    /** Sees the jar, and of all else only the logging that a cluster has. */
    private static URLClassLoader loaderOfTheJar() throws Exception {
        URL slf4j = org.slf4j.Logger.class.getProtectionDomain().getCodeSource().getLocation();
        return new URLClassLoader(
                new URL[] {JAR.toUri().toURL(), slf4j}, ClassLoader.getPlatformClassLoader());
    }

    private static String text(String entry) throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile());
                InputStream in = jar.getInputStream(jar.getJarEntry(entry))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> entries(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            return jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(JarEntry::getName)
                    .toList();
        }
    }
}
