package io.v3io.flink.benchmarks.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Another program of this class path in a process of its own, whose CPU time is not ours. It ends
 * with this one.
 */
public final class JavaProcess implements AutoCloseable {

    private static final long END_SECONDS = 20;

    private final Process process;
    private final Thread hook;

    private JavaProcess(Process process) {
        this.process = process;
        this.hook = new Thread(process::destroyForcibly, "end-of-child");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a main class with these flags for the JVM and these arguments. */
    public static JavaProcess start(List<String> flags, Class<?> main, List<String> arguments)
            throws IOException {
        return start(flags, main.getName(), arguments);
    }

    public static JavaProcess start(List<String> flags, String main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        String logging = System.getProperty("log4j2.configurationFile");
        if (logging != null) {
            command.add("-Dlog4j2.configurationFile=" + logging);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return new JavaProcess(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** The rest of the first line that starts like this; what comes before is of no interest. */
    public String awaitLine(String start) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
        }
        throw new IOException("A process has ended before it printed '" + start + "'.");
    }

    /** Waits for it to end by itself. */
    public void awaitSuccess() throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("A process has failed: " + output);
        }
        close();
    }

    @Override
    public void close() throws InterruptedException {
        Runtime.getRuntime().removeShutdownHook(hook);
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
