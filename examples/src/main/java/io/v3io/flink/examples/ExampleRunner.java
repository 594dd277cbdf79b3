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

import io.v3io.client.model.StreamPath;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Runs an example as a command: options, {@code --help}, and errors for people. */
final class ExampleRunner {

    private ExampleRunner() {}

    /**
     * Runs a command.
     *
     * @return 0 if it did what it should, 1 if that failed, 2 if its options are wrong
     */
    static int run(Callable<Integer> command, PrintStream out, PrintStream err, String... args) {
        CommandLine commandLine = new CommandLine(command);
        commandLine
                .getCommandSpec()
                .addOption(
                        OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .description("Print this.")
                                .build());
        return commandLine
                .registerConverter(StreamPath.class, ExampleRunner::streamPath)
                .setOut(new PrintWriter(out, true, Charset.defaultCharset()))
                .setErr(new PrintWriter(err, true, Charset.defaultCharset()))
                .setParameterExceptionHandler(
                        (wrong, given) -> {
                            err.println(wrong.getMessage());
                            err.println("Try --help.");
                            return CommandLine.ExitCode.USAGE;
                        })
                .setExecutionExceptionHandler(
                        (failure, failed, parsed) -> {
                            report(withoutWrappers(failure), err);
                            return CommandLine.ExitCode.SOFTWARE;
                        })
                .execute(args);
    }

    private static StreamPath streamPath(String text) {
        try {
            return StreamPath.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(e.getMessage());
        }
    }

    /** Futures wrap what went wrong into an exception that says nothing. */
    private static Throwable withoutWrappers(Throwable failure) {
        Throwable inner = failure;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static void report(Throwable failure, PrintStream err) {
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
