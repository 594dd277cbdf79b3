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

package io.v3io.flink.kafka;

import io.v3io.flink.kafka.config.ConfigFile;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;

/** docs/leaving-v3io.md tells of everything that there is to set. */
class LeavingPageTest {

    private static final Map<String, String> SECTIONS =
            Map.of(
                    "RawV3io",
                    "v3io.",
                    "RawKafka",
                    "kafka.",
                    "RawJob",
                    "job.",
                    "RawStream",
                    "streams.");

    private static String page() throws Exception {
        return Files.readString(Path.of("..", "docs", "leaving-v3io.md"));
    }

    @Test
    void tellsOfEveryOptionOfTheConfiguration() throws Exception {
        List<String> options = new ArrayList<>();
        for (Class<?> part : ConfigFile.class.getDeclaredClasses()) {
            String section = SECTIONS.get(part.getSimpleName());
            if (section != null) {
                for (RecordComponent component : part.getRecordComponents()) {
                    options.add("`" + section + kebab(component.getName()) + "`");
                }
            }
        }
        assertThat(options).hasSizeGreaterThan(15);
        assertThat(page()).contains(options);
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void tellsOfEveryCommandAndItsOptions() throws Exception {
        List<String> wanted = new ArrayList<>();
        for (CommandLine command : new CommandLine(Main.class).getSubcommands().values()) {
            wanted.add("v3io-to-kafka " + command.getCommandName());
            for (OptionSpec option : command.getCommandSpec().options()) {
                wanted.add(option.longestName());
            }
        }
        assertThat(wanted).contains("v3io-to-kafka verify", "--to-end");
        assertThat(page()).contains(wanted);
    }
}
