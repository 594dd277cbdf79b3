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

import io.v3io.flink.kafka.testing.CommandRun;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs commands in this process. */
final class CommandLines {

    private CommandLines() {}

    static CommandRun run(String yaml, String... arguments) throws IOException {
        Path config = Files.createTempFile("migration", ".yaml");
        try {
            Files.writeString(config, yaml);
            List<String> all = new ArrayList<>(List.of(arguments));
            if (all.contains("--final") && !all.contains("--settle")) {
                // Nobody writes late but in the test that is about it.
                all.addAll(List.of("--settle", "0 s"));
            }
            all.add("--config");
            all.add(config.toString());
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int code =
                    Main.run(
                            new PrintWriter(out, true),
                            new PrintWriter(err, true),
                            all.toArray(String[]::new));
            return new CommandRun(code, out.toString(), err.toString());
        } finally {
            Files.delete(config);
        }
    }
}
