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

package io.v3io.emulator.cli;

import io.v3io.emulator.Dialect;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.emulator.V3ioEmulatorBuilder;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * Runs an emulator until the process is ended. Exit codes: 2 for options that make no sense, 1 when
 * the emulator cannot start.
 */
@Command(
        name = "v3io-emulator",
        description = "A local emulator of the V3IO Streaming Web API.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false)
public final class Main implements Callable<Integer> {
    static final String KEY_VARIABLE = "V3IO_EMULATOR_ACCESS_KEY";

    @Spec private CommandSpec spec;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}, only this machine).")
    private String host;

    @Option(
            names = "--port",
            defaultValue = "8081",
            description = "Port to listen on; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--access-key",
            description = {
                "Key that requests must bring. Others can see it in the list of processes; the environment variable "
                        + KEY_VARIABLE
                        + " or a file keeps it private. Default: any key, or none, will do."
            })
    private String accessKey;

    @Option(names = "--access-key-file", description = "File whose first line is the key.")
    private Path accessKeyFile;

    @Option(
            names = "--data-dir",
            description = "Directory that keeps everything across restarts. Default: memory only.")
    private Path dataDir;

    @Option(
            names = "--latency",
            defaultValue = "0ms",
            converter = DurationText.class,
            description =
                    "Holds every answer back for so long, such as 20ms (default: ${DEFAULT-VALUE}).")
    private Duration latency;

    @Option(names = "--seed", description = "Decides the draws of faults. Default: random.")
    private Long seed;

    @Option(
            names = "--containers",
            split = ",",
            defaultValue = "users,projects,bigdata",
            description = "Containers that there are at the start (default: ${DEFAULT-VALUE}).")
    private String[] containers;

    @Option(
            names = "--containers-on-demand",
            description =
                    "Makes other containers when something is stored in them, instead of answering 404.")
    private boolean containersOnDemand;

    @Option(
            names = "--dialect",
            defaultValue = "default",
            description =
                    "Which platform to play where the evidence allows several: name=value,..., or default, strict,"
                            + " lenient, old, hostile, or such a word and changes to it (default: ${DEFAULT-VALUE}).")
    private String dialect;

    /** Runs until the process is ended. */
    public static void main(String[] args) {
        // Before any logger is made: what a library has to say is of interest only when something
        // is wrong.
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        }
        int exitCode = new CommandLine(new Main()).execute(args);
        System.exit(exitCode);
    }

    @Override
    public Integer call() throws InterruptedException {
        V3ioEmulatorBuilder builder = settings();
        V3ioEmulator emulator;
        try {
            emulator = builder.start();
        } catch (UncheckedIOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(emulator::close, "v3io-emulator-shutdown"));
        spec.commandLine().getOut().println("V3IO emulator listening on " + emulator.endpoint());
        spec.commandLine().getOut().flush();
        // SIGTERM and SIGINT end the process through the shutdown hook.
        new CountDownLatch(1).await();
        return CommandLine.ExitCode.OK;
    }

    private V3ioEmulatorBuilder settings() {
        try {
            V3ioEmulatorBuilder builder =
                    V3ioEmulator.builder()
                            .host(host)
                            .port(port)
                            .latency(latency)
                            .dialect(Dialect.parse(dialect))
                            .containers(containers)
                            .containersOnDemand(containersOnDemand);
            String key = key();
            if (key != null) {
                builder.accessKey(key);
            }
            if (dataDir != null) {
                builder.dataDir(dataDir);
            }
            if (seed != null) {
                builder.seed(seed);
            }
            return builder;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private String key() {
        if (accessKey != null && accessKeyFile != null) {
            throw new IllegalArgumentException(
                    "--access-key and --access-key-file exclude each other");
        }
        if (accessKeyFile != null) {
            return keyInFile();
        }
        return accessKey != null ? accessKey : System.getenv(KEY_VARIABLE);
    }

    private String keyInFile() {
        try {
            return Files.readString(accessKeyFile).lines().findFirst().orElse("").strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--access-key-file " + accessKeyFile + " cannot be read: " + e, e);
        }
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "v3io-emulator " + (version == null ? "(not from its jar)" : version)
            };
        }
    }
}
