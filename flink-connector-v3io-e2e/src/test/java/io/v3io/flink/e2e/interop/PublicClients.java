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

package io.v3io.flink.e2e.interop;

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The programs in {@code interop/} with the public clients that they need, in the versions that
 * {@code requirements.txt} and {@code go.sum} pin. They are installed once, in {@code
 * interop/target}, which {@code mvn clean} leaves alone. Where Python or Go is missing, the tests
 * that ask for them are skipped; if {@code CI} is set, they fail.
 */
public final class PublicClients {

    private static final Path SOURCES = Path.of("interop").toAbsolutePath();
    private static final Path INSTALLED = SOURCES.resolve("target");

    /** numpy, which storey needs in a version below 2, runs on none that is later. */
    private static final List<String> PYTHONS =
            List.of("python3", "python3.12", "python3.11", "python3.10", "python3.9");

    private static final String PYTHON_QUESTION =
            "import sys, venv, ensurepip; print(sys.version, sys.executable);"
                    + " sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 12))";

    private static final long QUESTION_SECONDS = 60;

    /** Some 100 MB come from the package index, and the Go program is compiled from nothing. */
    private static final long INSTALLATION_SECONDS = 600;

    private static PublicClients instance;
    private static String missing;

    private final Path python;
    private final Path go;

    private PublicClients(Path python, Path go) {
        this.python = python;
        this.go = go;
    }

    /**
     * The installed clients. Without them the calling test is skipped, or fails where {@code CI} is
     * set.
     */
    static synchronized PublicClients require() {
        if (instance == null && missing == null) {
            try {
                Files.createDirectories(INSTALLED);
                instance = new PublicClients(installPython(), buildGo());
            } catch (MissingException e) {
                missing = e.getMessage();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (instance == null) {
            abort(missing);
        }
        return instance;
    }

    /**
     * The command that runs the Go program, for tests that need no Python. Without Go the calling
     * test is skipped, or fails where {@code CI} is set.
     */
    public static synchronized List<String> requireGo(String... arguments) {
        try {
            Files.createDirectories(INSTALLED);
            return command(buildGo(), arguments);
        } catch (MissingException e) {
            abort(e.getMessage());
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void abort(String missing) {
        String ci = System.getenv("CI");
        if (ci != null && !ci.isEmpty()) {
            throw new IllegalStateException(
                    "The public clients cannot judge, and CI is set: " + missing);
        }
        Assumptions.abort("The public clients cannot judge: " + missing);
    }

    /** The command that runs one of the Python programs. */
    List<String> python(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(python.toString());
        // What is imported is compiled once, and not beside the sources.
        command.addAll(List.of("-X", "pycache_prefix=" + INSTALLED.resolve("pycache")));
        command.add(SOURCES.resolve("python").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** The command that runs the Go program. */
    List<String> go(String... arguments) {
        return command(go, arguments);
    }

    private static List<String> command(Path program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns the interpreter of a virtual environment that has all requirements. */
    private static Path installPython() throws MissingException, IOException {
        String python = null;
        String identity = null;
        for (String candidate : PYTHONS) {
            identity = answer(List.of(candidate, "-c", PYTHON_QUESTION));
            if (identity != null) {
                python = candidate;
                break;
            }
        }
        if (python == null) {
            throw new MissingException(
                    "there is no Python 3.9 to 3.12 with venv (Debian: python3 and python3-venv).");
        }
        Path requirements = SOURCES.resolve("python").resolve("requirements.txt");
        Path environment =
                INSTALLED.resolve("python-" + digest(identity + Files.readString(requirements)));
        Path interpreter = environment.resolve("bin").resolve("python");
        // The last thing written: an installation that was cut short is none.
        Path complete = environment.resolve("complete");
        if (!Files.exists(complete)) {
            install("venv", List.of(python, "-m", "venv", "--clear", environment.toString()));
            install(
                    "pip",
                    List.of(
                            interpreter.toString(),
                            "-m",
                            "pip",
                            "install",
                            "--disable-pip-version-check",
                            "--no-compile",
                            "--no-deps",
                            "--only-binary=:all:",
                            "--requirement",
                            requirements.toString()));
            Files.writeString(complete, identity);
        }
        return interpreter;
    }

    /** Returns the program. Go itself knows whether anything is to be compiled. */
    private static Path buildGo() throws MissingException {
        if (answer(List.of("go", "version")) == null) {
            throw new MissingException("there is no Go (Debian: golang-go).");
        }
        Path program = INSTALLED.resolve("interop-go");
        // Before Go 1.20 there is no flag for the directory.
        install(
                "go",
                List.of(
                        "sh",
                        "-c",
                        "cd \"$0\" && exec go build -mod=readonly -buildvcs=false -trimpath -o \"$1\" .",
                        SOURCES.resolve("go").toString(),
                        program.toString()));
        return program;
    }

    /** What a command prints; null if there is none, or if it fails. */
    private static String answer(List<String> command) {
        try (ChildProcess process = start("question", command)) {
            return process.waitFor(QUESTION_SECONDS) == 0 ? process.output() : null;
        } catch (UncheckedIOException e) {
            // There is no such program: what the question is for.
            return null;
        }
    }

    private static void install(String name, List<String> command) throws MissingException {
        try (ChildProcess process = start(name, command)) {
            if (process.waitFor(INSTALLATION_SECONDS) != 0) {
                throw new MissingException(
                        String.join(" ", command) + " has failed: " + process.endOfOutput());
            }
        }
    }

    private static ChildProcess start(String name, List<String> command) {
        // Go is not to download another Go.
        return ChildProcess.startProgram(
                name, INSTALLED, command, Map.of("GOTOOLCHAIN", "local"), "");
    }

    private static String digest(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Something is not on this machine. */
    private static final class MissingException extends Exception {

        private static final long serialVersionUID = 1L;

        MissingException(String message) {
            super(message);
        }
    }
}
