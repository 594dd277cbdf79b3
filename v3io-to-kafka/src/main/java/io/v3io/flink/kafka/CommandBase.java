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
import io.v3io.flink.kafka.config.MigrationConfig;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/** What all commands have in common. */
abstract class CommandBase implements Callable<Integer> {

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration: streams, topics, and how both sides are reached.")
    private Path config;

    @Option(names = "--json", description = "Print JSON for programs, a document a line.")
    private boolean json;

    @Spec private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        return run(ConfigFile.read(config), new Output(spec.commandLine().getOut(), json));
    }

    /**
     * Does what the command is for.
     *
     * @return one of {@link ExitCode}
     */
    abstract int run(MigrationConfig settings, Output output) throws Exception;
}
