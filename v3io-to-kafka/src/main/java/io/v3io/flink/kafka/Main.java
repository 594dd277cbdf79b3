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

import io.v3io.flink.kafka.config.ConfigException;
import io.v3io.flink.kafka.plan.RefusedException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** The commands of {@code v3io-to-kafka}. */
@Command(
        name = "v3io-to-kafka",
        description =
                "Moves V3IO streams to Kafka topics without losing or doubling a record, and proves it.",
        subcommands = {
            PlanCommand.class,
            MirrorCommand.class,
            StatusCommand.class,
            VerifyCommand.class,
            TranslateCommand.class
        },
        footer = {
            "",
            "Ends with 0 if all is well, 1 if something failed, 2 if the command or the configuration is wrong,"
                    + " 3 if it was refused, 4 if both sides differ, 5 if the copy is not complete."
        })
public final class Main {

    private Main() {}

    /** Runs a command and ends this process with its exit code. */
    public static void main(String[] args) {
        int code =
                run(
                        new PrintWriter(System.out, true, Charset.defaultCharset()),
                        new PrintWriter(System.err, true, Charset.defaultCharset()),
                        args);
        if (code == ExitCode.OK) {
            // On a cluster that runs this method itself, the end of the process is not ours to
            // decide.
            return;
        }
        if (isRunByCluster()) {
            throw new IllegalStateException(
                    "v3io-to-kafka has ended with " + code + "; the log of this process says why.");
        }
        System.exit(code);
    }

    /**
     * Whether this is a process of the cluster, such as a JobManager that a jar was submitted to,
     * and not the client of Flink's command line, which runs programs in the same way.
     */
    private static boolean isRunByCluster() {
        Set<String> callers =
                StackWalker.getInstance()
                        .walk(
                                frames ->
                                        frames.map(StackWalker.StackFrame::getClassName)
                                                .collect(Collectors.toSet()));
        return callers.contains("org.apache.flink.client.program.PackagedProgram")
                && !callers.contains("org.apache.flink.client.cli.CliFrontend");
    }

    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        addHelp(commandLine);
        commandLine.getSubcommands().values().forEach(Main::addHelp);
        return commandLine
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(
                        (wrong, given) -> {
                            err.println(wrong.getMessage());
                            err.println("Try --help.");
                            return ExitCode.USAGE;
                        })
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> {
                            Throwable reason = reason(failure);
                            if (reason instanceof ConfigException) {
                                err.println(reason.getMessage());
                                return ExitCode.USAGE;
                            }
                            if (reason instanceof RefusedException) {
                                err.println(reason.getMessage());
                                return ExitCode.REFUSED;
                            }
                            report(reason, err);
                            return ExitCode.FAILED;
                        })
                .execute(args);
    }

    private static void addHelp(CommandLine command) {
        command.getCommandSpec()
                .addOption(
                        OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .description("Print this.")
                                .build());
    }

    /** Futures wrap what went wrong into an exception that says nothing. */
    private static Throwable reason(Throwable failure) {
        Throwable inner = failure;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static void report(Throwable failure, PrintWriter err) {
        err.println("Failed: " + words(failure));
        String earlier = words(failure);
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            String words = words(cause);
            // Flink wraps an exception into others that repeat its words.
            if (!earlier.contains(words)) {
                err.println("  because: " + words);
            }
            earlier = words;
        }
    }

    private static String words(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
    }
}
