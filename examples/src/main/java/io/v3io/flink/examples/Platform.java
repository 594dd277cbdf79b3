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

package io.v3io.flink.examples;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.emulator.V3ioEmulator;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where an example runs: against the server of {@code --endpoint}, or without it against an
 * emulator that is started in this process and ends with the example.
 */
final class Platform implements AutoCloseable {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--endpoint",
            paramLabel = "<url>",
            description =
                    "The platform's web API, or an emulator, as [http://|https://]host[:port]."
                            + " Default: an emulator in this process.")
    private String endpoint;

    @Option(
            names = "--access-key-file",
            paramLabel = "<file>",
            description =
                    "File with the access key, here and on the task managers. Default: the"
                            + " environment variable V3IO_ACCESS_KEY.")
    private Path accessKeyFile;

    private V3ioEmulator emulator;

    /** For picocli, which sets the options. */
    Platform() {}

    /** An emulator that runs already. */
    Platform(V3ioEmulator emulator) {
        this.emulator = emulator;
    }

    /** Checks the options, and starts the emulator if there is no endpoint. */
    void open(PrintStream out) {
        if (endpoint == null) {
            if (accessKeyFile != null) {
                throw new CommandLine.ParameterException(
                        command.commandLine(), "--access-key-file needs --endpoint.");
            }
            emulator = V3ioEmulator.builder().start();
            out.println("Started an emulator at " + emulator.endpoint());
            return;
        }
        if (accessKeyFile != null && !Files.isReadable(accessKeyFile)) {
            throw new CommandLine.ParameterException(
                    command.commandLine(),
                    "--access-key-file '" + accessKeyFile + "' cannot be read.");
        }
        try {
            configure(V3ioClient.builder());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "--endpoint: " + e.getMessage(), e);
        }
        out.println("Using the platform at " + endpoint);
    }

    /** Sets how to reach the platform; for clients, and for the sources and sinks of jobs. */
    V3ioClientBuilder configure(V3ioClientBuilder client) {
        if (emulator != null) {
            // An emulator without a key of its own takes any.
            return client.setEndpoint(emulator.endpoint()).setAccessKey("example");
        }
        client.setEndpoint(endpoint);
        return accessKeyFile == null ? client : client.setAccessKeyFile(accessKeyFile);
    }

    @Override
    public void close() {
        if (emulator != null) {
            emulator.close();
        }
    }
}
