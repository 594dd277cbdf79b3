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

package io.v3io.flink.e2e.docs;

import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/** What docs/operations.md shows and names is there. */
class OperationsPageTest {

    private static final Path DOCS = Path.of("..", "docs");

    /** In the jar of the operator's API. */
    private static final String DEFINITION =
            "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern METRIC = Pattern.compile("`v3io\\.\\w+`");
    private static final Pattern OPTION = Pattern.compile("`scan\\.[\\w.-]+`");

    /** Of a line of a log. */
    private static final Pattern LOGGER = Pattern.compile("\\b(?:INFO|WARN|ERROR) (\\w+) - ");

    private static final Set<String> OF_FLINK =
            Set.of(
                    "CheckpointFailureManager",
                    "ExecutionGraph",
                    "JobMaster",
                    "StandaloneResourceManager",
                    "ZooKeeperLeaderElectionDriver");

    @Test
    void theDeploymentIsWhatTheOperatorsSchemaWants() throws IOException {
        assertThat(schema().violations("spec", deployment().get("spec")))
                // The newest schema on Maven Central is older than Flink 2.
                .singleElement()
                .asString()
                .startsWith("spec.flinkVersion is v2_0, not one of [v1_13, ");
        assertThat(deployment())
                .containsEntry("apiVersion", "flink.apache.org/v1beta1")
                .containsEntry("kind", "FlinkDeployment")
                .containsOnlyKeys("apiVersion", "kind", "metadata", "spec");
    }

    /** That nothing is found shows something only if mistakes are. */
    @Test
    void theSchemaFindsMistakes() throws IOException {
        Map<String, Object> wrong =
                Map.of(
                        "job", Map.of("jarUri", "a.jar", "parallelism", "4", "args", "--a"),
                        "podTemplate",
                                Map.of("spec", Map.of("containers", List.of(Map.of("env", 1)))),
                        "flinkConfiguration", Map.of("taskmanager.numberOfTaskSlots", 4),
                        "mode", "fast");
        assertThat(schema().violations("spec", wrong))
                .containsExactlyInAnyOrder(
                        "spec.job.jarUri is no field",
                        "spec.job.parallelism has the wrong type: 4",
                        "spec.job.args has the wrong type: --a",
                        "spec.podTemplate.spec.containers[0].env has the wrong type: 1",
                        "spec.flinkConfiguration.taskmanager.numberOfTaskSlots has the wrong type:"
                                + " 4",
                        "spec.mode is fast, not one of [native, standalone]");
    }

    @Test
    void theMetricsAndOptionsAreThoseOfSourceAndSink() throws IOException {
        String others =
                Files.readString(DOCS.resolve("datastream-source.md"))
                        + Files.readString(DOCS.resolve("datastream-sink.md"));
        for (Pattern names : List.of(METRIC, OPTION)) {
            List<String> named = names.matcher(page()).results().map(MatchResult::group).toList();
            assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(others).contains(name));
        }
    }

    @Test
    void theLoggersAreClassesOfOursOrOfFlink() throws IOException {
        Set<String> loggers =
                LOGGER.matcher(page())
                        .results()
                        .map(line -> line.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(loggers).hasSizeGreaterThan(6).containsAll(OF_FLINK);
        loggers.removeAll(OF_FLINK);
        assertThat(ArchitecturePageTest.classes()).containsAll(loggers);
    }

    private static String page() throws IOException {
        return Files.readString(DOCS.resolve("operations.md"));
    }

    private static Map<String, Object> deployment() throws IOException {
        Matcher yaml = YAML.matcher(page());
        assertThat(yaml.find()).isTrue();
        Map<?, ?> read =
                (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(yaml.group(1));
        Map<String, Object> deployment = new TreeMap<>();
        read.forEach((name, value) -> deployment.put((String) name, value));
        return deployment;
    }

    private static CustomResourceSchema schema() throws IOException {
        try (InputStream definition =
                OperationsPageTest.class.getClassLoader().getResourceAsStream(DEFINITION)) {
            return new CustomResourceSchema(
                    (Map<?, ?>)
                            new Load(LoadSettings.builder().setCodePointLimit(8_000_000).build())
                                    .loadFromInputStream(definition));
        }
    }
}
