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

package io.v3io.flink.e2e.versions;

import io.v3io.flink.e2e.cluster.FlinkHome;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The jars that were compiled against the newest Flink, on the oldest one. {@code
 * bin/flink-versions} does more, on all of them.
 */
@Timeout(500)
class OldestFlinkITCase {

    private static final Path DIRECTORY = Path.of("target", "clusters", "oldest-flink");

    private static VersionCheck check;

    @BeforeAll
    static void startAll() {
        Path home = Path.of(System.getProperty("v3io.flink.oldest.home"));
        check = new VersionCheck(FlinkHome.of(home), DIRECTORY);
    }

    @AfterAll
    static void endAll() {
        if (check != null) {
            check.close();
        }
    }

    @Test
    void theWordCountOfTheExamplesCounts() {
        assertThat(check.wordCount()).contains("2236 words, 754 distinct");
    }

    @Test
    void sqlWritesAStreamAndReadsIt() {
        assertThat(check.sql()).containsPattern("ann \\|\\s+301").containsPattern("bob \\|\\s+20");
    }
}
